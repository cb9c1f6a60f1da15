/**
 * Reading runs of transactions out of segments.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import { joinColumnRanges } from "../bytes/column-ranges.ts";
import { sliceTransactionChunk, type TransactionChunk } from "../chain/transaction-chunk.ts";
import { SyncError } from "../errors.ts";
import type { KvEntry, OrderedKv } from "../ports/ordered-kv.ts";
import { keysBetween, type LedgerKeys, readU64 } from "./keys.ts";
import { completeValue, partKey } from "./large-value.ts";
import { countWithin, decodeSegment, itemBytes, joinChunks, SEGMENT_TARGET_BYTES, segmentColumn } from "./segment.ts";

/** Most segments read in one scan: at the head of a chain they are small, elsewhere the first one or two are enough. */
const MAX_SEGMENTS_PER_SCAN = 64;

/** Offset of the first version in a segment's key. */
const VERSION_OFFSET = 2;

/** A stored segment. */
interface StoredSegment {
  readonly firstVersion: bigint;
  readonly bytes: Uint8Array;
}

/**
 * Versions from `firstVersion` on, `count` of them or as many as are stored without a gap, in runs as they are stored. Each
 * segment is read once, when its run is asked for; nothing is yielded if `firstVersion` is not stored.
 */
export async function* segmentRuns(
  kv: OrderedKv,
  keys: LedgerKeys,
  range: { readonly firstVersion: bigint; readonly count: number },
): AsyncGenerator<TransactionChunk> {
  const first = await segmentAt(kv, keys, range.firstVersion);
  const head = first === undefined ? undefined : clip(decodeSegment(first.bytes, first.firstVersion), range);
  if (head === undefined) return;
  yield head;
  let taken = head.count;
  for await (const segment of segmentsFrom(kv, keys, range.firstVersion + BigInt(taken), range.count - taken)) {
    if (segment.firstVersion !== range.firstVersion + BigInt(taken)) return;
    const chunk = decodeSegment(segment.bytes, segment.firstVersion);
    const count = Math.min(chunk.count, range.count - taken);
    yield leading(chunk, count);
    taken += count;
  }
}

/**
 * Versions from `firstVersion` on, at least one, at most `count`, at most `maxBytes` of items unless the first alone has more.
 *
 * @returns `undefined` if `firstVersion` is not stored.
 */
export async function readSegments(
  kv: OrderedKv,
  keys: LedgerKeys,
  range: { readonly firstVersion: bigint; readonly count: number; readonly maxBytes: number },
): Promise<TransactionChunk | undefined> {
  const pieces: TransactionChunk[] = [];
  let left = range.maxBytes;
  for await (const run of segmentRuns(kv, keys, range)) {
    const count = countWithin(run, 0, run.count, left);
    const bytes = itemBytes(run, 0, count);
    if (pieces.length > 0 && bytes > left) break;
    pieces.push(leading(run, count));
    left -= bytes;
    if (count < run.count || left <= 0) break;
  }
  const [head, ...rest] = pieces;
  return head === undefined ? undefined : joinChunks([head, ...rest]);
}

/**
 * The write sets of all of `count` versions from `firstVersion` on, as columns that follow each other.
 *
 * @throws {SyncError} `STORAGE_CORRUPT` if one of the versions is not stored.
 */
export async function readWriteSets(
  kv: OrderedKv,
  keys: LedgerKeys,
  range: { readonly firstVersion: bigint; readonly count: number },
): Promise<Column[]> {
  if (range.count === 0) return [];
  const columns: Column[] = [];
  let taken = 0;
  const take = (segment: StoredSegment): void => {
    const column = segmentColumn(segment.bytes, "writeSets");
    const first = Number(range.firstVersion + BigInt(taken) - segment.firstVersion);
    const count = Math.min(column.count - first, range.count - taken);
    if (first < 0 || count <= 0) throw missing(range.firstVersion + BigInt(taken));
    columns.push(joinColumnRanges([{ column, first, count }]));
    taken += count;
  };
  const head = await segmentAt(kv, keys, range.firstVersion);
  if (head === undefined) throw missing(range.firstVersion);
  take(head);
  for await (const segment of segmentsFrom(kv, keys, range.firstVersion + BigInt(taken), range.count - taken)) {
    take(segment);
  }
  if (taken < range.count) throw missing(range.firstVersion + BigInt(taken));
  return columns;
}

/** The segment that begins at or below `version`. */
async function segmentAt(kv: OrderedKv, keys: LedgerKeys, version: bigint): Promise<StoredSegment | undefined> {
  const range = keysBetween(partKey(keys.segment(0n), 0), partKey(keys.segment(version), 0xff));
  const [last] = await kv.scan(range, { limit: 1, reverse: true });
  if (last === undefined) return undefined;
  const firstVersion = readU64(last.key, VERSION_OFFSET);
  if (last.key.at(-1) === 0) {
    return { firstVersion, bytes: await completeValue(kv, keys.segment(firstVersion), last.value) };
  }
  const first = await kv.get(partKey(keys.segment(firstVersion), 0));
  if (first === undefined) throw missing(firstVersion);
  return { firstVersion, bytes: await completeValue(kv, keys.segment(firstVersion), first) };
}

/** The segments that begin at `firstVersion` or later and below `firstVersion + count`, in order. */
async function* segmentsFrom(
  kv: OrderedKv,
  keys: LedgerKeys,
  firstVersion: bigint,
  count: number,
): AsyncGenerator<StoredSegment> {
  const last = firstVersion + BigInt(count) - 1n;
  let next = firstVersion;
  let limit = 1;
  while (next <= last) {
    const entries = await kv.scan(keysBetween(keys.segment(next), keys.segment(last)), { limit });
    for (const entry of entries) {
      if (entry.key.at(-1) !== 0) continue;
      next = readU64(entry.key, VERSION_OFFSET);
      yield { firstVersion: next, bytes: await completeValue(kv, keys.segment(next), entry.value) };
    }
    if (entries.length < limit) return;
    next += 1n;
    limit = nextLimit(entries);
  }
}

/** As many segments as fit the bytes of one large one, judged by the last. */
function nextLimit(entries: readonly KvEntry[]): number {
  const size = entries.at(-1)?.value.length ?? 0;
  return Math.max(1, Math.min(MAX_SEGMENTS_PER_SCAN, Math.floor(SEGMENT_TARGET_BYTES / Math.max(size, 1))));
}

/** What a segment has of a range that begins in it. */
function clip(
  chunk: TransactionChunk,
  range: { readonly firstVersion: bigint; readonly count: number },
): TransactionChunk | undefined {
  const first = Number(range.firstVersion - chunk.firstVersion);
  if (first >= chunk.count) return undefined;
  return sliceTransactionChunk(chunk, first, Math.min(range.count, chunk.count - first));
}

function leading(chunk: TransactionChunk, count: number): TransactionChunk {
  return count === chunk.count ? chunk : sliceTransactionChunk(chunk, 0, count);
}

function missing(version: bigint): SyncError {
  return new SyncError("STORAGE_CORRUPT", `Cannot read transactions: version ${version} is missing from the store`, {
    detail: { version },
  });
}
