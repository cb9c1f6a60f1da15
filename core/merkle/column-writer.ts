/**
 * Columns written item by item into one growing buffer: for many small items of which each is written in place.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";

/** Room beyond the estimate, so that few items do not grow the buffer at once. */
const SPARE_BYTES = 512;

/** A column of a known number of items, as it is written. */
export interface ColumnWriter {
  /** Where to write; `reserve` may replace it. */
  buffer: Uint8Array;
  /** Offset in `buffer` behind the items so far. */
  offset: number;
  /** Number of items so far. */
  written: number;
  readonly offsets: Uint32Array;
}

/**
 * Creates a writer for exactly `count` items.
 *
 * @param itemBytes About how long they are on average; the buffer grows beyond that.
 */
export function createColumnWriter(count: number, itemBytes: number): ColumnWriter {
  const offset = 4 + 4 * (count + 1);
  const buffer = new Uint8Array(offset + count * itemBytes + SPARE_BYTES);
  return { buffer, offset, written: 0, offsets: new Uint32Array(count + 1) };
}

/** Makes room for `length` more bytes. */
export function reserve(writer: ColumnWriter, length: number): void {
  if (writer.offset + length <= writer.buffer.length) return;
  const buffer = new Uint8Array(Math.max(2 * writer.buffer.length, writer.offset + length));
  buffer.set(writer.buffer.subarray(0, writer.offset));
  writer.buffer = buffer;
}

/** Ends the item that was written up to `offset`. */
export function endItem(writer: ColumnWriter, offset: number): void {
  writer.offset = offset;
  writer.offsets[++writer.written] = offset - (4 + 4 * writer.offsets.length);
}

/** The finished column. The writer is not to be used any more. */
export function finishColumn(writer: ColumnWriter): Column {
  const { offsets, written, offset } = writer;
  const start = 4 + 4 * offsets.length;
  const bytes = writer.buffer.subarray(0, offset);
  const view = new DataView(bytes.buffer, bytes.byteOffset, start);
  view.setUint32(0, written, true);
  for (let i = 0; i <= written; i++) view.setUint32(4 + 4 * i, offsets[i] as number, true);
  return { bytes, count: written, offsets, data: bytes.subarray(start) };
}
