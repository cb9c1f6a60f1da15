/**
 * Where an answer has to be cut, from the definition: it is encoded, item after item, and measured.
 *
 * @module
 */
import { type Column, columnItems, encodeColumn } from "../../core/bytes/column.ts";
import { ANSWER_OVERHEAD_BYTES } from "../../core/wire/limits.ts";

/** What an answer may hold. */
export interface CutLimits {
  /** Version, epoch or index of the first item. */
  readonly first: bigint;
  /** Items asked for. */
  readonly wanted: number;
  /** The item cap. */
  readonly maxItems: number;
  /** The byte limit. */
  readonly maxBytes: number;
}

/** Number of items of an answer: all, or the best aligned of the longer prefixes that fit; 1 if not even one does. */
export function referenceCut(columns: readonly Column[], limits: CutLimits): number {
  const { first, wanted, maxItems, maxBytes } = limits;
  const items = columns.map(columnItems);
  const sizeOf = (count: number) =>
    items.reduce((sum, column) => sum + encodeColumn(column.slice(0, count)).bytes.length, 0);
  const fits = (count: number) => sizeOf(count) - sizeOf(0) + ANSWER_OVERHEAD_BYTES <= maxBytes;
  let fitting = 0;
  while (fitting < Math.min(wanted, maxItems) && fits(fitting + 1)) fitting++;
  if (fitting >= wanted) return wanted;
  if (fitting <= 1) return 1;
  return bestAligned(first, fitting);
}

/** Of the counts above the half of `most`, the one that ends on the boundary divisible by the largest power of two. */
function bestAligned(first: bigint, most: number): number {
  const zeros = (value: bigint) => {
    let count = 0;
    while (value > 0n && (value >> BigInt(count)) % 2n === 0n) count++;
    return count;
  };
  let best = most;
  for (let count = most; count > Math.floor(most / 2); count--) {
    if (zeros(first + BigInt(count)) > zeros(first + BigInt(best))) best = count;
  }
  return best;
}
