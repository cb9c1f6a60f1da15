import fc from "fast-check";
import { describe, it } from "vitest";
import { createMemoryDisk, createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { createLedger, openLedgerWriter } from "../../../core/ledger/open-ledger.ts";
import { commitBlock, expectLedgerEquals, ledgerContext } from "../../helpers/ledger-checks.ts";
import { createSyntheticLedger, type SyntheticLedger } from "../../helpers/synthetic-ledger.ts";

const context = ledgerContext();

const step = fc.record({
  count: fc.integer({ min: 1, max: 6 }),
  writes: fc.integer({ min: 0, max: 6 }),
  endsEpoch: fc.boolean(),
  hasCheckpoint: fc.boolean(),
  isSigned: fc.boolean(),
  /** How the store is opened again afterwards, if it is. */
  reopen: fc.constantFrom(undefined, {}, { nodeCacheBytes: 0, recordCacheBytes: 0 }),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function nextBlock(reference: SyntheticLedger, { hasCheckpoint, isSigned, count, writes, endsEpoch }: Step) {
  const checkpoints = hasCheckpoint ? {} : { checkpoints: [] };
  const { chunk, ledgerInfo } = reference.next({ count, writes, endsEpoch, ...checkpoints });
  return { chunk, ...(isSigned || endsEpoch ? { ledgerInfo } : {}) };
}

async function runPlan(seed: number, plan: readonly Step[]): Promise<void> {
  const reference = createSyntheticLedger(context, seed);
  const disk = createMemoryDisk();
  const genesis = reference.next({ count: 1 });
  let ledger = await createLedger(createMemoryKv(disk), { context, waypoint: reference.waypoint() });
  await commitBlock(ledger, reference, genesis);
  for (const next of plan) {
    await commitBlock(ledger, reference, nextBlock(reference, next));
    if (next.reopen === undefined) continue;
    await ledger.close();
    ledger = await openLedgerWriter(createMemoryKv(disk), { context, ...next.reopen });
  }
  await expectLedgerEquals(ledger, reference, reference.versions.length, context);
}

describe("ledger store against arrays and maps", () => {
  it("answers like the reference after any run of blocks, epochs and restarts", async () => {
    const plans = fc.array(step, { maxLength: 6 });
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), plans, runPlan), { numRuns: 60 });
  });
});
