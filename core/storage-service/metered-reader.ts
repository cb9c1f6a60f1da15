/**
 * A ledger reader that measures how long the calls of another one take.
 *
 * @module
 */
import type { LedgerReader } from "../ledger/reader.ts";
import type { Clock } from "../ports/clock.ts";
import type { Metrics } from "../ports/metrics.ts";
import { FAILURE, SUCCESS } from "./metric-labels.ts";
import { STORAGE_DB_READ_LATENCY } from "./metrics.ts";

/**
 * Measures every call of `reader` by the name of its method. A pass over runs is one call: the time that its caller takes
 * between two runs is not counted. Wrap a reader once, where a server is put together.
 *
 * @param parts.clock Where it stands still during reads (Workers), everything takes no time.
 */
export function createMeteredReader(
  reader: LedgerReader,
  { metrics, clock }: { readonly metrics: Metrics; readonly clock: Pick<Clock, "monotonicMs"> },
): LedgerReader {
  const observe = (method: string, result: string, tookMs: number) =>
    metrics.observe(STORAGE_DB_READ_LATENCY, [method, result], tookMs / 1000);

  async function timed<T>(method: string, call: () => Promise<T>): Promise<T> {
    const startedMs = clock.monotonicMs();
    let result = FAILURE;
    try {
      const value = await call();
      result = SUCCESS;
      return value;
    } finally {
      observe(method, result, clock.monotonicMs() - startedMs);
    }
  }

  async function* timedRuns<T>(method: string, runs: AsyncIterable<T>): AsyncGenerator<T> {
    let tookMs = 0;
    let resumedMs = clock.monotonicMs();
    let result = FAILURE;
    try {
      for await (const run of runs) {
        tookMs += clock.monotonicMs() - resumedMs;
        // Who leaves the loop here has what it wanted.
        result = SUCCESS;
        yield run;
        result = FAILURE;
        resumedMs = clock.monotonicMs();
      }
      tookMs += clock.monotonicMs() - resumedMs;
      result = SUCCESS;
    } finally {
      observe(method, result, tookMs);
    }
  }

  return {
    progress: () => timed("progress", () => reader.progress()),
    epochEndings: (first, count) => timed("epoch_endings", () => reader.epochEndings(first, count)),
    epochEndingAt: (version) => timed("epoch_ending_at", () => reader.epochEndingAt(version)),
    readChunk: (request) => timed("read_chunk", () => reader.readChunk(request)),
    transactionRuns: (request) => timedRuns("transaction_runs", reader.transactionRuns(request)),
    rangeProof: (request) => timed("range_proof", () => reader.rangeProof(request)),
    inclusionProof: (version, proofVersion) =>
      timed("inclusion_proof", () => reader.inclusionProof(version, proofVersion)),
    accumulatorAt: (leafCount) => timed("accumulator_at", () => reader.accumulatorAt(leafCount)),
    checkpointAtOrBelow: (version) => timed("checkpoint_at_or_below", () => reader.checkpointAtOrBelow(version)),
    stateRoot: (version) => timed("state_root", () => reader.stateRoot(version)),
    stateCount: (version) => timed("state_count", () => reader.stateCount(version)),
    stateRuns: (request) => timedRuns("state_runs", reader.stateRuns(request)),
    stateRangeProof: (version, lastKey) => timed("state_range_proof", () => reader.stateRangeProof(version, lastKey)),
    stateValue: (version, keyHash) => timed("state_value", () => reader.stateValue(version, keyHash)),
    transactionVersion: (hash) => timed("transaction_version", () => reader.transactionVersion(hash)),
    close: () => reader.close(),
  };
}
