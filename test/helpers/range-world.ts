/**
 * Ledgers that are long enough for the reference's matrix of sizes and limits.
 *
 * @module
 */
import { createMemoryKv } from "../../adapters/memory/memory-kv.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import { createLedger } from "../../core/ledger/open-ledger.ts";
import type { LedgerReader } from "../../core/ledger/reader.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { SILENT_LOG } from "../../core/ports/log.ts";
import type { Metrics } from "../../core/ports/metrics.ts";
import type { OrderedKv } from "../../core/ports/ordered-kv.ts";
import type { StorageServiceConfig } from "../../core/storage-service/config.ts";
import { createStorageService, type StorageService } from "../../core/storage-service/service.ts";
import { buildDevnetWorld, type DevnetWorld } from "./devnet-world.ts";
import { commitBlock, ledgerContext } from "./ledger-checks.ts";
import { type BlockPlan, createSyntheticLedger, type SyntheticLedger } from "./synthetic-ledger.ts";
import { createVirtualClock } from "./virtual-clock.ts";

/** A devnet, and where its first epoch after genesis and its head end. */
export interface RangeWorld extends DevnetWorld {
  /** Last version of epoch 1: 320 or more. */
  readonly end: bigint;
  /** Newest version, in the open epoch after it. */
  readonly head: bigint;
}

/** Builds a devnet with more than 320 versions in one epoch, and some in the next. */
export async function buildRangeWorld(): Promise<RangeWorld> {
  const parameters = { accounts: 16, transactionsPerBlock: 110, epochBlocks: 3, validators: 1 };
  const world = await buildDevnetWorld({ blocks: 3, parameters });
  await world.devnet.produceBlock();
  const { committedVersion = 0n } = await world.ledger.progress();
  const [ending] = await world.ledger.epochEndings(1n, 1);
  return { ...world, end: ending?.ledgerInfo.commitInfo.version ?? 0n, head: committedVersion };
}

/** A ledger whose items have the size that a test wants, in segments of one block each. */
export interface SizedWorld {
  readonly reader: LedgerReader;
  readonly context: ChainContext;
  readonly reference: SyntheticLedger;
}

/** Builds a ledger: genesis, the blocks planned (the last one ends epoch 1), and one version after it. */
export async function buildSizedWorld(
  blocks: readonly BlockPlan[],
  kv: OrderedKv = createMemoryKv(),
): Promise<SizedWorld> {
  const context = ledgerContext();
  const reference = createSyntheticLedger(context, 5);
  const genesis = reference.next({ count: 1 });
  const ledger = await createLedger(kv, { context, waypoint: reference.waypoint() });
  await commitBlock(ledger, reference, genesis);
  for (const [i, plan] of blocks.entries()) {
    await commitBlock(ledger, reference, reference.next({ ...plan, endsEpoch: i === blocks.length - 1 }));
  }
  await commitBlock(ledger, reference, reference.next({ count: 1 }));
  return { reader: ledger, context, reference };
}

/** A storage service over any reader, whose views are never old. */
export function serviceOf(
  { reader, context }: Pick<SizedWorld, "reader" | "context">,
  options: { readonly config?: Partial<StorageServiceConfig>; readonly clock?: Clock; readonly metrics?: Metrics } = {},
): StorageService {
  return createStorageService({
    reader,
    context,
    config: { storageSummaryRefreshIntervalMs: 0, ...options.config },
    clock: options.clock ?? createVirtualClock(),
    log: SILENT_LOG,
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
  });
}
