import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignedCut, canonicalRangeFrom, isCanonicalRange } from "../../../core/wire/ranges.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";

/** From the definition: [i·2^k, (i+1)·2^k − 1] for some i and k with 2^k ≤ maximum, clipped at `last`. */
function isCanonicalByDefinition(first: bigint, last: bigint, maximum: number, clip: bigint): boolean {
  for (let block = 1n; block <= BigInt(maximum); block *= 2n) {
    if (first % block !== 0n) continue;
    const end = first + block - 1n;
    if (last === (end < clip ? end : clip) && last >= first) return true;
  }
  return false;
}

const small = fc.bigInt({ min: 0n, max: 300n });
const maximum = fc.integer({ min: 1, max: 130 });

describe("canonical ranges", () => {
  it("are what the definition says", () => {
    fc.assert(
      fc.property(small, small, maximum, small, (first, last, limit, clip) => {
        const expected = last <= clip && isCanonicalByDefinition(first, last, limit, clip);
        expect(isCanonicalRange({ first, last }, { maximum: limit, last: clip })).toBe(expected);
      }),
      { numRuns: 10_000 },
    );
  });

  it("cover an epoch from any start without gap or overlap, each canonical and the longest there is", () => {
    fc.assert(
      fc.property(small, fc.nat(400), maximum, (start, length, limit) => {
        const last = start + BigInt(length);
        let next = start;
        let ranges = 0;
        while (next <= last) {
          const { first, count } = canonicalRangeFrom(next, { maximum: limit, last });
          const end = first + BigInt(count) - 1n;
          expect(first).toBe(next);
          expect(isCanonicalRange({ first, last: end }, { maximum: limit, last })).toBe(true);
          const longer = Array.from({ length: Number(last - end) }, (_, i) => end + 1n + BigInt(i));
          expect(longer.some((other) => isCanonicalRange({ first, last: other }, { maximum: limit, last }))).toBe(
            false,
          );
          next = end + 1n;
          ranges++;
        }
        expect(next).toBe(last + 1n);
        // Short ones at the start, then full blocks, then the rest.
        expect(ranges).toBeLessThanOrEqual(Math.ceil((length + 1) / 2 ** Math.floor(Math.log2(limit))) + 8);
      }),
      { numRuns: 150 },
    );
  });

  it("begin an epoch that starts at an odd place with short ones", () => {
    const options = { maximum: 2048, last: 5000n };
    expect(canonicalRangeFrom(41n, options)).toEqual({ first: 41n, count: 1 });
    expect(canonicalRangeFrom(42n, options)).toEqual({ first: 42n, count: 2 });
    expect(canonicalRangeFrom(44n, options)).toEqual({ first: 44n, count: 4 });
    expect(canonicalRangeFrom(2048n, options)).toEqual({ first: 2048n, count: 2048 });
    expect(canonicalRangeFrom(4096n, options)).toEqual({ first: 4096n, count: 905 });
  });

  it("work at the top of u64", () => {
    const last = 0xffff_ffff_ffff_ffffn;
    expect(canonicalRangeFrom(last - 1023n, { maximum: 2048, last })).toEqual({ first: last - 1023n, count: 1024 });
  });

  it.each([[0n, 0, 5n], [6n, 8, 5n], [-1n, 8, 5n], [0n, Number.NaN, 5n]])(
    "refuse to plan from %s with maximum %s up to %s",
    (first, limit, last) => {
      expectSyncError(() => canonicalRangeFrom(first, { maximum: limit, last }), "INVALID_ARGUMENT");
    },
  );
});

describe("where a shortened answer is cut", () => {
  const zeros = (value: bigint) =>
    value === 0n ? 64 : value.toString(2).length - value.toString(2).lastIndexOf("1") - 1;

  it("is the most aligned boundary in the upper half of what fits", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 5000n }), fc.integer({ min: 1, max: 600 }), (first, fitting) => {
        const count = alignedCut(first, fitting);
        expect(count).toBeGreaterThan(fitting / 2 - 1);
        expect(count).toBeGreaterThanOrEqual(1);
        expect(count).toBeLessThanOrEqual(fitting);
        const upperHalf = Array.from({ length: Math.ceil(fitting / 2) }, (_, i) => first + BigInt(fitting - i));
        expect(zeros(first + BigInt(count))).toBe(Math.max(...upperHalf.map(zeros)));
      }),
      { numRuns: 500 },
    );
  });

  it("is a power of two for an aligned start", () => {
    expect(alignedCut(4096n, 1500)).toBe(1024);
    expect(alignedCut(0n, 3)).toBe(2);
    expect(alignedCut(64n, 1)).toBe(1);
  });
});
