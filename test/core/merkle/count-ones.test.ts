import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countOnes, countOnes32 } from "../../../core/merkle/count-ones.ts";

const onesOf = (value: bigint | number) => [...value.toString(2)].filter((digit) => digit === "1").length;

describe("the 1-bits of a number", () => {
  it("are counted at every length", () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      expect(countOnes(value)).toBe(onesOf(value));
    }));
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
      expect(countOnes32(value)).toBe(onesOf(value));
    }));
  });

  it("are counted where a 32-bit sign would be in the way", () => {
    expect([countOnes32(2 ** 31), countOnes32(2 ** 32 - 1)]).toEqual([1, 32]);
    expect([countOnes(2n ** 31n), countOnes(2n ** 32n), countOnes(2n ** 64n - 1n)]).toEqual([1, 1, 64]);
  });
});
