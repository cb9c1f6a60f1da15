import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLruMap, type LruMap } from "../../../core/storage-service/lru-map.ts";
import { createReferenceLru } from "../../helpers/reference-lru.ts";

const KEYS = 6;

const command = fc.oneof(
  fc.record({ do: fc.constant("get" as const), key: fc.nat(KEYS) }),
  fc.record({ do: fc.constant("delete" as const), key: fc.nat(KEYS) }),
  fc.record({ do: fc.constant("set" as const), key: fc.nat(KEYS), value: fc.nat(), size: fc.nat(12) }),
);

function run(map: LruMap<number, number>, step: { do: string; key: number; value?: number; size?: number }): unknown {
  if (step.do === "get") return map.get(step.key);
  if (step.do === "delete") return map.delete(step.key);
  return map.set(step.key, step.value as number, step.size);
}

describe("the bounded map", () => {
  it("does what the definition does, whatever is asked of it", () => {
    const bounds = fc.record({ maxEntries: fc.nat(5), maxSize: fc.nat(25) });
    fc.assert(
      fc.property(bounds, fc.array(command, { maxLength: 60 }), (bound, steps) => {
        const map = createLruMap<number, number>(bound);
        const reference = createReferenceLru<number, number>(bound);
        for (const step of steps) {
          expect(run(map, step)).toBe(run(reference, step));
          expect([...map.entries()]).toEqual([...reference.entries()]);
          expect([map.count, map.size]).toEqual([reference.count, reference.size]);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("forgets what was used least recently: reading and writing anew are both use", () => {
    const map = createLruMap<string, number>({ maxEntries: 3 });
    for (const key of ["a", "b", "c"]) map.set(key, 0);
    map.get("a");
    map.set("b", 1);
    map.set("d", 0);
    expect([...map.entries()]).toEqual([["a", 0], ["b", 1], ["d", 0]]);
  });

  it("pushes nothing out for a value that has no room at all", () => {
    const map = createLruMap<string, number>({ maxEntries: 3, maxSize: 10 });
    map.set("a", 1, 9);
    map.set("b", 2, 11);
    expect([...map.entries()]).toEqual([["a", 1]]);
    map.set("a", 3, 11);
    expect(map.count).toBe(0);
  });
});
