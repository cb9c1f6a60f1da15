/**
 * Port: an ordered key-value store with atomic, conditional, durable batches. All that a ledger store needs of a backend.
 *
 * @module
 */

/** Longest key, in bytes. */
export const MAX_KEY_BYTES = 64;
/** Longest value, in bytes (8 MiB). Adapters split values where the backend's rows are smaller. */
export const MAX_VALUE_BYTES: number = 8 * 1024 * 1024;

/** One key with its value. Both are the reader's own: the store does not touch them again. */
export interface KvEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Keys k with first ≤ k < next in lexicographic order of unsigned bytes. */
export interface KvRange {
  readonly first: Uint8Array;
  /** Exclusive. */
  readonly next: Uint8Array;
}

/** One change of a batch. Later changes of a batch win over earlier ones. */
export type KvOperation =
  | { readonly put: Uint8Array; readonly value: Uint8Array }
  | { readonly delete: Uint8Array }
  | { readonly deleteRange: KvRange };

/** What must hold at the moment of a commit: the key has exactly this value, or (`undefined`) is absent. */
export type KvExpectation = readonly [key: Uint8Array, value: Uint8Array | undefined];

/**
 * An ordered key-value store.
 *
 * Guarantees every implementation must keep, and `test/contract/ordered-kv.ts` checks:
 * - keys of 1 to {@link MAX_KEY_BYTES} bytes in lexicographic order of unsigned bytes; values of 0 to
 *   {@link MAX_VALUE_BYTES} bytes; anything else is `INVALID_ARGUMENT`, and nothing changes;
 * - `commit` is atomic (all operations become visible together or none does) and durable once its promise resolves;
 * - a commit whose `expect` does not hold rejects with `STORAGE_CONFLICT` and changes nothing;
 * - reads see every commit that resolved before they began, also those of other processes;
 * - one `getMany` or one `scan` sees one state of the store;
 * - bytes handed in are copied or never changed by the store; bytes handed out are the reader's own;
 * - any failure of the backend is `STORAGE_FAILED` (with `cause`), a lock held by another writer `STORAGE_LOCKED`.
 */
export interface OrderedKv {
  /** The value at `key`, or `undefined`. */
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** The values at `keys`, in that order. Any number of keys: the adapter pages. */
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>;
  /**
   * Entries within `range`, ascending (descending if `reverse`), at most `limit`.
   *
   * @param options.limit ≥ 1. Fewer come back only where the range has no more.
   */
  scan(range: KvRange, options: { limit: number; reverse?: boolean }): Promise<KvEntry[]>;
  /** Applies `batch` atomically, if every expectation in `expect` holds. */
  commit(batch: readonly KvOperation[], options?: { expect?: readonly KvExpectation[] }): Promise<void>;
  /** Releases the backend. Calls after this reject with `STORAGE_FAILED`. */
  close(): Promise<void>;
}
