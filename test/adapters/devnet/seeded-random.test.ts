import { describe, expect, it } from "vitest";
import { createSeededRandom } from "../../../adapters/devnet/seeded-random.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);

describe("createSeededRandom", () => {
  it("draws the same numbers from the same key, on every runtime", () => {
    const random = createSeededRandom(KEY);
    const drawn = [random.nextU64(), random.nextU64(), BigInt(random.below(1_000_000)), BigInt(random.below(7))];
    expect(drawn).toEqual(PINNED);
    expect(random.next()).toBe(PINNED_FRACTION);
  });

  it("draws others from another key, and uses no more than 16 bytes", () => {
    const first = createSeededRandom(KEY).nextU64();
    expect(createSeededRandom(KEY.map((byte, i) => (i === 15 ? byte ^ 1 : byte))).nextU64()).not.toBe(first);
    expect(createSeededRandom(KEY.subarray(0, 16)).nextU64()).toBe(first);
  });

  it("draws every number below a limit about equally often, and none outside", () => {
    const random = createSeededRandom(KEY);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const value = random.below(10);
      counts[value] = (counts[value] ?? Number.NaN) + 1;
    }
    expect(counts).toHaveLength(10);
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(250);
  });
});

// From the definition of the generator in arbitrary-precision integers.
const PINNED = [1807653261913482331n, 9028908318237847026n, 785502n, 3n];
const PINNED_FRACTION = 0.5201235133216187;
