/**
 * A map that forgets what was used least recently, bounded in entries and in the sizes given with them.
 *
 * @module
 */

/** Bounds of an {@link LruMap}. */
export interface LruBounds {
  /** Most entries. */
  readonly maxEntries: number;
  /** Most of all sizes together. @default {Infinity} */
  readonly maxSize?: number;
}

/** A bounded map. Every operation takes amortised constant time. */
export interface LruMap<K, V> {
  /** Number of entries. */
  readonly count: number;
  /** Sum of their sizes. */
  readonly size: number;
  /** The value at `key`, which is now the most recently used. */
  get(key: K): V | undefined;
  /** Adds or replaces a value, which is now the most recently used, and forgets the least recently used beyond the bounds. */
  set(key: K, value: V, size?: number): void;
  /** Forgets one. */
  delete(key: K): void;
  /** All of it, the least recently used first. Entries may be deleted meanwhile. */
  entries(): Iterable<readonly [K, V]>;
}

interface Slot<V> {
  readonly value: V;
  readonly size: number;
}

/** Creates an empty map. A value that alone exceeds the bounds is forgotten at once, and pushes nothing out. */
export function createLruMap<K, V>({ maxEntries, maxSize = Infinity }: LruBounds): LruMap<K, V> {
  // A JavaScript map iterates in the order of insertion: taking a key out and putting it back makes it the newest.
  const slots = new Map<K, Slot<V>>();
  let total = 0;
  let newest: K | undefined;

  function remove(key: K): void {
    total -= slots.get(key)?.size ?? 0;
    slots.delete(key);
  }

  function makeRoom(): void {
    for (const key of slots.keys()) {
      if (slots.size <= maxEntries && total <= maxSize) return;
      remove(key);
    }
  }

  return {
    get count() {
      return slots.size;
    },
    get size() {
      return total;
    },
    get(key) {
      const slot = slots.get(key);
      if (slot === undefined) return undefined;
      // What is asked for again and again need not be moved each time.
      if (key === newest) return slot.value;
      newest = key;
      slots.delete(key);
      slots.set(key, slot);
      return slot.value;
    },
    set(key, value, size = 0) {
      remove(key);
      if (size > maxSize) return;
      slots.set(key, { value, size });
      newest = key;
      total += size;
      makeRoom();
    },
    delete: remove,
    *entries() {
      for (const [key, { value }] of slots) yield [key, value];
    },
  };
}
