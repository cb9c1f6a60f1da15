import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import { decodeHex } from "../../../core/bytes/hex.ts";
import { asU64, type CborValue, checkCbor, decodeCbor, encodeCbor } from "../../../core/wire/cbor.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { u64 } from "../../helpers/wire-arbitraries.ts";

const LIMITS = { maxBytes: 1 << 22, maxItems: 1000 };

const leaf: fc.Arbitrary<CborValue> = fc.oneof(
  u64.map((value) => asU64(value)),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 70 }),
  fc.constantFrom(255, 256, 65_535, 65_536).map((length) => new Uint8Array(length)),
  fc.string({ unit: "grapheme", maxLength: 60 }),
);

const value: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof({ maxDepth: 6 }, leaf, fc.array(tie("value"), { maxLength: 30 })),
})).value;

describe("the deterministic subset of CBOR", () => {
  it("is what the encoder writes, and comes back equal", () => {
    fc.assert(
      fc.property(value, (original) => {
        const bytes = encodeCbor(original);
        expect(decodeCbor(bytes, { ...LIMITS, maxItems: 100_000 })).toEqual(original);
      }),
      { numRuns: 400 },
    );
  });

  it("has one encoding of each value: what decodes encodes to the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), (bytes) => {
        let decoded: CborValue;
        try {
          decoded = decodeCbor(bytes, LIMITS);
        } catch {
          return;
        }
        expect(encodeCbor(decoded)).toEqual(bytes);
      }),
      { numRuns: 5000 },
    );
  });

  it("writes integers in the shortest form, up to 2^64 - 1", () => {
    const cases: [bigint, string][] = [
      [0n, "00"],
      [23n, "17"],
      [24n, "1818"],
      [255n, "18ff"],
      [256n, "190100"],
      [65_535n, "19ffff"],
      [65_536n, "1a00010000"],
      [0xffff_ffffn, "1affffffff"],
      [0x1_0000_0000n, "1b0000000100000000"],
      [0xffff_ffff_ffff_ffffn, "1bffffffffffffffff"],
    ];
    for (const [integer, hex] of cases) expect(encodeCbor(asU64(integer))).toEqual(decodeHex(hex));
  });

  it("hands out fresh buffers", () => {
    const first = encodeCbor([1, new Uint8Array([1, 2, 3])]);
    const copy = first.slice();
    encodeCbor([9, new Uint8Array(100).fill(9)]);
    expect(first).toEqual(copy);
    expect(first.buffer.byteLength).toBe(first.length);
  });

  it("leaves its input as it was", () => {
    const bytes = encodeCbor([1, new Uint8Array([1, 2, 3])]);
    const keys = Object.getOwnPropertyNames(bytes);
    decodeCbor(bytes, LIMITS);
    expect(Object.getOwnPropertyNames(bytes)).toEqual(keys);
  });
});

describe("bytes outside the subset", () => {
  const malformed: [why: string, hex: string][] = [
    ["nothing at all", ""],
    ["an integer that ends early", "18"],
    ["an integer longer than needed, 1 byte", "1817"],
    ["an integer longer than needed, 2 bytes", "1900ff"],
    ["an integer longer than needed, 4 bytes", "1a0000ffff"],
    ["an integer longer than needed, 8 bytes", "1b00000000ffffffff"],
    ["a byte string with a length longer than needed", "580101"],
    ["a negative integer", "20"],
    ["a byte string that ends early", "43aabb"],
    ["a byte string of 2^64 - 1 bytes", "5bffffffffffffffff"],
    ["a byte string of 4 GiB", "5affffffff00"],
    ["a byte string of indefinite length", "5f4101ff"],
    ["a text of indefinite length", "7f6161ff"],
    ["a text that is not UTF-8", "61ff"],
    ["a text that is an overlong encoding", "62c080"],
    ["an array of indefinite length", "9f01ff"],
    ["an array that ends early", "8201"],
    ["an array of 4 billion elements in 5 bytes", "9affffffff"],
    ["an array of 2^63 elements", "9b8000000000000000"],
    ["a map", "a10102"],
    ["a map with __proto__", "a1695f5f70726f746f5f5f01"],
    ["a map with a key twice", "a201010102"],
    ["a tag", "c101"],
    ["tag 64 around bytes", "d8404101"],
    ["a record of cbor-x", "d9dfff8301816161"],
    ["undefined", "f7"],
    ["another simple value", "e0"],
    ["a simple value in two bytes", "f820"],
    ["a half float", "f93c00"],
    ["a float", "fa3f800000"],
    ["a double", "fb3ff0000000000000"],
    ["a lone break", "ff"],
    ["a reserved length", "1c"],
    ["bytes after the value", "0101"],
    ["bytes after an array", "810100"],
  ];

  it.each(malformed)("are refused: %s", (_, hex) => {
    expectSyncError(() => decodeCbor(decodeHex(hex), LIMITS), "MALFORMED_FRAME");
    if (hex !== "" && !hex.startsWith("81")) {
      expectSyncError(() => decodeCbor(concatBytes(new Uint8Array([0x81]), decodeHex(hex)), LIMITS), "MALFORMED_FRAME");
    }
  });

  it("allows arrays 16 deep and refuses 17, empty ones too", () => {
    const nested = (depth: number) => new Uint8Array([...Array(depth - 1).fill(0x81), 0x80]);
    expect(() => checkCbor(nested(16), LIMITS)).not.toThrow();
    expectSyncError(() => checkCbor(nested(17), LIMITS), "LIMIT_EXCEEDED");
  });

  it("refuses 100,000 nested arrays without ending the stack", () => {
    expectSyncError(() => decodeCbor(new Uint8Array(100_000).fill(0x81), LIMITS), "LIMIT_EXCEEDED");
  });

  it("counts items, and refuses more than the limit before it decodes", () => {
    const bytes = encodeCbor(Array.from({ length: 999 }, () => 0));
    expect(() => checkCbor(bytes, LIMITS)).not.toThrow();
    expectSyncError(() => checkCbor(encodeCbor(Array.from({ length: 1000 }, () => 0)), LIMITS), "LIMIT_EXCEEDED");
  });

  it("refuses a frame longer than the limit, and text longer than any message", () => {
    const bytes = encodeCbor(new Uint8Array(100));
    expect(() => checkCbor(bytes, { maxBytes: 102, maxItems: 1 })).not.toThrow();
    expectSyncError(() => checkCbor(bytes, { maxBytes: 101, maxItems: 1 }), "LIMIT_EXCEEDED");
    expectSyncError(() => checkCbor(encodeCbor("x".repeat(1025)), LIMITS), "LIMIT_EXCEEDED");
  });

  it("is total: any bytes decode or are refused with fault peer", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeCbor(bytes, LIMITS);
        } catch (error) {
          expect(error).toMatchObject({ name: "SyncError", fault: "peer" });
        }
      }),
      { numRuns: 3000 },
    );
  });
});
