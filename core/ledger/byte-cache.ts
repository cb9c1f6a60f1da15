/**
 * A cache bounded in bytes that keeps what was used again.
 *
 * @module
 */

/** Fixed cost that an entry is counted with, beside its value: key, map slot, object headers. */
const ENTRY_OVERHEAD_BYTES = 200;

/** A cache bounded in bytes. */
export interface ByteCache<K, V> {
  /** The value at `key`. It is now less likely to be forgotten. */
  get(key: K): V | undefined;
  /** Adds or replaces a value. One that alone exceeds the bound is not kept. */
  set(key: K, value: V, sizeBytes: number): void;
}

interface CacheEntry<V> {
  readonly value: V;
  readonly sizeBytes: number;
  isUsed: boolean;
}

/**
 * Creates a cache. It forgets by the clock rule (oldest first, but what was used since goes round once more), which is as
 * good as forgetting the least recently used and costs a read nothing.
 *
 * @param maxBytes Bound on the sizes given plus a fixed overhead for each entry; 0 keeps nothing.
 */
export function createByteCache<K, V>(maxBytes: number): ByteCache<K, V> {
  const entries = new Map<K, CacheEntry<V>>();
  let usedBytes = 0;

  function remove(key: K): void {
    usedBytes -= entries.get(key)?.sizeBytes ?? 0;
    entries.delete(key);
  }

  function makeRoom(): void {
    for (const [key, entry] of entries) {
      if (usedBytes <= maxBytes) return;
      entries.delete(key);
      if (entry.isUsed) {
        entry.isUsed = false;
        entries.set(key, entry);
      } else usedBytes -= entry.sizeBytes;
    }
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entry.isUsed = true;
      return entry.value;
    },
    set(key, value, sizeBytes) {
      remove(key);
      const cost = sizeBytes + ENTRY_OVERHEAD_BYTES;
      if (cost > maxBytes) return;
      entries.set(key, { value, sizeBytes: cost, isUsed: false });
      usedBytes += cost;
      makeRoom();
    },
  };
}
