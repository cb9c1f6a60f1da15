/**
 * What is kept of one tree version beside its pages: root, number of items, and the index of its pages.
 *
 * @module
 */
import { type Column, decodeColumn } from "../bytes/column.ts";
import { decodeBcs, encodeBcs } from "../chain/bcs.ts";
import { HASH_BYTES } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import type { OrderedKv } from "../ports/ordered-kv.ts";
import { type ByteCache, createByteCache } from "./byte-cache.ts";
import type { LedgerKeys } from "./keys.ts";

/** One tree version. */
export interface TreeRecord {
  /** 32-byte root. */
  readonly rootHash: Uint8Array;
  /** Number of state items. */
  readonly leafCount: bigint;
  /** Separators of the pages of tree nodes made at this version. */
  readonly nodePages: Column;
  /** Separators of the pages of state items written at this version. */
  readonly statePages: Column;
}

/** Tree versions, read in batches through a bounded cache. They never change once written. */
export interface TreeRecords {
  /** The records of the versions named; those that are not there are missing from the answer. */
  read(places: readonly { readonly version: bigint }[]): Promise<ReadonlyMap<bigint, TreeRecord>>;
  /** Adds a record that has just been committed. */
  add(version: bigint, record: TreeRecord): void;
}

/** Bytes of a tree record. */
export function encodeTreeRecord(record: TreeRecord): Uint8Array {
  return encodeBcs((writer) => {
    writer.raw(record.rootHash).u64(record.leafCount);
    writer.byteString(record.nodePages.bytes).byteString(record.statePages.bytes);
  });
}

/**
 * Reads a tree record. `bytes` is kept as a view.
 *
 * @throws {SyncError} `STORAGE_CORRUPT` if the bytes are no record.
 */
function decodeTreeRecord(bytes: Uint8Array): TreeRecord {
  try {
    return decodeBcs(bytes, (cursor) => ({
      rootHash: cursor.raw(HASH_BYTES),
      leafCount: cursor.u64(),
      nodePages: decodeColumn(cursor.byteString(), bytes.length),
      statePages: decodeColumn(cursor.byteString(), bytes.length),
    }));
  } catch (error) {
    throw new SyncError("STORAGE_CORRUPT", "Cannot read state tree: its record is broken", { cause: error });
  }
}

/** Creates the access to tree records, with a cache of at most `cacheBytes`. */
export function createTreeRecords(kv: OrderedKv, keys: LedgerKeys, cacheBytes: number): TreeRecords {
  const cache: ByteCache<bigint, TreeRecord> = createByteCache(cacheBytes);
  const sizeOf = (record: TreeRecord) => 2 * (record.nodePages.bytes.length + record.statePages.bytes.length);
  const add = (version: bigint, record: TreeRecord) => cache.set(version, record, sizeOf(record));
  return {
    add,
    async read(places) {
      const found = new Map<bigint, TreeRecord>();
      const missing: bigint[] = [];
      const versions = new Set<bigint>();
      for (const { version } of places) versions.add(version);
      for (const version of versions) {
        const record = cache.get(version);
        if (record === undefined) missing.push(version);
        else found.set(version, record);
      }
      if (missing.length === 0) return found;
      const values = await kv.getMany(missing.map((version) => keys.tree(version)));
      values.forEach((value, i) => {
        if (value === undefined) return;
        const version = missing[i] as bigint;
        const record = decodeTreeRecord(value);
        add(version, record);
        found.set(version, record);
      });
      return found;
    },
  };
}
