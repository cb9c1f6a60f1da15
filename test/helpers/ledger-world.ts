/**
 * A ledger in memory that follows a synthetic one: genesis and a block of three transactions.
 *
 * @module
 */
import { createMemoryDisk, createMemoryKv, type MemoryDisk } from "../../adapters/memory/memory-kv.ts";
import { createLedger } from "../../core/ledger/open-ledger.ts";
import type { LedgerWriter } from "../../core/ledger/writer.ts";
import { commitBlock, ledgerContext } from "./ledger-checks.ts";
import { createSyntheticLedger, type SyntheticLedger } from "./synthetic-ledger.ts";

/** A ledger, where its bytes are, and what it must hold. */
export interface LedgerWorld {
  readonly disk: MemoryDisk;
  readonly ledger: LedgerWriter;
  readonly reference: SyntheticLedger;
}

/** Creates the ledger and commits four versions. The same every time. */
export async function createLedgerWorld(): Promise<LedgerWorld> {
  const context = ledgerContext();
  const disk = createMemoryDisk();
  const reference = createSyntheticLedger(context, 77);
  const genesis = reference.next({ count: 1 });
  const ledger = await createLedger(createMemoryKv(disk), { context, waypoint: reference.waypoint() });
  await commitBlock(ledger, reference, genesis);
  await commitBlock(ledger, reference, reference.next({ count: 3 }));
  return { disk, ledger, reference };
}
