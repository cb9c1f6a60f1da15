/**
 * Transaction hash → version, in sorted runs: every commit appends one, and sixteen of a level become one of the next.
 *
 * An entry is the first 8 bytes of the hash and the version (u64), both big-endian. Eight bytes can be made to meet on purpose,
 * so an entry is a hint: whoever looks a hash up compares the full hash in the transaction's info.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";
import { sortHashes } from "../chain/hash-order.ts";
import { SyncError } from "../errors.ts";
import type { KvEntry, KvOperation, OrderedKv } from "../ports/ordered-kv.ts";
import { keyAfterPrefix, keysBetween, type LedgerKeys, readU32, readU64, u32 } from "./keys.ts";

/** First bytes of a hash, and the version. */
const ENTRY_BYTES = 16;
/** Entries of a page: 16 KB. */
const PAGE_ENTRIES = 1024;
/** Runs of a level that become one of the next. */
const RUNS_MERGED = 16;
/** A longer run stays as it is (8 MiB), which bounds what one commit merges; a lookup reads one page a run. */
const MAX_RUN_ENTRIES = 2 ** 19;
/** Runs listed at a time while looking up. */
const RUNS_LISTED = 1000;
/** Levels there can be: each has at least twice as many entries a run as the one below. */
const MAX_LEVEL = 31;

/** A run: its level, its name (the first version that was in it) and its length. */
interface HashRun {
  readonly level: number;
  readonly name: bigint;
  readonly count: number;
}

/** The hashes of transactions that follow each other. */
export interface VersionedHashes {
  readonly firstVersion: bigint;
  /** 32 bytes a transaction, flat. */
  readonly hashes: Uint8Array;
}

/** The operations that add hashes, merging runs where sixteen have gathered. */
export async function addHashes(
  kv: OrderedKv,
  keys: LedgerKeys,
  added: VersionedHashes,
): Promise<KvOperation[]> {
  const operations: KvOperation[] = [];
  let entries = sortedEntries(added);
  let name = added.firstVersion;
  let level = 0;
  for (; level < MAX_LEVEL; level++) {
    const newest = await runsOf(kv, keys, { level, limit: RUNS_MERGED - 1, reverse: true });
    const total = newest.reduce((sum, run) => sum + run.count, entries.length / ENTRY_BYTES);
    if (newest.length < RUNS_MERGED - 1 || total > MAX_RUN_ENTRIES) break;
    const merging = [entries];
    for (const run of newest) {
      merging.push(await readRun(kv, keys, run));
      if (run.name < name) name = run.name;
      operations.push({ delete: keys.hashRun(level, run.name) }, { deleteRange: pagesOf(keys, run) });
    }
    entries = mergeAll(merging);
  }
  return [...operations, ...writeRun(keys, { level, name, entries })];
}

/** Versions whose transaction may have the 32-byte `hash`, newest runs first. */
export async function* findHash(kv: OrderedKv, keys: LedgerKeys, hash: Uint8Array): AsyncGenerator<bigint> {
  const prefix = readU64(hash, 0);
  for await (const run of allRuns(kv, keys)) {
    const range = keysBetween(keys.hashPage(run.level, run.name, 0n), keys.hashPage(run.level, run.name, prefix));
    const [page] = await kv.scan(range, { limit: 1, reverse: true });
    if (page !== undefined) yield* versionsIn(page.value, prefix);
  }
}

function* versionsIn(page: Uint8Array, prefix: bigint): Generator<bigint> {
  if (page.length % ENTRY_BYTES !== 0) throw corrupt("a page is cut short");
  const count = page.length / ENTRY_BYTES;
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (readU64(page, middle * ENTRY_BYTES) < prefix) low = middle + 1;
    else high = middle;
  }
  for (let i = low; i < count && readU64(page, i * ENTRY_BYTES) === prefix; i++) {
    yield readU64(page, i * ENTRY_BYTES + 8);
  }
}

function sortedEntries({ firstVersion, hashes }: VersionedHashes): Uint8Array {
  const order = sortHashes(hashes);
  const entries = new Uint8Array(order.length * ENTRY_BYTES);
  const view = new DataView(entries.buffer);
  order.forEach((item, i) => {
    entries.set(hashes.subarray(item * HASH_BYTES, item * HASH_BYTES + 8), i * ENTRY_BYTES);
    view.setBigUint64(i * ENTRY_BYTES + 8, firstVersion + BigInt(item));
  });
  return entries;
}

