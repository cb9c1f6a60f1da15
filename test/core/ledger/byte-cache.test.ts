import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createByteCache } from "../../../core/ledger/byte-cache.ts";

const OVERHEAD = 200;

describe("byte cache", () => {
  it("forgets the oldest, but not what was used since", () => {
    const cache = createByteCache<string, number>(3 * (OVERHEAD + 10));
    for (const [value, key] of ["a", "b", "c"].entries()) cache.set(key, value, 10);
    expect(cache.get("a")).toBe(0);
    cache.set("d", 3, 10);
    expect(["a", "b", "c", "d"].map((key) => cache.get(key))).toEqual([0, undefined, 2, 3]);
  });

  it("keeps nothing larger than its bound, and nothing at all with a bound of 0", () => {
    const cache = createByteCache<string, number>(1_000);
    cache.set("a", 1, 100);
    cache.set("b", 2, 1_000);
    expect([cache.get("a"), cache.get("b")]).toEqual([1, undefined]);
    cache.set("a", 3, 1_000);
    expect(cache.get("a")).toBeUndefined();
    const none = createByteCache<string, number>(0);
    none.set("a", 1, 0);
    expect(none.get("a")).toBeUndefined();
  });

  it("never holds more than its bound, and never answers with another value than the last one set", () => {
    const step = fc.record({ key: fc.nat(9), size: fc.nat(600), isRead: fc.boolean() });
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const bound = 1_500;
      const cache = createByteCache<number, { size: number }>(bound);
      const last = new Map<number, { size: number }>();
      for (const { key, size, isRead } of steps) {
        if (isRead) expect([undefined, last.get(key)]).toContain(cache.get(key));
        else {
          last.set(key, { size });
          cache.set(key, last.get(key)!, size);
        }
      }
      const held = [...last.keys()].map((key) => cache.get(key)).filter((value) => value !== undefined);
      expect(held.reduce((sum, value) => sum + value.size + OVERHEAD, 0)).toBeLessThanOrEqual(bound);
    }));
  });
});
