import { describe, expect, it } from "vitest";
import { createMemoryDisk, createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { isSyncError } from "../../../core/errors.ts";
import { createLedger, openLedgerWriter } from "../../../core/ledger/open-ledger.ts";
import { readStoreRecord } from "../../../core/ledger/store-record.ts";
import type { LedgerWriter } from "../../../core/ledger/writer.ts";
import type { OrderedKv } from "../../../core/ports/ordered-kv.ts";
import { type CommitFault, withCommitFault } from "../../helpers/commit-fault.ts";
import { commitBlock, expectLedgerEquals, ledgerContext } from "../../helpers/ledger-checks.ts";
import { createSyntheticLedger, type SyntheticBlock } from "../../helpers/synthetic-ledger.ts";

const context = ledgerContext();
const FAULTS: CommitFault[] = ["lost", "unacknowledged"];

const reference = createSyntheticLedger(context, 21);
const blocks: SyntheticBlock[] = [
  reference.next({ count: 1 }),
  reference.next({ count: 4 }),
  reference.next({ count: 3, endsEpoch: true }),
  reference.next({ count: 5, checkpoints: [1] }),
  reference.next({ count: 2 }),
];

async function openOrCreate(kv: OrderedKv): Promise<LedgerWriter> {
  return (await readStoreRecord(kv)) === undefined
    ? await createLedger(kv, { context, waypoint: reference.waypoint() })
    : await openLedgerWriter(kv, { context });
}

/** Does everything that is not in the store yet, as a driver that was restarted does. */
async function run(kv: OrderedKv): Promise<LedgerWriter> {
  const ledger = await openOrCreate(kv);
  const { epochEndings } = await ledger.progress();
  if (epochEndings === undefined) await ledger.storeEpochEndings(reference.endings);
  for (const block of blocks) {
    const { preCommittedVersion } = await ledger.progress();
    if (block.chunk.firstVersion > (preCommittedVersion ?? -1n)) await commitBlock(ledger, reference, block);
  }
  return ledger;
}

async function commitCount(): Promise<number> {
  let commits = 0;
  const kv = createMemoryKv();
  await run({
    get: (key) => kv.get(key),
    getMany: (keys) => kv.getMany(keys),
    scan: (range, options) => kv.scan(range, options),
    close: () => kv.close(),
    commit: (batch, options) => {
      commits++;
      return kv.commit(batch, options);
    },
  });
  return commits;
}

const commits = await commitCount();
const cases = FAULTS.flatMap((fault) => Array.from({ length: commits }, (_, failAt) => ({ fault, failAt })));

describe("faults", () => {
  it("covers every commit of a run", () => {
    expect(commits).toBe(2 + blocks.length);
  });

  it.each(cases)("ends whole when commit $failAt is $fault and the process starts again", async ({ fault, failAt }) => {
    const disk = createMemoryDisk();
    await expect(run(withCommitFault(createMemoryKv(disk), failAt, fault))).rejects.toSatisfy((error) =>
      isSyncError(error, "STORAGE_FAILED")
    );
    const kv = createMemoryKv(disk);
    if ((await readStoreRecord(kv)) !== undefined) {
      const between = await openLedgerWriter(kv, { context });
      const { preCommittedVersion } = await between.progress();
      await expectLedgerEquals(between, reference, Number((preCommittedVersion ?? -1n) + 1n), context);
    }
    await expectLedgerEquals(await run(createMemoryKv(disk)), reference, reference.versions.length, context);
  });

  it.each(FAULTS)("goes on with the same writer after a commit was %s", async (fault) => {
    const ledger = await openOrCreate(withCommitFault(createMemoryKv(), 3, fault));
    for (const block of blocks) {
      await commitBlock(ledger, reference, block).catch((error) => {
        if (!isSyncError(error, "STORAGE_FAILED")) throw error;
      });
      const { preCommittedVersion } = await ledger.progress();
      if (block.chunk.firstVersion > (preCommittedVersion ?? -1n)) await commitBlock(ledger, reference, block);
    }
    await expectLedgerEquals(ledger, reference, reference.versions.length, context);
  });
});