/** Merges sorted runs two by two. */
function mergeAll(runs: readonly Uint8Array[]): Uint8Array {
  const [first, second] = runs;
  if (first === undefined) return new Uint8Array(0);
  if (second === undefined) return first;
  const middle = runs.length >>> 1;
  return mergeEntries(mergeAll(runs.slice(0, middle)), mergeAll(runs.slice(middle)));
}

function mergeEntries(left: Uint8Array, right: Uint8Array): Uint8Array {
  const merged = new Uint8Array(left.length + right.length);
  const views = [viewOf(left), viewOf(right)] as const;
  let [i, j] = [0, 0];
  for (let at = 0; at < merged.length; at += ENTRY_BYTES) {
    const isLeft = j >= right.length || (i < left.length && isBefore(views[0], i, views[1], j));
    const from = isLeft ? i : j;
    const source = isLeft ? left : right;
    for (let byte = 0; byte < ENTRY_BYTES; byte++) merged[at + byte] = source[from + byte] as number;
    if (isLeft) i += ENTRY_BYTES;
    else j += ENTRY_BYTES;
  }
  return merged;
}

function isBefore(left: DataView, i: number, right: DataView, j: number): boolean {
  const [a, b] = [left.getUint32(i), right.getUint32(j)];
  return a !== b ? a < b : left.getUint32(i + 4) <= right.getUint32(j + 4);
}

/** Cuts a run into pages; entries with equal first bytes share a page, so a lookup reads one. */
function writeRun(
  keys: LedgerKeys,
  run: { readonly level: number; readonly name: bigint; readonly entries: Uint8Array },
): KvOperation[] {
  const { level, name, entries } = run;
  const count = entries.length / ENTRY_BYTES;
  const operations: KvOperation[] = [{ put: keys.hashRun(level, name), value: u32(count) }];
  const prefixAt = (i: number) => readU64(entries, i * ENTRY_BYTES);
  for (let first = 0; first < count;) {
    let next = Math.min(first + PAGE_ENTRIES, count);
    while (next < count && prefixAt(next) === prefixAt(next - 1)) next++;
    operations.push({
      put: keys.hashPage(level, name, prefixAt(first)),
      value: entries.subarray(first * ENTRY_BYTES, next * ENTRY_BYTES),
    });
    first = next;
  }
  return operations;
}

async function readRun(kv: OrderedKv, keys: LedgerKeys, run: HashRun): Promise<Uint8Array> {
  const entries = new Uint8Array(run.count * ENTRY_BYTES);
  const pages = await kv.scan(pagesOf(keys, run), { limit: run.count });
  let offset = 0;
  for (const { value } of pages) {
    if (offset + value.length > entries.length) throw corrupt("a run is longer than it says");
    entries.set(value, offset);
    offset += value.length;
  }
  if (offset !== entries.length) throw corrupt("a run is shorter than it says");
  return entries;
}

function pagesOf(keys: LedgerKeys, run: HashRun): { first: Uint8Array; next: Uint8Array } {
  const first = keys.hashPage(run.level, run.name, 0n);
  return { first, next: keyAfterPrefix(first.subarray(0, -8)) };
}

/** Every run, the lowest levels (and so the newest transactions) first. */
async function* allRuns(kv: OrderedKv, keys: LedgerKeys): AsyncGenerator<HashRun> {
  const range = keysBetween(keys.hashRun(0, 0n), keys.hashRun(MAX_LEVEL, 2n ** 64n - 1n));
  for (let first = range.first;;) {
    const entries = await kv.scan({ first, next: range.next }, { limit: RUNS_LISTED });
    for (const entry of entries) yield runOf(entry);
    const last = entries.at(-1);
    if (last === undefined || entries.length < RUNS_LISTED) return;
    first = keyAfterPrefix(last.key);
  }
}

async function runsOf(
  kv: OrderedKv,
  keys: LedgerKeys,
  query: { readonly level: number; readonly limit: number; readonly reverse: boolean },
): Promise<HashRun[]> {
  const range = keysBetween(keys.hashRun(query.level, 0n), keys.hashRun(query.level, 2n ** 64n - 1n));
  return (await kv.scan(range, { limit: query.limit, reverse: query.reverse })).map(runOf);
}

/** The parts of a run's key: generation, kind, level, name. */
function runOf({ key, value }: KvEntry): HashRun {
  return { level: key[2] as number, name: readU64(key, 3), count: readU32(value) };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function corrupt(reason: string): SyncError {
  return new SyncError("STORAGE_CORRUPT", `Cannot read transaction hashes: ${reason}`);
}
