import { beforeAll, describe, expect, it } from "vitest";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import type { LedgerReader } from "../../../core/ledger/reader.ts";
import { createMeteredReader } from "../../../core/storage-service/metered-reader.ts";
import { STORAGE_DB_READ_LATENCY } from "../../../core/storage-service/metrics.ts";
import { UNKNOWN_REQUESTER } from "../../../core/storage-service/requester.ts";
import { createStorageServer } from "../../../core/storage-service/storage-server.ts";
import { expectSyncErrorFrom } from "../../helpers/expect-sync-error.ts";
import { expectLedgerEquals } from "../../helpers/ledger-checks.ts";
import { buildSizedWorld, type SizedWorld } from "../../helpers/range-world.ts";
import { createRecordingMetrics } from "../../helpers/recording-metrics.ts";
import { withSlowRuns } from "../../helpers/slow-reader.ts";
import { createVirtualClock } from "../../helpers/virtual-clock.ts";

let world: SizedWorld;

beforeAll(async () => {
  world = await buildSizedWorld([{ count: 4 }, { count: 4 }, { count: 4 }]);
});

function metered(msPerRun = 0) {
  const clock = createVirtualClock();
  const seconds: number[] = [];
  const metrics = createRecordingMetrics();
  const reader = createMeteredReader(withSlowRuns(world.reader, clock, msPerRun), {
    clock,
    metrics: {
      ...metrics,
      observe(metric, labels, took) {
        metrics.observe(metric, labels, took);
        seconds.push(took);
      },
    },
  });
  const reads = (method: string, result = "success") => metrics.valueOf(STORAGE_DB_READ_LATENCY, method, result);
  return { reader, reads, seconds, clock };
}

async function firstRun<T>(runs: AsyncIterable<T>): Promise<T | undefined> {
  for await (const run of runs) return run;
  return undefined;
}

describe("a metered reader", () => {
  it("answers like the reader it wraps, and measures every method by its name", async () => {
    const { reader, reads } = metered();
    await expectLedgerEquals(reader, world.reference, 14, world.context);
    await reader.transactionVersion(new Uint8Array(32));
    await reader.accumulatorAt(3n);
    await reader.epochEndings(0n, 2);
    await reader.epochEndingAt(3n);
    await firstRun(reader.transactionRuns({ firstVersion: 1n, count: 9 }));
    const methods = [
      ...["progress", "epoch_endings", "epoch_ending_at", "read_chunk", "transaction_runs", "range_proof"],
      ...["inclusion_proof", "accumulator_at", "checkpoint_at_or_below", "state_root", "state_count", "state_runs"],
      ...["state_range_proof", "state_value", "transaction_version"],
    ];
    expect(methods.filter((method) => reads(method) === 0)).toEqual([]);
    const ofReader: (keyof LedgerReader)[] = Object.keys(reader) as (keyof LedgerReader)[];
    expect(ofReader.length).toBe(methods.length + 1);
  });

  it("counts a failure as one, and passes the error on", async () => {
    const { reader, reads } = metered();
    await expectSyncErrorFrom(reader.stateCount(11n), "NOT_A_CHECKPOINT");
    await expectSyncErrorFrom(
      firstRun(reader.stateRuns({ version: 11n, firstIndex: 0n, count: 1 })),
      "NOT_A_CHECKPOINT",
    );
    expect([reads("state_count", "failure"), reads("state_runs", "failure")]).toEqual([1, 1]);
    expect([reads("state_count"), reads("state_runs")]).toEqual([0, 0]);
  });

  it("measures a pass over runs as one call, without what its caller does between them", async () => {
    const { reader, reads, seconds, clock } = metered(20);
    for await (const _ of reader.transactionRuns({ firstVersion: 1n, count: 12 })) clock.advance(1_000);
    expect([reads("transaction_runs"), seconds]).toEqual([1, [0.06]]);
    await firstRun(reader.transactionRuns({ firstVersion: 1n, count: 12 }));
    expect([reads("transaction_runs"), seconds.at(-1)]).toEqual([2, 0.02]);
  });

  it("is what a server with metrics reads through, once", async () => {
    const metrics = createRecordingMetrics();
    const { reader, context } = world;
    const server = createStorageServer({ reader, context, metrics, clock: createVirtualClock(), log: SILENT_LOG });
    await server.answer({ kind: "getNumberOfStatesAtVersion", version: 12n }, UNKNOWN_REQUESTER);
    expect(metrics.valueOf(STORAGE_DB_READ_LATENCY, "state_count", "success")).toBe(1);
    expect(metrics.valueOf(STORAGE_DB_READ_LATENCY, "progress", "success")).toBeGreaterThan(0);
  });
});
