/**
 * A decorator of the {@link OrderedKv} port that counts what is read.
 *
 * @module
 */
import { encodeHex } from "../../core/bytes/hex.ts";
import type { OrderedKv } from "../../core/ports/ordered-kv.ts";

/** What was read since the last reset. */
interface ReadCounts {
  /** How often the value of each key was read, by the key in hex. Keys that are not there count too. */
  readonly byKey: Map<string, number>;
  /** Bytes of all values read. */
  bytes: number;
  /** Calls of `get`, `getMany` and `scan`. */
  calls: number;
}

/** A store that counts its reads. */
export interface CountedKv {
  readonly kv: OrderedKv;
  readonly counts: ReadCounts;
  /** Begins to count anew. */
  reset(): void;
}

/** Counts the reads of `kv`. */
export function withReadCounts(kv: OrderedKv): CountedKv {
  const counts: ReadCounts = { byKey: new Map(), bytes: 0, calls: 0 };
  const count = (key: Uint8Array, value: Uint8Array | undefined): void => {
    const name = encodeHex(key);
    counts.byKey.set(name, (counts.byKey.get(name) ?? 0) + 1);
    counts.bytes += value?.length ?? 0;
  };
  return {
    counts,
    reset() {
      counts.byKey.clear();
      counts.bytes = 0;
      counts.calls = 0;
    },
    kv: {
      async get(key) {
        counts.calls++;
        const value = await kv.get(key);
        count(key, value);
        return value;
      },
      async getMany(keys) {
        counts.calls++;
        const values = await kv.getMany(keys);
        for (const [i, key] of keys.entries()) count(key, values[i]);
        return values;
      },
      async scan(range, options) {
        counts.calls++;
        const entries = await kv.scan(range, options);
        for (const { key, value } of entries) count(key, value);
        return entries;
      },
      commit: (batch, options) => kv.commit(batch, options),
      close: () => kv.close(),
    },
  };
}
