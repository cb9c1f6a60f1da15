/**
 * Segments: a committed run of transactions as one value, its columns one after another.
 *
 * Layout: the byte length of each of the five columns (u32 LE), then the columns: infos, transactions, events, write sets,
 * auxiliary infos. Serving a range is slicing.
 *
 * @module
 */
import { type Column, decodeColumn } from "../bytes/column.ts";
import { joinColumnRanges, rangeBytes } from "../bytes/column-ranges.ts";
import { sliceTransactionChunk, type TransactionChunk } from "../chain/transaction-chunk.ts";
import { SyncError } from "../errors.ts";

/**
 * A longer chunk is stored as several segments of about this size. From 256 KiB on a larger size makes commits no cheaper,
 * and reading one transaction reads one segment (test/bench/ledger-segments.bench.ts).
 */
export const SEGMENT_TARGET_BYTES: number = 256 * 1024;

/** Name of a column of a chunk. */
export type ChunkColumn = "infos" | "transactions" | "events" | "writeSets" | "auxiliaryInfos";

/** The columns in the order in which they are stored. */
export const CHUNK_COLUMNS: readonly ChunkColumn[] = [
  "infos",
  "transactions",
  "events",
  "writeSets",
  "auxiliaryInfos",
];

const HEADER_BYTES = 4 * CHUNK_COLUMNS.length;

/** Bytes of a segment that holds all of `chunk`. */
export function encodeSegment(chunk: TransactionChunk): Uint8Array {
  const columns = CHUNK_COLUMNS.map((name) => chunk[name].bytes);
  const bytes = new Uint8Array(columns.reduce((sum, column) => sum + column.length, HEADER_BYTES));
  const view = new DataView(bytes.buffer);
  let offset = HEADER_BYTES;
  columns.forEach((column, i) => {
    view.setUint32(4 * i, column.length, true);
    bytes.set(column, offset);
    offset += column.length;
  });
  return bytes;
}

/** One column of a segment, as a view. */
export function segmentColumn(segment: Uint8Array, name: ChunkColumn): Column {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  let offset = HEADER_BYTES;
  if (segment.length < offset) throw corrupt("it has no header");
  const index = CHUNK_COLUMNS.indexOf(name);
  for (let i = 0; i < index; i++) offset += view.getUint32(4 * i, true);
  const length = view.getUint32(4 * index, true);
  if (segment.length < offset + length) throw corrupt(`its ${name} end behind it`);
  try {
    return decodeColumn(segment.subarray(offset, offset + length), length);
  } catch (error) {
    throw corrupt(`its ${name} are broken`, error);
  }
}

/**
 * Reads a whole segment. The columns are views of `segment`.
 *
 * @throws {SyncError} `STORAGE_CORRUPT` if the bytes are no segment.
 */
export function decodeSegment(segment: Uint8Array, firstVersion: bigint): TransactionChunk {
  const infos = segmentColumn(segment, "infos");
  const chunk: TransactionChunk = {
    firstVersion,
    count: infos.count,
    infos,
    transactions: segmentColumn(segment, "transactions"),
    events: segmentColumn(segment, "events"),
    writeSets: segmentColumn(segment, "writeSets"),
    auxiliaryInfos: segmentColumn(segment, "auxiliaryInfos"),
  };
  if (CHUNK_COLUMNS.some((name) => chunk[name].count !== infos.count)) throw corrupt("its columns differ in length");
  return chunk;
}

/** Cuts a chunk into pieces of at most `targetBytes` of items, at least one item each. */
export function splitIntoSegments(chunk: TransactionChunk, targetBytes: number): TransactionChunk[] {
  const pieces: TransactionChunk[] = [];
  for (let first = 0; first < chunk.count;) {
    const count = countWithin(chunk, first, chunk.count - first, targetBytes);
    pieces.push(count === chunk.count ? chunk : sliceTransactionChunk(chunk, first, count));
    first += count;
  }
  return pieces;
}

/** How many of `count` items from `first` on have at most `maxBytes` together; at least 1. */
export function countWithin(chunk: TransactionChunk, first: number, count: number, maxBytes: number): number {
  let low = 1;
  let high = count;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (itemBytes(chunk, first, middle) <= maxBytes) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Bytes of `count` items from `first` on, over all columns. */
export function itemBytes(chunk: TransactionChunk, first: number, count: number): number {
  return CHUNK_COLUMNS.reduce((sum, name) => sum + rangeBytes({ column: chunk[name], first, count }), 0);
}

/** Joins neighbouring chunks into one. */
export function joinChunks(chunks: readonly [TransactionChunk, ...TransactionChunk[]]): TransactionChunk {
  const [head] = chunks;
  if (chunks.length === 1) return head;
  const join = (name: ChunkColumn) =>
    joinColumnRanges(chunks.map((chunk) => ({ column: chunk[name], first: 0, count: chunk.count })));
  return {
    firstVersion: head.firstVersion,
    count: chunks.reduce((sum, chunk) => sum + chunk.count, 0),
    infos: join("infos"),
    transactions: join("transactions"),
    events: join("events"),
    writeSets: join("writeSets"),
    auxiliaryInfos: join("auxiliaryInfos"),
  };
}

function corrupt(reason: string, cause?: unknown): SyncError {
  return new SyncError("STORAGE_CORRUPT", `Cannot read segment: ${reason}`, { cause });
}
