/**
 * Ranges of several columns joined into one, without an object per item.
 *
 * @module
 */
import type { Column } from "./column.ts";
import { allocateColumn, offsetsOfLengths } from "./column-allocation.ts";

/** Items [first, first + count) of a column. */
export interface ColumnRange {
  readonly column: Column;
  /** Index of the first item; the range lies inside the column. */
  readonly first: number;
  readonly count: number;
}

/** Number of bytes of the items in a range. */
export function rangeBytes({ column, first, count }: ColumnRange): number {
  return offsetAt(column, first + count) - offsetAt(column, first);
}

/**
 * The items of all ranges in order as one column: the column itself if there is one range and it is all of its column,
 * otherwise a fresh one. O(bytes copied).
 *
 * @throws {SyncError} `LIMIT_EXCEEDED` if the items take 4 GiB or more together.
 */
export function joinColumnRanges(ranges: readonly ColumnRange[]): Column {
  const [only] = ranges;
  if (ranges.length === 1 && only !== undefined && only.count === only.column.count) return only.column;
  const lengths = new Uint32Array(ranges.reduce((sum, range) => sum + range.count, 0));
  let item = 0;
  for (const { column, first, count } of ranges) {
    for (let i = first; i < first + count; i++) lengths[item++] = offsetAt(column, i + 1) - offsetAt(column, i);
  }
  const joined = allocateColumn(offsetsOfLengths(lengths));
  let at = 0;
  for (const { column, first, count } of ranges) {
    const bytes = column.data.subarray(offsetAt(column, first), offsetAt(column, first + count));
    joined.data.set(bytes, at);
    at += bytes.length;
  }
  return joined;
}

function offsetAt(column: Column, index: number): number {
  return column.offsets[index] as number;
}
