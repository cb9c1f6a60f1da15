/**
 * A cache bounded in bytes that forgets what was used longest ago.
 *
 * @module
 */

/** Fixed cost that an entry is counted with, beside its value: key, map slot, object headers. */
const ENTRY_OVERHEAD_BYTES = 200;

/** A cache bounded in bytes. */
export interface ByteCache<K, V> {
  /** The value at `key`, which thereby is the one used last. */
  get(key: K): V | undefined;
  /** Adds or replaces a value. One that alone exceeds the bound is not kept. */
  set(key: K, value: V, sizeBytes: number): void;
  /** Forgets everything. */
  clear(): void;
}

/**
 * Creates a cache.
 *
 * @param maxBytes Bound on the sizes given plus a fixed overhead for each entry; 0 keeps nothing.
 */
export function createByteCache<K, V>(maxBytes: number): ByteCache<K, V> {
  const entries = new Map<K, { readonly value: V; readonly sizeBytes: number }>();
  let usedBytes = 0;

  function remove(key: K): void {
    usedBytes -= entries.get(key)?.sizeBytes ?? 0;
    entries.delete(key);
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, sizeBytes) {
      remove(key);
      const cost = sizeBytes + ENTRY_OVERHEAD_BYTES;
      if (cost > maxBytes) return;
      entries.set(key, { value, sizeBytes: cost });
      usedBytes += cost;
      for (const oldest of entries.keys()) {
        if (usedBytes <= maxBytes) break;
        remove(oldest);
      }
    },
    clear() {
      entries.clear();
      usedBytes = 0;
    },
  };
}
