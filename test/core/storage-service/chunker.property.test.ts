import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Column, concatColumns, encodeColumn } from "../../../core/bytes/column.ts";
import { cutList, leadingItems, tryList } from "../../../core/storage-service/chunker.ts";
import { createReadBudget, type ReadBudgetLimits } from "../../../core/storage-service/read-budget.ts";
import { type ColumnRun, RunSource } from "../../../core/storage-service/run-source.ts";
import { MAX_ACCUMULATOR_SIBLINGS } from "../../../core/wire/limits.ts";
import { type DataResponse, encodeResponse } from "../../../core/wire/response.ts";
import { expectSyncErrorFrom } from "../../helpers/expect-sync-error.ts";
import { referenceCut } from "../../helpers/reference-cut.ts";
import { createVirtualClock } from "../../helpers/virtual-clock.ts";

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const CHAIN = new Uint8Array(32).fill(7);
const SIBLINGS = new Uint8Array(32 * MAX_ACCUMULATOR_SIBLINGS);
/** Right siblings of a state range that still fit what is set aside: two keys whose hashes share 128 bits have as many. */
const STATE_SIBLINGS = new Uint8Array(32 * 128);
const HARD_MAX_BYTES = 1 << 20;

const itemBytes = fc.oneof(fc.nat(20), fc.nat(300), fc.nat(3_000)).map((length) => new Uint8Array(length));

/** Items in runs: `runs[r][c]` is column c of run r. */
const plans = fc.record({
  width: fc.constantFrom(1, 2, 3, 4, 5),
  runLengths: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
  first: fc.bigInt({ min: 0n, max: 500n }),
  beyond: fc.oneof(fc.constant(0), fc.nat(20)),
  maxItems: fc.integer({ min: 1, max: 60 }),
  maxBytes: fc.oneof(fc.integer({ min: 0, max: 4_700 }), fc.integer({ min: 4_600, max: 20_000 })),
}).chain(({ width, runLengths, ...rest }) =>
  fc.record({
    runs: fc.tuple(...runLengths.map((length) =>
      fc.array(fc.array(itemBytes, { minLength: length, maxLength: length }), { minLength: width, maxLength: width })
        .map((columns): ColumnRun => columns.map(encodeColumn))
    )),
    width: fc.constant(width),
    stored: fc.constant(runLengths.reduce((sum, length) =>
      sum + length, 0)),
    ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, fc.constant(value)])) as {
      [name in keyof typeof rest]: fc.Arbitrary<(typeof rest)[name]>;
    },
  })
);

type Plan = typeof plans extends fc.Arbitrary<infer P> ? P : never;

/** A source that lets `msPerRun` pass for every run, and the clock. A store gives no more than is asked for. */
function sourceOf({ runs, maxItems }: Plan, limits: ReadBudgetLimits = { maxMs: 1 }, msPerRun = 0) {
  const clock = createVirtualClock();
  const budget = createReadBudget(clock, limits);
  let reads = 0;
  async function* give() {
    let left = maxItems;
    for (const run of runs) {
      if (left <= 0) return;
      clock.advance(msPerRun);
      reads++;
      const count = Math.min(left, run[0]?.count ?? 0);
      left -= count;
      yield run.map((column) => encodeColumn(itemsOf(column).slice(0, count)));
    }
  }
  return { source: new RunSource(give(), budget), budget, readCount: () => reads };
}

function itemsOf(column: Column): Uint8Array[] {
  return Array.from({ length: column.count }, (_, i) => column.data.slice(column.offsets[i], column.offsets[i + 1]));
}

function limitsOf({ first, stored, beyond, maxItems, maxBytes, width }: Plan) {
  return { first, wanted: stored + beyond, maxItems: Math.min(maxItems, stored), maxBytes, width };
}

/** The largest answer with these columns: every integer at its largest, and all siblings there can be. */
function largestFrame(columns: readonly Column[]): number {
  const [first, ...rest] = columns as [Column, ...Column[]];
  return encodeResponse(CHAIN, answerWith(first, rest)).length;
}

