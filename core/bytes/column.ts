/**
 * Columns: many byte strings in one, read in place.
 *
 * Layout: u32 LE count n, n+1 u32 LE offsets (the first 0, never decreasing, the last = length of the rest), then the
 * bytes of all items back to back. Columns travel on the wire, are hashed in one batch, and are stored as they came.
 *
 * @module
 */
import { SyncError } from "../errors.ts";

/** A column and where its items are. `bytes` and `data` are views of what was decoded, never copies. */
export interface Column {
  /** The whole column: count, offsets, items. */
  readonly bytes: Uint8Array;
  /** Number of items. */
  readonly count: number;
  /** `count + 1` offsets into `data`; item i is `data[offsets[i] .. offsets[i + 1])`. */
  readonly offsets: Uint32Array;
  /** All items back to back. */
  readonly data: Uint8Array;
}

/**
 * Reads a column in place.
 *
 * @param bytes The whole column and nothing else. Kept as a view: do not change it afterwards.
 * @param maxCount Most items allowed.
 * @throws {SyncError} `MALFORMED_FRAME` if the layout is broken; `LIMIT_EXCEEDED` if there are more than `maxCount` items.
 */
export function decodeColumn(bytes: Uint8Array, maxCount: number): Column {
  if (bytes.length < 8) throw malformed(`needs at least 8 bytes, current value is ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  if (count > maxCount) {
    throw new SyncError("LIMIT_EXCEEDED", `Cannot read column: at most ${maxCount} items, current value is ${count}`, {
      detail: { limit: maxCount, value: count },
    });
  }
  const start = 4 + 4 * (count + 1);
  if (bytes.length < start) throw malformed(`${count} items need ${start} bytes of offsets, there are ${bytes.length}`);
  const offsets = new Uint32Array(count + 1);
  let previous = 0;
  for (let i = 0; i <= count; i++) {
    const offset = view.getUint32(4 + 4 * i, true);
    if (offset < previous || (i === 0 && offset !== 0)) throw malformed(`offset ${i} is out of order`);
    offsets[i] = offset;
    previous = offset;
  }
  if (previous !== bytes.length - start) {
    throw malformed(`offsets end at ${previous}, items at ${bytes.length - start}`);
  }
  return { bytes, count, offsets, data: bytes.subarray(start) };
}

/** Lays `items` out as a fresh column. The items are copied. */
export function encodeColumn(items: readonly Uint8Array[]): Column {
  let length = 0;
  for (const item of items) length += item.length;
  const start = 4 + 4 * (items.length + 1);
  const bytes = new Uint8Array(start + length);
  const view = new DataView(bytes.buffer);
  const offsets = new Uint32Array(items.length + 1);
  view.setUint32(0, items.length, true);
  let offset = 0;
  items.forEach((item, i) => {
    bytes.set(item, start + offset);
    offset += item.length;
    offsets[i + 1] = offset;
    view.setUint32(4 + 4 * (i + 1), offset, true);
  });
  return { bytes, count: items.length, offsets, data: bytes.subarray(start) };
}

/**
 * Item `index` of `column`, as a view.
 *
 * @param index 0 ≤ index < count.
 * @throws {SyncError} `INVALID_ARGUMENT` if `index` is outside the column.
 */
export function columnItem(column: Column, index: number): Uint8Array {
  const first = column.offsets[index];
  const next = column.offsets[index + 1];
  if (first === undefined || next === undefined) {
    throw new SyncError("INVALID_ARGUMENT", `Cannot read column item: count is ${column.count}, index is ${index}`);
  }
  return column.data.subarray(first, next);
}

/** Bytes of item `index` of `column`, 0 ≤ index < count. */
export function itemLength(column: Column, index: number): number {
  return (column.offsets[index + 1] as number) - (column.offsets[index] as number);
}

/** All items of `column` in order, as views. */
export function columnItems(column: Column): Uint8Array[] {
  return Array.from({ length: column.count }, (_, index) => columnItem(column, index));
}

/**
 * Items [first, first + count) of `column` as a fresh column of their own. O(bytes copied).
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if the range is outside the column.
 */
export function sliceColumn(column: Column, first: number, count: number): Column {
  const from = column.offsets[first];
  const to = column.offsets[first + count];
  if (count < 0 || from === undefined || to === undefined) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot slice column: count is ${column.count}, range is ${first} + ${count}`,
    );
  }
  if (count === column.count) return column;
  const start = 4 + 4 * (count + 1);
  const bytes = new Uint8Array(start + to - from);
  const view = new DataView(bytes.buffer);
  const offsets = new Uint32Array(count + 1);
  view.setUint32(0, count, true);
  for (let i = 0; i <= count; i++) {
    const offset = (column.offsets[first + i] as number) - from;
    offsets[i] = offset;
    view.setUint32(4 + 4 * i, offset, true);
  }
  bytes.set(column.data.subarray(from, to), start);
  return { bytes, count, offsets, data: bytes.subarray(start) };
}

/** Joins columns end to end into one fresh column. */
export function concatColumns(columns: readonly Column[]): Column {
  const [only] = columns;
  if (columns.length === 1 && only !== undefined) return only;
  return encodeColumn(columns.flatMap((column) => columnItems(column)));
}

function malformed(reason: string): SyncError {
  return new SyncError("MALFORMED_FRAME", `Cannot read column: ${reason}`);
}
