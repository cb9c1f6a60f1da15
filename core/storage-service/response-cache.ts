/**
 * The response cache: what was made for one request serves all equal ones, those that come while it is being made and, as
 * far as there is room, those that come later.
 *
 * Source: storage-service §3.5 of the reference (checklist 1–3). There an entry is counted as one whatever its size; here the
 * cache is bounded in bytes too.
 *
 * @module
 */
import type { Metrics } from "../ports/metrics.ts";
import { createLruMap } from "./lru-map.ts";
import { LRU_CACHE_EVENT, LRU_CACHE_HIT, LRU_CACHE_PROBE } from "./metrics.ts";

/**
 * How long a value may be kept.
 *
 * - `always`: until there is no room for it.
 * - `atHead`: while the head is the one it was made at.
 * - `never`: it is handed to those who wait for it already, and to nobody else.
 */
export type Keeping = "always" | "atHead" | "never";

/** A value that was made. */
export interface Loaded<V> {
  /** What is handed out: one object to everybody, so nobody may change it. */
  readonly value: V;
  /** Bytes of memory that it holds on to. */
  readonly sizeBytes: number;
  /** How long it may be kept. */
  readonly keeping: Keeping;
}

/** Finds values, or has them made. */
export interface ResponseCache<V> {
  /**
   * The value for `key`: kept from before, or made by `load`, once for all that ask meanwhile.
   *
   * Nothing is kept of a load that fails: all that wait for it get the same error, and the next one loads again.
   *
   * @param head Names the state of the ledger's head. Values made at another head are not handed out unless they hold for ever.
   */
  get(key: string, head: string, load: () => Promise<Loaded<V>>): Promise<V>;
}

/** What a cache is made of. */
export interface ResponseCacheParts {
  /** Most bytes, keys and bookkeeping included; 0: nothing is kept. */
  readonly maxBytes: number;
  /** Most entries; 0: nothing is kept. */
  readonly maxEntries: number;
  /** Counts look-ups and hits. */
  readonly metrics: Metrics;
}

/** What an entry takes beside its value and its key: slot of the map, entry, frame, header of the buffer. Measured on Node 24. */
const ENTRY_OVERHEAD_BYTES = 400;

/** A value above this part of the cache would push out too much that is asked for more often. */
const LARGEST_PART = 4;

interface Entry<V> {
  readonly value: V;
  /** Absent: it holds at any head. */
  readonly head?: string;
}

/** Creates an empty cache. */
export function createResponseCache<V>({ maxBytes, maxEntries, metrics }: ResponseCacheParts): ResponseCache<V> {
  const kept = createLruMap<string, Entry<V>>({ maxEntries, maxSize: maxBytes });
  const loading = new Map<string, Promise<V>>();

  async function make(key: string, head: string, load: () => Promise<Loaded<V>>): Promise<V> {
    const { value, sizeBytes, keeping } = await load();
    const size = sizeBytes + 2 * key.length + ENTRY_OVERHEAD_BYTES;
    if (keeping !== "never" && size <= maxBytes / LARGEST_PART) {
      kept.set(key, keeping === "always" ? { value } : { value, head }, size);
    }
    return value;
  }

  return {
    async get(key, head, load) {
      metrics.increment(LRU_CACHE_EVENT, PROBE);
      const entry = kept.get(key);
      if (entry !== undefined && (entry.head === undefined || entry.head === head)) {
        metrics.increment(LRU_CACHE_EVENT, HIT);
        return entry.value;
      }
      const place = `${head}|${key}`;
      const underWay = loading.get(place);
      if (underWay !== undefined) return await underWay;
      const made = make(key, head, load).finally(() => loading.delete(place));
      loading.set(place, made);
      return await made;
    },
  };
}

const PROBE = [LRU_CACHE_PROBE] as const;
const HIT = [LRU_CACHE_HIT] as const;