function answerWith(first: Column, rest: readonly Column[]): DataResponse {
  const [second, third, fourth, fifth] = rest;
  if (second === undefined) {
    return { kind: "epochEndingLedgerInfos", firstEpoch: U64_MAX, lastEpoch: U64_MAX, ledgerInfos: first };
  }
  if (third === undefined) {
    const key = new Uint8Array(32);
    const [version, firstIndex, lastIndex] = [U64_MAX, U64_MAX, U64_MAX];
    const items = { stateKeys: first, stateValues: second, proof: { rightSiblings: STATE_SIBLINGS } };
    const range = { version, firstIndex, lastIndex, firstKey: key, lastKey: key, rootHash: key };
    return { kind: "stateValueChunkWithProof", ...range, ...items };
  }
  const proven = {
    firstVersion: U64_MAX,
    lastVersion: U64_MAX,
    proofVersion: U64_MAX,
    proof: { leftSiblings: SIBLINGS, rightSiblings: SIBLINGS },
    transactions: first,
    infos: second,
    auxiliaryInfos: third,
  };
  const data = fourth === undefined || fifth === undefined
    ? { list: "transactions" as const, ...proven, ...(fourth === undefined ? {} : { events: fourth }) }
    : { list: "outputs" as const, ...proven, events: fourth, writeSets: fifth };
  return { kind: "transactionDataWithProof", data };
}

