/**
 * What the ledger benchmarks share: temporary SQLite stores, counting decorators, tables.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteKv } from "../../adapters/sqlite/sqlite-kv.ts";
import type { Hasher } from "../../core/ports/hasher.ts";
import type { OrderedKv } from "../../core/ports/ordered-kv.ts";

/** CPU time of this thread in milliseconds: what a busy machine does beside it does not count. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** A sample is long enough for the kernel's accounting of CPU time, which moves in steps of up to 4 ms. */
const SAMPLE_MS = 120;
const SAMPLES = 5;

/** CPU milliseconds that one call of `run` takes: the median of several samples of many calls each, after a warm-up. */
export function cpuMsOfCall(run: () => unknown): number {
  sampleOf(run);
  const samples = Array.from({ length: SAMPLES }, () => sampleOf(run)).sort((a, b) => a - b);
  return samples[SAMPLES >> 1] as number;
}

function sampleOf(run: () => unknown): number {
  const start = cpuMs();
  let calls = 0;
  let spent = 0;
  while (spent < SAMPLE_MS) {
    run();
    calls++;
    spent = cpuMs() - start;
  }
  return spent / calls;
}

/** What a counted store did. */
export interface KvCounts {
  rows: number;
  bytes: number;
  commitMs: number;
  readRows: number;
  readBytes: number;
  readMs: number;
}

/** Runs `use` with a fresh SQLite store, which is removed afterwards. */
export async function withSqlite<T>(use: (kv: OrderedKv, path: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "velor-bench-"));
  const path = join(directory, "ledger.sqlite");
  const kv = openSqliteKv({ path, mode: "write" });
  try {
    return await use(kv, path);
  } finally {
    await kv.close();
    rmSync(directory, { recursive: true });
  }
}

/** A store that counts what passes through it. */
export function withKvCounts(kv: OrderedKv): { kv: OrderedKv; counts: KvCounts } {
  const counts: KvCounts = { rows: 0, bytes: 0, commitMs: 0, readRows: 0, readBytes: 0, readMs: 0 };
  const read = async <T>(run: () => Promise<T>, sizes: (result: T) => number[]): Promise<T> => {
    const start = cpuMs();
    const result = await run();
    counts.readMs += cpuMs() - start;
    for (const size of sizes(result)) {
      counts.readRows++;
      counts.readBytes += size;
    }
    return result;
  };
  return {
    counts,
    kv: {
      get: (key) => read(() => kv.get(key), (value) => [value?.length ?? 0]),
      getMany: (keys) => read(() => kv.getMany(keys), (values) => values.map((value) => value?.length ?? 0)),
      scan: (range, options) =>
        read(() => kv.scan(range, options), (entries) => entries.map((entry) => entry.value.length)),
      close: () => kv.close(),
      async commit(batch, options) {
        const start = cpuMs();
        await kv.commit(batch, options);
        counts.commitMs += cpuMs() - start;
        for (const operation of batch) {
          if (!("put" in operation)) continue;
          counts.rows++;
          counts.bytes += operation.put.length + operation.value.length;
        }
      },
    },
  };
}

/** A hasher that measures itself. */
export function withHashTime(hasher: Hasher): { hasher: Hasher; spent: { ms: number; hashes: number } } {
  const spent = { ms: 0, hashes: 0 };
  const measure = (run: () => Uint8Array) => {
    const start = cpuMs();
    const result = run();
    spent.ms += cpuMs() - start;
    spent.hashes += result.length / 32;
    return result;
  };
  return {
    spent,
    hasher: {
      hash: (seed, message) => measure(() => hasher.hash(seed, message)),
      hashPairs: (seed, pairs) => measure(() => hasher.hashPairs(seed, pairs)),
      hashColumn: (seed, column) => measure(() => hasher.hashColumn(seed, column)),
    },
  };
}

/** `count` random bytes of a seeded generator: the same in every run. */
export function seededBytes(count: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(count / 4));
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = Math.imul(state, 0x9e37_79b1);
  }
  return new Uint8Array(words.buffer, 0, count);
}

/** Prints one row of a table, numbers with `digits` digits behind the point. */
export function printRow(cells: readonly (string | number)[], digits = 1): void {
  const text = cells.map((cell) => (typeof cell === "number" ? cell.toFixed(digits) : cell).padStart(12));
  console.log(text.join(""));
}
