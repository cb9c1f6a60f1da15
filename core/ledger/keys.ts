/**
 * The keys of a ledger store.
 *
 * A key is a generation byte, a kind, and big-endian numbers, so that keys of a kind lie together in the order of their
 * numbers. Generation 0 holds what the whole store has once; a ledger's own entries have the generation that the store
 * record names, so another ledger can be built beside it and take its place in one commit.
 *
 * @module
 */
import { concatBytes } from "../bytes/bytes.ts";
import { SyncError } from "../errors.ts";
import type { KvRange } from "../ports/ordered-kv.ts";

/** Generation of the first ledger of a store. */
export const FIRST_GENERATION = 1;

/** One character a kind; see {@link createLedgerKeys}. */
type KeyKind = "a" | "e" | "h" | "j" | "k" | "m" | "r" | "s" | "t" | "v" | "x";

/** Profile, network, waypoint and generation: `StoreRecord`. */
export const STORE_RECORD_KEY: Uint8Array = /* @__PURE__ */ keyOf(0, "m", new Uint8Array([1]));
/** u64 that the newest writer chose: every commit expects it. */
export const FENCE_KEY: Uint8Array = /* @__PURE__ */ keyOf(0, "m", new Uint8Array([2]));

/** The keys of one generation. */
export interface LedgerKeys {
  /** `m`: where the ledger stands (`HeadRecord`). */
  readonly head: Uint8Array;
  /** `e` epoch: the ledger info that ends it, exact bytes. */
  epochEnding(epoch: bigint): Uint8Array;
  /** `v` version: the last version of an epoch; the value is its epoch (u64), empty if no ledger info says so. */
  epochEnd(version: bigint): Uint8Array;
  /** `t` first version: a segment, a run of transactions as columns. Large. */
  segment(firstVersion: bigint): Uint8Array;
  /** `a` level, tile: full-subtree hashes of the accumulator. */
  tile(level: number, tile: bigint): Uint8Array;
  /** `k` version: a tree version, its root, count and the index of its pages (`TreeRecord`). */
  tree(version: bigint): Uint8Array;
  /** `j` version, page: tree nodes made at that version. Large. */
  nodePage(version: bigint, page: number): Uint8Array;
  /** `s` version, page: state items written at that tree version. Large. */
  statePage(version: bigint, page: number): Uint8Array;
  /** `x` version: tree nodes that it made stale. Large. */
  stale(version: bigint): Uint8Array;
  /** `r` level, run: number of entries (u32) of a sorted run of transaction hashes. */
  hashRun(level: number, run: bigint): Uint8Array;
  /** `h` level, run, first 8 bytes of the first hash: a page of the run. */
  hashPage(level: number, run: bigint, prefix: bigint): Uint8Array;
}

/** The keys of generation `generation`, 1 to 255. */
export function createLedgerKeys(generation: number): LedgerKeys {
  const key = (kind: KeyKind, ...parts: Uint8Array[]) => keyOf(generation, kind, ...parts);
  return {
    head: key("m", new Uint8Array([1])),
    epochEnding: (epoch) => key("e", u64(epoch)),
    epochEnd: (version) => key("v", u64(version)),
    segment: (firstVersion) => key("t", u64(firstVersion)),
    tile: (level, tile) => key("a", new Uint8Array([level]), u64(tile)),
    tree: (version) => key("k", u64(version)),
    nodePage: (version, page) => key("j", u64(version), u32(page)),
    statePage: (version, page) => key("s", u64(version), u32(page)),
    stale: (version) => key("x", u64(version)),
    hashRun: (level, run) => key("r", new Uint8Array([level]), u64(run)),
    hashPage: (level, run, prefix) => key("h", new Uint8Array([level]), u64(run), u64(prefix)),
  };
}

/** Every key from `first` to `last` inclusive, and every longer key that begins with `last`. */
export function keysBetween(first: Uint8Array, last: Uint8Array): KvRange {
  return { first, next: keyAfterPrefix(last) };
}

/** The least key above every key that begins with `prefix`. */
export function keyAfterPrefix(prefix: Uint8Array): Uint8Array {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  const next = prefix.slice(0, length);
  if (length > 0) next[length - 1] = (next[length - 1] as number) + 1;
  return next;
}

/**
 * The u64 that begins at `offset` of a key (or value): 2 is where the first number of a key is.
 *
 * @throws {SyncError} `STORAGE_CORRUPT` if the bytes end early.
 */
export function readU64(bytes: Uint8Array, offset: number): bigint {
  return viewOf(bytes, offset + 8).getBigUint64(offset);
}

/**
 * The u32 at the beginning of a value.
 *
 * @throws {SyncError} `STORAGE_CORRUPT` if the bytes end early.
 */
export function readU32(bytes: Uint8Array): number {
  return viewOf(bytes, 4).getUint32(0);
}

/** 8 bytes, big-endian. */
export function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

/** 4 bytes, big-endian. */
export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function keyOf(generation: number, kind: KeyKind, ...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(new Uint8Array([generation, kind.charCodeAt(0)]), ...parts);
}

function viewOf(bytes: Uint8Array, neededBytes: number): DataView {
  if (bytes.length < neededBytes) {
    throw new SyncError(
      "STORAGE_CORRUPT",
      `Cannot read number: ${neededBytes} bytes are needed, it has ${bytes.length}`,
    );
  }
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
