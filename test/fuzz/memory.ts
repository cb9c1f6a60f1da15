/**
 * Memory over a run of the fuzzer: sampled after forced garbage collections, and judged by its slope.
 *
 * @module
 */
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What was held after so many cases. */
export interface MemorySample {
  readonly cases: number;
  readonly bytes: number;
}

/** The least leak that a run must tell, in bytes a case: an entry of a map with its key, or a promise and what it holds. */
export const LEAK_BYTES_PER_CASE = 1_024;

/** Part of a run in which caches and tables fill, code is compiled and pools grow: nothing that happens then says anything. */
const WARM_UP = 1 / 2;

/** What a heap may grow by after the warm-up without anything being kept: compiled code, fragmentation. */
const NOISE_BYTES = 12 * 1024 * 1024;

/**
 * Fewest cases after which memory is judged: a leak of {@link LEAK_BYTES_PER_CASE} stands out of the noise then, with a
 * quarter to spare for samples that do not fall on the end of the warm-up.
 */
export const LEAST_JUDGED_CASES: number = Math.ceil(1.25 * NOISE_BYTES / LEAK_BYTES_PER_CASE / (1 - WARM_UP));

let collect: (() => void) | undefined;

/** Bytes of this process's heap and of the buffers outside it that are in use, after a full collection. */
export async function heapBytes(): Promise<number> {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  // The first collection tells which buffers nobody holds any more, the second counts without them.
  await setImmediate();
  collect();
  await setImmediate();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes a case of growth after the warm-up: the slope of the line through the samples (least squares). */
export function growthPerCase(samples: readonly MemorySample[]): number {
  const late = afterWarmUp(samples);
  const meanCases = mean(late.map(({ cases }) => cases));
  const meanBytes = mean(late.map(({ bytes }) => bytes));
  const spread = late.reduce((sum, { cases }) => sum + (cases - meanCases) ** 2, 0);
  const product = late.reduce((sum, { cases, bytes }) => sum + (cases - meanCases) * (bytes - meanBytes), 0);
  return spread === 0 ? 0 : product / spread;
}

/** Tells whether a run was long enough to say anything of memory. */
export function isJudged(samples: readonly MemorySample[]): boolean {
  return (samples.at(-1)?.cases ?? 0) >= LEAST_JUDGED_CASES;
}

/** Why memory is not bounded, or `undefined` if it is, or if the run is too short to tell. */
export function growthProblem(samples: readonly MemorySample[]): string | undefined {
  const late = afterWarmUp(samples);
  const [first, last] = [late[0], late.at(-1)];
  if (first === undefined || last === undefined || !isJudged(samples)) return undefined;
  const slope = growthPerCase(samples);
  if (slope * (last.cases - first.cases) <= NOISE_BYTES) return undefined;
  return `memory grows by ${slope.toFixed(1)} bytes a case after the warm-up`;
}

function afterWarmUp(samples: readonly MemorySample[]): readonly MemorySample[] {
  const begin = WARM_UP * (samples.at(-1)?.cases ?? 0);
  return samples.filter(({ cases }) => cases >= begin);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
