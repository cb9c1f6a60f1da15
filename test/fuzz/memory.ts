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

/**
 * Most growth, in bytes a case, once caches and tables are full. A thing of any size that is remembered for every request (an
 * address, a promise, a map's entry) takes ten times as much.
 */
const MAX_GROWTH_PER_CASE = 16;

/** What a heap may differ by from one sample to another without anything being kept: compiled code, pools, fragmentation. */
const NOISE_BYTES = 16 * 1024 * 1024;

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

/** Bytes a case of growth: the slope of the line through the samples of the last two thirds of a run (least squares). */
export function growthPerCase(samples: readonly MemorySample[]): number {
  const late = samples.slice(Math.floor(samples.length / 3));
  const meanCases = mean(late.map(({ cases }) => cases));
  const meanBytes = mean(late.map(({ bytes }) => bytes));
  const spread = late.reduce((sum, { cases }) => sum + (cases - meanCases) ** 2, 0);
  const product = late.reduce((sum, { cases, bytes }) => sum + (cases - meanCases) * (bytes - meanBytes), 0);
  return spread === 0 ? 0 : product / spread;
}

/**
 * Why memory is not bounded, or `undefined` if it is as far as this run tells.
 *
 * @param mayKeepBytes What caches and tables may hold: a short run may end before they are full.
 */
export function growthProblem(samples: readonly MemorySample[], mayKeepBytes: number): string | undefined {
  const [first, last] = [samples[Math.floor(samples.length / 3)], samples.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const slope = growthPerCase(samples);
  const grown = slope * (last.cases - first.cases);
  if (slope <= MAX_GROWTH_PER_CASE || grown <= NOISE_BYTES + mayKeepBytes) return undefined;
  return `memory grows by ${slope.toFixed(1)} bytes a case, at most ${MAX_GROWTH_PER_CASE} are allowed`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
