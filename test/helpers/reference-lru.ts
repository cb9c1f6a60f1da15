/**
 * A map bounded in entries and sizes, from the definition: a list in order of use, searched from end to end.
 *
 * @module
 */
import type { LruBounds, LruMap } from "../../core/storage-service/lru-map.ts";

/** Creates an empty map. */
export function createReferenceLru<K, V>({ maxEntries, maxSize = Infinity }: LruBounds): LruMap<K, V> {
  let items: { key: K; value: V; size: number }[] = [];
  const sizeOf = () => items.reduce((sum, { size }) => sum + size, 0);
  return {
    get count() {
      return items.length;
    },
    get size() {
      return sizeOf();
    },
    get(key) {
      const found = items.find((item) => item.key === key);
      if (found !== undefined) items = [...items.filter((item) => item !== found), found];
      return found?.value;
    },
    set(key, value, size = 0) {
      items = items.filter((item) => item.key !== key);
      if (size > maxSize) return;
      items = [...items, { key, value, size }];
      while (items.length > maxEntries || sizeOf() > maxSize) items = items.slice(1);
    },
    delete(key) {
      items = items.filter((item) => item.key !== key);
    },
    entries: () => items.map(({ key, value }) => [key, value] as const),
  };
}
