/**
 * Columns built in place: lay out first, fill the bytes afterwards, no item in between.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import type { Column } from "./column.ts";

const MAX_DATA_BYTES = 0xffff_ffff;

/**
 * A fresh column whose `data` is zero and the caller's to fill.
 *
 * @param offsets `count + 1` offsets: the first 0, never decreasing. Kept: do not change them afterwards.
 */
export function allocateColumn(offsets: Uint32Array): Column {
  const count = offsets.length - 1;
  const start = 4 + 4 * (count + 1);
  const bytes = new Uint8Array(start + (offsets[count] ?? 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, count, true);
  for (let i = 0; i <= count; i++) view.setUint32(4 + 4 * i, offsets[i] as number, true);
  return { bytes, count, offsets, data: bytes.subarray(start) };
}

/**
 * Offsets of items that follow each other: the running sum of `lengths`, from 0.
 *
 * @param lengths Length of each item, in bytes.
 * @throws {SyncError} `LIMIT_EXCEEDED` if the items take 4 GiB or more together.
 */
export function offsetsOfLengths(lengths: Uint32Array): Uint32Array<ArrayBuffer> {
  const offsets = new Uint32Array(lengths.length + 1);
  let offset = 0;
  for (let i = 0; i < lengths.length; i++) {
    offset += lengths[i] as number;
    offsets[i + 1] = offset;
  }
  if (offset > MAX_DATA_BYTES) {
    throw new SyncError("LIMIT_EXCEEDED", `Cannot lay out column: at most ${MAX_DATA_BYTES} bytes, it has ${offset}`);
  }
  return offsets;
}
