/**
 * Pages of one version: sorted items cut into values of a few kilobytes, and the index that tells the page of an item.
 *
 * The index keeps, for each page, the shortest bytes that separate it from the page before, so it stays small enough to be
 * read with the version's record and kept in memory.
 *
 * @module
 */
import { type Column, encodeColumn } from "../bytes/column.ts";

/** A run of neighbouring items that make one page. */
interface PageRange {
  readonly first: number;
  readonly count: number;
}

/** Sorted items cut into pages. */
export interface PagePlan {
  readonly pages: readonly PageRange[];
  /** One item a page: the page holds names at or above it, and below the next one. The first is empty. */
  readonly separators: Column;
}

/** What is to be cut: strictly ascending names, and a size for each item. */
export interface PageItems {
  readonly count: number;
  nameAt(index: number): Uint8Array;
  sizeAt(index: number): number;
}

/**
 * Cuts items into pages of about `targetBytes`, at least one item each.
 *
 * @param items Names strictly ascending.
 */
export function planPages(items: PageItems, targetBytes: number): PagePlan {
  const pages: PageRange[] = [];
  const separators: Uint8Array[] = [];
  let first = 0;
  let size = 0;
  for (let i = 0; i < items.count; i++) {
    const added = items.sizeAt(i);
    if (i > first && size + added > targetBytes) {
      pages.push({ first, count: i - first });
      first = i;
      size = 0;
    }
    if (i === first) separators.push(i === 0 ? new Uint8Array(0) : separator(items.nameAt(i - 1), items.nameAt(i)));
    size += added;
  }
  if (items.count > 0) pages.push({ first, count: items.count - first });
  return { pages, separators: encodeColumn(separators) };
}

/** Number of the page that holds `name` if any does; `undefined` if there are no pages. */
export function pageOf(separators: Column, name: Uint8Array): number | undefined {
  const after = upperBound(separators, name);
  return after === 0 ? undefined : after - 1;
}

/** Number of items at or below `name`. Compares in place: a view for each comparison would cost more than the search. */
function upperBound({ count, offsets, data }: Column, name: Uint8Array): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareRange(data, offsets[middle] as number, offsets[middle + 1] as number, name) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Order of `data[start .. end)` and `name`, as `compareBytes`. */
export function compareRange(data: Uint8Array, start: number, end: number, name: Uint8Array): number {
  const length = Math.min(end - start, name.length);
  for (let i = 0; i < length; i++) {
    const difference = (data[start + i] as number) - (name[i] as number);
    if (difference !== 0) return difference;
  }
  return end - start - name.length;
}

/** The shortest prefix of `next` that is above `previous`. */
function separator(previous: Uint8Array, next: Uint8Array): Uint8Array {
  let shared = 0;
  while (shared < previous.length && previous[shared] === next[shared]) shared++;
  return next.subarray(0, shared + 1);
}
