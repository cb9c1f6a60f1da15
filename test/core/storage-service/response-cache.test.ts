import { beforeEach, describe, expect, it } from "vitest";
import type { Metrics } from "../../../core/ports/metrics.ts";
import { LRU_CACHE_EVENT } from "../../../core/storage-service/metrics.ts";
import { createResponseCache, type Keeping, type ResponseCache } from "../../../core/storage-service/response-cache.ts";

const LARGE = 1 << 20;

let events: string[];
let loads: string[];

const metrics: Metrics = {
  observe() {},
  set() {},
  increment(metric, [event]) {
    if (metric === LRU_CACHE_EVENT) events.push(event as string);
  },
};

beforeEach(() => {
  events = [];
  loads = [];
});

function cacheOf(bounds: { maxBytes?: number; maxEntries?: number } = {}): ResponseCache<object> {
  return createResponseCache<object>({ maxBytes: LARGE, maxEntries: 100, ...bounds, metrics });
}

/** Asks for `key`; a load that is needed is noted. */
function ask(
  cache: ResponseCache<object>,
  key: string,
  { head = "1", sizeBytes = 100, keeping = "always" as Keeping } = {},
): Promise<object> {
  return cache.get(key, head, async () => {
    loads.push(key);
    await Promise.resolve();
    return { value: { key }, sizeBytes, keeping };
  });
}

describe("the response cache", () => {
  it("hands out the very value that it keeps", async () => {
    const cache = cacheOf();
    const first = await ask(cache, "a");
    expect(await ask(cache, "a")).toBe(first);
    expect(await ask(cache, "b")).not.toBe(first);
    expect(loads).toEqual(["a", "b"]);
  });

  it.each(["always", "atHead", "never"] as const)(
    "loads once for all that ask meanwhile, also what is kept %s",
    async (keeping) => {
      const cache = cacheOf();
      const values = await Promise.all(Array.from({ length: 50 }, () => ask(cache, "a", { keeping })));
      expect(new Set(values).size).toBe(1);
      expect(loads).toEqual(["a"]);
      await ask(cache, "a", { keeping });
      expect(loads).toHaveLength(keeping === "never" ? 2 : 1);
    },
  );

  it("wakes all that wait with the same error, and keeps nothing of it", async () => {
    const cache = cacheOf();
    const failing = () =>
      cache.get("a", "1", async () => {
        loads.push("a");
        await Promise.resolve();
        throw new Error("gone");
      });
    const results = await Promise.allSettled([failing(), failing(), ask(cache, "a")]);
    const reasons = results.map((result) => result.status === "rejected" ? result.reason : undefined);
    expect(reasons[0]).toBeInstanceOf(Error);
    expect(new Set(reasons).size).toBe(1);
    expect(loads).toEqual(["a"]);
    await ask(cache, "a");
    expect(loads).toEqual(["a", "a"]);
  });

  it("hands out what is about the head at that head only", async () => {
    const cache = cacheOf();
    const first = await ask(cache, "a", { head: "1", keeping: "atHead" });
    expect(await ask(cache, "a", { head: "1", keeping: "atHead" })).toBe(first);
    const second = await ask(cache, "a", { head: "2", keeping: "atHead" });
    expect(second).not.toBe(first);
    expect(await ask(cache, "a", { head: "2" })).toBe(second);
    await ask(cache, "b", { head: "1" });
    await ask(cache, "b", { head: "2" });
    expect(loads).toEqual(["a", "a", "b"]);
  });

  it("does not let one that asks at a new head wait for an answer at the old one", async () => {
    const cache = cacheOf();
    const old = ask(cache, "a", { head: "1", keeping: "atHead" });
    const fresh = ask(cache, "a", { head: "2", keeping: "atHead" });
    expect(await fresh).not.toBe(await old);
  });

  it("forgets what was asked for least recently when there are too many entries", async () => {
    const cache = cacheOf({ maxEntries: 2 });
    for (const key of ["a", "b", "a", "c", "a", "b"]) await ask(cache, key);
    expect(loads).toEqual(["a", "b", "c", "b"]);
  });

  it("counts bytes, and the overhead of every entry", async () => {
    const cache = cacheOf({ maxBytes: 5_000 });
    for (const key of ["a", "b", "c", "d"]) await ask(cache, key, { sizeBytes: 800 });
    await ask(cache, "a");
    expect(loads).toEqual(["a", "b", "c", "d"]);
    await ask(cache, "e", { sizeBytes: 800 });
    await ask(cache, "a");
    await ask(cache, "b");
    expect(loads).toEqual(["a", "b", "c", "d", "e", "b"]);
  });

  it("hands out a value above a quarter of the cache, and does not keep it", async () => {
    const cache = cacheOf({ maxBytes: 10_000 });
    await ask(cache, "small");
    await ask(cache, "large", { sizeBytes: 2_500 });
    await ask(cache, "large", { sizeBytes: 2_500 });
    await ask(cache, "small");
    expect(loads).toEqual(["small", "large", "large"]);
  });

  it.each([{ maxBytes: 0 }, { maxEntries: 0 }])(
    "keeps nothing with %o, and still loads once for many",
    async (bounds) => {
      const cache = cacheOf(bounds);
      await Promise.all([ask(cache, "a", { sizeBytes: 0 }), ask(cache, "a", { sizeBytes: 0 })]);
      expect(loads).toEqual(["a"]);
      await ask(cache, "a", { sizeBytes: 0 });
      expect(loads).toEqual(["a", "a"]);
    },
  );

  it("counts every look-up, and those that find something", async () => {
    const cache = cacheOf();
    await ask(cache, "a");
    await ask(cache, "a");
    expect(events).toEqual(["lru_cache_probe", "lru_cache_probe", "lru_cache_hit"]);
  });
});
