import { beforeAll, describe, expect, it } from "vitest";
import { createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import type { TransactionChunk } from "../../../core/chain/transaction-chunk.ts";
import { createLedgerKeys, FIRST_GENERATION } from "../../../core/ledger/keys.ts";
import { createLedger, openLedgerReader } from "../../../core/ledger/open-ledger.ts";
import type { LedgerReader } from "../../../core/ledger/reader.ts";
import { CHUNK_COLUMNS, joinChunks } from "../../../core/ledger/segment.ts";
import { encodeHex } from "../../../core/bytes/hex.ts";
import { type CountedKv, withReadCounts } from "../../helpers/counted-kv.ts";
import { commitBlock, ledgerContext, readStates } from "../../helpers/ledger-checks.ts";
import { createSyntheticLedger } from "../../helpers/synthetic-ledger.ts";

const context = ledgerContext();
const keys = createLedgerKeys(FIRST_GENERATION);

let reader: LedgerReader;
let counted: CountedKv;

/** 61 versions in segments of some hundred KiB, the first 41 in one epoch; 60 keys written over and over. */
beforeAll(async () => {
  const reference = createSyntheticLedger(context, 11);
  counted = withReadCounts(createMemoryKv());
  const genesis = reference.next({ count: 1 });
  const ledger = await createLedger(counted.kv, { context, waypoint: reference.waypoint() });
  await commitBlock(ledger, reference, genesis);
  for (const endsEpoch of [false, true, false]) {
    await commitBlock(ledger, reference, reference.next({ count: 20, valueBytes: 9_000, endsEpoch }));
  }
  reader = await openLedgerReader(counted.kv, { context });
});

async function runsOf(firstVersion: bigint, count: number, most = Infinity) {
  const runs: TransactionChunk[] = [];
  for await (const run of reader.transactionRuns({ firstVersion, count })) {
    runs.push(run);
    if (runs.length >= most) break;
  }
  return runs;
}

describe("runs of transactions", () => {
  it("are the chunk in pieces, up to the end of the epoch", async () => {
    for (const [first, count] of [[1n, 100], [3n, 30], [17n, 1], [40n, 5], [41n, 100], [60n, 1]] as const) {
      const [head, ...rest] = await runsOf(first, count);
      const whole = await reader.readChunk({ firstVersion: first, count, maxBytes: 1e9 });
      expect(joinChunks([head as TransactionChunk, ...rest])).toEqual(whole);
    }
    expect((await runsOf(1n, 100)).length).toBeGreaterThan(3);
  });

  it("read every segment once, and none that nobody asks for", async () => {
    const { counts, reset } = counted;
    const segmentReads = () => {
      const prefix = encodeHex(keys.segment(0n).subarray(0, 2));
      return [...counts.byKey].filter(([key]) => key.startsWith(prefix)).map(([, times]) => times);
    };
    reset();
    const runs = await runsOf(1n, 40);
    expect(segmentReads()).toEqual(runs.map(() => 1));
    reset();
    await runsOf(1n, 40, 1);
    expect(segmentReads()).toEqual([1]);
  });

  it("are refused like a chunk, when they are asked for", async () => {
    await expect(runsOf(61n, 1)).rejects.toMatchObject({ code: "NOT_SERVICEABLE" });
    await expect(runsOf(1n, 0)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("have every column of the same length", async () => {
    for (const run of await runsOf(1n, 40)) {
      expect(CHUNK_COLUMNS.map((name) => run[name].count)).toEqual(CHUNK_COLUMNS.map(() => run.count));
    }
  });
});

describe("runs of state items", () => {
  it("read every page once where the items of many versions lie between each other", async () => {
    const reference = createSyntheticLedger(context, 12);
    const { kv, counts, reset } = withReadCounts(createMemoryKv());
    const genesis = reference.next({ count: 1 });
    const ledger = await createLedger(kv, { context, waypoint: reference.waypoint() });
    await commitBlock(ledger, reference, genesis);
    for (let block = 0; block < 6; block++) {
      await commitBlock(ledger, reference, reference.next({ count: 5, writes: 3, valueBytes: 300 }));
    }
    const reader = await openLedgerReader(kv, { context });
    reset();
    const items = await readStates(reader, { version: 30n, firstIndex: 0n, count: 1_000 });
    expect(items).toHaveLength((reference.states.get(30n) ?? []).length);
    expect(items.length).toBeGreaterThan(32);
    const prefix = encodeHex(keys.statePage(0n, 0).subarray(0, 2));
    const pageReads = [...counts.byKey].filter(([key]) => key.startsWith(prefix)).map(([, times]) => times);
    expect(pageReads.length).toBeGreaterThan(3);
    expect(new Set(pageReads)).toEqual(new Set([1]));
  });

  it("become shorter where items are large", async () => {
    const reference = createSyntheticLedger(context, 13);
    const genesis = reference.next({ count: 1 });
    const ledger = await createLedger(createMemoryKv(), { context, waypoint: reference.waypoint() });
    await commitBlock(ledger, reference, genesis);
    await commitBlock(ledger, reference, reference.next({ count: 60, writes: 3, valueBytes: 60_000 }));
    const counts: number[] = [];
    for await (const run of ledger.stateRuns({ version: 60n, firstIndex: 0n, count: 1_000 })) {
      counts.push(run.stateKeys.count);
    }
    expect(counts[0]).toBe(32);
    expect(counts[1]).toBe(4);
  });
});
