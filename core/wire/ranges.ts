/**
 * Canonical ranges: aligned blocks that end with their epoch, so that every client, cache and mirror meets at the same URL.
 *
 * A canonical range is [i·2^k, (i+1)·2^k − 1], clipped at the last version of its epoch and proven at that version. The
 * answer to one is a function of the ledger alone. Clients plan canonical ranges only, each *starting* at the version
 * they need, so nothing that is committed is asked for again; an epoch that starts at an odd place begins with short ones.
 * Epoch pages and state chunks are cut the same way by index, clipped at the last epoch or index.
 *
 * @module
 */
import { SyncError } from "../errors.ts";

/** Consecutive versions, epochs or indexes. */
export interface CanonicalRange {
  /** First one. */
  readonly first: bigint;
  /** ≥ 1. */
  readonly count: number;
}

/**
 * The canonical range to ask for next: the largest aligned block of 2^k ≤ `maximum` that starts at `first`, clipped at `last`.
 *
 * @param first Version (or epoch, or index) wanted.
 * @param options.maximum Most items, ≥ 1; need not be a power of two.
 * @param options.last Last version of the epoch (or the last epoch, or index) known; ≥ `first`.
 * @throws {SyncError} `INVALID_ARGUMENT` if `maximum` < 1 or `last` < `first`.
 */
export function canonicalRangeFrom(first: bigint, options: { maximum: number; last: bigint }): CanonicalRange {
  const { maximum, last } = options;
  if (!(maximum >= 1) || last < first || first < 0n) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot plan range: maximum ${maximum} must be positive and last ${last} not below first ${first}`,
    );
  }
  let count = 2 ** Math.floor(Math.log2(maximum));
  while (first % BigInt(count) !== 0n) count /= 2;
  const left = last - first + 1n;
  return { first, count: left < BigInt(count) ? Number(left) : count };
}

/**
 * Tells whether first to last (inclusive) is a canonical range of at most `maximum` items.
 *
 * @param range Any two numbers.
 * @param options.last Where ranges are clipped: the last version of the epoch of `range.first`, the last index.
 */
export function isCanonicalRange(
  range: { readonly first: bigint; readonly last: bigint },
  options: { maximum: number; last: bigint },
): boolean {
  const { first, last } = range;
  const length = last - first + 1n;
  if (first < 0n || length < 1n || last > options.last || length > BigInt(Math.floor(options.maximum))) return false;
  let block = 1n;
  while (block < length) block *= 2n;
  if (first % block !== 0n || block > BigInt(Math.floor(options.maximum))) return false;
  return block === length || last === options.last;
}

/**
 * How many of `fitting` items from `first` on a shortened answer holds: it ends on the most aligned boundary in the upper
 * half of what fits, so that the rest can be asked for in large canonical ranges.
 *
 * @param first Start of the answer.
 * @param fitting Items that fit, ≥ 1.
 * @returns More than half of `fitting`, at most `fitting`.
 */
export function alignedCut(first: bigint, fitting: number): number {
  const highest = first + BigInt(fitting);
  const lowest = first + BigInt(Math.floor(fitting / 2));
  let block = 1n;
  while (highest - (highest % (2n * block)) > lowest) block *= 2n;
  return Number(highest - (highest % block) - first);
}