describe("the chunker, against an answer that is encoded and measured", () => {
  it("cuts at the largest aligned prefix that fits, and stays within the byte limit but for one item", async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const { source, budget } = sourceOf(plan);
        const limits = limitsOf(plan);
        const { count, truncation } = await cutList(source, { ...limits, hardMaxBytes: HARD_MAX_BYTES }, budget);
        const all = Array.from(
          { length: plan.width },
          (_, c) => concatColumns(plan.runs.map((run) => run[c] as Column)),
        );
        expect(count).toBe(referenceCut(all, limits));
        const columns = all.map((_, c) => leadingItems(source, c, count));
        columns.forEach((column, c) => {
          expect(column).toEqual(encodeColumn(itemsOf(all[c] as Column).slice(0, count)));
        });
        if (count > 1) expect(largestFrame(columns)).toBeLessThanOrEqual(plan.maxBytes);
        const whole = referenceCut(all, { ...limits, wanted: limits.maxItems }) === limits.maxItems;
        expect(truncation).toBe(whole || limits.maxItems === 1 ? undefined : "size");
      }),
      { numRuns: 600 },
    );
  });

  it("reads one run when the time is up at once, and ends on an aligned boundary of what it read", async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.integer({ min: 1, max: 7 }), async (plan, runsInTime) => {
        const limits = limitsOf(plan);
        // With one run in time, the time is up before anything is read.
        const maxMs = runsInTime === 1 ? 0 : 10 * (runsInTime - 1) + 1;
        const { source, budget, readCount } = sourceOf(plan, { maxMs }, 10);
        const { count, truncation } = await cutList(source, { ...limits, hardMaxBytes: HARD_MAX_BYTES }, budget);
        const read = Array.from(
          { length: plan.width },
          (_, c) => concatColumns(source.read.map((run) => run[c] as Column)),
        );
        const inTime = read[0]?.count ?? 0;
        expect(readCount()).toBeLessThanOrEqual(runsInTime);
        expect(count).toBe(referenceCut(read, { ...limits, maxItems: Math.min(limits.maxItems, inTime) }));
        if (truncation === "time") expect(readCount()).toBe(runsInTime);
        if (truncation === undefined) expect(inTime).toBe(limits.maxItems);
      }),
      { numRuns: 300 },
    );
  });

  it("reads no more than its budget of bytes where the clock stands still, whatever of it the list holds", async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.nat(20_000), async (plan, maxBytes) => {
        const { source, budget, readCount } = sourceOf(plan, { maxMs: 1, maxBytes });
        const limits = { ...limitsOf(plan), width: 1, hardMaxBytes: HARD_MAX_BYTES };
        source.narrow(1);
        const { count, truncation } = await cutList(source, limits, budget);
        const sizes = plan.runs.map((run) => run.reduce((sum, { bytes }) => sum + bytes.length, 0));
        const before = sizes.slice(0, readCount() - 1).reduce((sum, size) => sum + size, 0);
        expect(readCount() === 1 || before < maxBytes).toBe(true);
        expect(count).toBeGreaterThanOrEqual(1);
        if (truncation === "time") expect(before + (sizes[readCount() - 1] as number)).toBeGreaterThanOrEqual(maxBytes);
      }),
      { numRuns: 300 },
    );
  });

  it("tells of a list whether it holds everything, and reads nothing twice to try another", async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const { source, budget, readCount } = sourceOf(plan);
        const limits = limitsOf(plan);
        const all = Array.from(
          { length: plan.width },
          (_, c) => concatColumns(plan.runs.map((run) => run[c] as Column)),
        );
        const trial = await tryList(source, { ...limits, hardMaxBytes: HARD_MAX_BYTES }, budget);
        const size = all.reduce(
          (sum, column) =>
            sum + encodeColumn(itemsOf(column).slice(0, limits.maxItems)).bytes.length - encodeColumn([]).bytes.length,
          4_608,
        );
        expect(trial.holdsEverything).toBe(size <= plan.maxBytes);
        if (!trial.holdsEverything) expect(trial.truncation).toBe("size");
        await cutList(source, { ...limits, width: 1, hardMaxBytes: HARD_MAX_BYTES }, budget);
        expect(readCount()).toBe(source.read.length);
        expect(readCount()).toBeLessThanOrEqual(plan.runs.length);
      }),
      { numRuns: 300 },
    );
  });

  it("refuses a first item above the server's own limit, and tells both", async () => {
    const clock = createVirtualClock();
    async function* give(length: number) {
      yield [encodeColumn([new Uint8Array(length)])];
    }
    const limits = { first: 3n, wanted: 1, maxItems: 1, maxBytes: 1, hardMaxBytes: 10_000, width: 1 };
    const budget = createReadBudget(clock, { maxMs: 1 });
    const cut = (length: number) => cutList(new RunSource(give(length), budget), limits, budget);
    expect(await cut(10_000 - 4_608 - 4)).toEqual({ count: 1 });
    const error = await expectSyncErrorFrom(cut(10_000 - 4_608 - 3), "TOO_LARGE");
    expect(error.detail).toEqual({ limit: 10_000, value: 10_001 });
  });
});

describe("a source of runs", () => {
  it("keeps only the columns that are wanted, in memory of their own", async () => {
    const segment = encodeColumn([new Uint8Array(1_000_000)]);
    const small = { ...encodeColumn([new Uint8Array(5)]) };
    const shared = new Uint8Array(segment.bytes.buffer, 0, small.bytes.length);
    shared.set(small.bytes);
    async function* give() {
      yield [{ ...small, bytes: shared, data: shared.subarray(12) }, segment];
    }
    const source = new RunSource(give(), createReadBudget(createVirtualClock(), { maxMs: 1 }));
    source.narrow(1);
    const run = await source.next();
    expect(run?.length).toBe(1);
    expect(run?.[0]?.bytes.buffer.byteLength).toBe(small.bytes.length);
    expect(run?.[0]).toEqual(small);
    expect(await source.next()).toBeUndefined();
  });

  it("ends the pass when it is closed", async () => {
    let ended = false;
    async function* give() {
      try {
        yield [encodeColumn([new Uint8Array(1)])];
        yield [encodeColumn([new Uint8Array(1)])];
      } finally {
        ended = true;
      }
    }
    const source = new RunSource(give(), createReadBudget(createVirtualClock(), { maxMs: 1 }));
    await source.next();
    await source.close();
    expect(ended).toBe(true);
  });
});
