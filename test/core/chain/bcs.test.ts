import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BcsCursor, BcsWriter, decodeBcs, encodeBcs, MAX_SEQUENCE_LENGTH } from "../../../core/chain/bcs.ts";
import { decodeHex, encodeHex } from "../../../core/bytes/hex.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { patternBytes } from "../../helpers/bytes.ts";

const read = <T>(hex: string, reader: (cursor: BcsCursor) => T) => decodeBcs(decodeHex(hex), reader);
const refuse = (hex: string, reader: (cursor: BcsCursor) => unknown) =>
  expectSyncError(() => decodeBcs(decodeHex(hex), reader), "MALFORMED_BCS");
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const u128 = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });

describe("integers", () => {
  it("are little-endian of fixed width", () => {
    expect(read("01", (c) => c.u8())).toBe(1);
    expect(read("0201", (c) => c.u16())).toBe(0x0102);
    expect(read("04030281", (c) => c.u32())).toBe(0x8102_0304);
    expect(read("0807060504030281", (c) => c.u64())).toBe(0x8102_0304_0506_0708n);
    expect(read("01000000000000000000000000000080", (c) => c.u128())).toBe((1n << 127n) + 1n);
  });

  it("come back as they were", () => {
    const numbers = fc.tuple(fc.nat(0xff), fc.nat(0xffff), fc.nat(0xffff_ffff), u64, u128);
    fc.assert(fc.property(numbers, ([a, b, c, d, e]) => {
      const bytes = encodeBcs((writer) => writer.u8(a).u16(b).u32(c).u64(d).u128(e));
      expect(bytes.length).toBe(1 + 2 + 4 + 8 + 16);
      const back = decodeBcs(bytes, (cursor) => [cursor.u8(), cursor.u16(), cursor.u32(), cursor.u64(), cursor.u128()]);
      expect(back).toEqual([a, b, c, d, e]);
    }));
  });

  it("are refused where bytes are missing", () => {
    refuse("", (c) => c.u8());
    refuse("00", (c) => c.u16());
    refuse("000000", (c) => c.u32());
    refuse("00000000000000", (c) => c.u64());
    refuse("000000000000000000000000000000", (c) => c.u128());
  });

  it("are refused by the writer outside 64 and 128 bits", () => {
    for (const value of [-1n, 2n ** 64n]) {
      expectSyncError(() => new BcsWriter().u64(value), "INVALID_ARGUMENT");
    }
    for (const value of [-1n, 2n ** 128n]) {
      expectSyncError(() => new BcsWriter().u128(value), "INVALID_ARGUMENT");
    }
  });
});

describe("booleans and options", () => {
  it("are 00 or 01", () => {
    expect(read("00", (c) => c.bool())).toBe(false);
    expect(read("01", (c) => c.bool())).toBe(true);
    expect(read("00", (c) => c.option((inner) => inner.u8()))).toBeUndefined();
    expect(read("0107", (c) => c.option((inner) => inner.u8()))).toBe(7);
    expect(encodeHex(encodeBcs((w) => w.bool(true).bool(false).option(7, (inner, v) => inner.u8(v))))).toBe("01000107");
  });

  it("are nothing else", () => {
    for (let byte = 2; byte < 256; byte++) refuse(byte.toString(16).padStart(2, "0"), (c) => c.bool());
    expect(refuse("02", (c) => c.bool()).detail["offset"]).toBe(0);
  });
});

describe("ULEB128", () => {
  it.each([
    ["00", 0],
    ["7f", 0x7f],
    ["8001", 0x80],
    ["ff7f", 0x3fff],
    ["808001", 0x4000],
    ["ffffffff0f", 0xffff_ffff],
  ])("reads and writes %s", (hex, value) => {
    expect(read(hex, (c) => c.uleb128())).toBe(value);
    expect(encodeHex(encodeBcs((w) => w.uleb128(value)))).toBe(hex);
  });

  it.each([
    ["a trailing zero group", "8000"],
    ["two trailing zero groups", "808000"],
    ["33 bits", "8080808010"],
    ["five groups of ones", "ffffffff7f"],
    ["six groups", "808080808001"],
    ["a missing group", "80"],
    ["nothing", ""],
  ])("refuses %s", (_, hex) => {
    refuse(hex, (c) => c.uleb128());
  });

  it("has one spelling for every number", () => {
    fc.assert(fc.property(fc.nat(0xffff_ffff), (value) => {
      expect(decodeBcs(encodeBcs((w) => w.uleb128(value)), (c) => c.uleb128())).toBe(value);
    }));
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), (bytes) => {
      const cursor = new BcsCursor(bytes);
      let value: number;
      try {
        value = cursor.uleb128();
      } catch {
        return;
      }
      expect(encodeBcs((w) => w.uleb128(value))).toEqual(bytes.slice(0, cursor.offset));
    }));
  });
});

describe("lengths", () => {
  it("are refused when the items cannot be there", () => {
    expect(read("0201020304", (c) => [c.length(2), c.u32()])).toEqual([2, 0x0403_0201]);
    refuse("02010203", (c) => c.length(2));
    refuse("ffffffff07", (c) => c.length());
    refuse("8080808008", (c) => c.length());
    expect(MAX_SEQUENCE_LENGTH).toBe(0x7fff_ffff);
  });

  it("above 2³¹ − 1 are refused whatever follows", () => {
    const cursor = new BcsCursor(decodeHex("8080808008"));
    expect(expectSyncError(() => cursor.length(0), "MALFORMED_BCS").message).toContain("2147483647");
  });
});

describe("byte strings, texts and sequences", () => {
  it("carry their length", () => {
    expect(read("03010203", (c) => c.byteString())).toEqual(Uint8Array.of(1, 2, 3));
    expect(read("03e282ac", (c) => c.text())).toBe("€");
    expect(read("0201000200", (c) => c.sequence((inner) => inner.u16(), 2))).toEqual([1, 2]);
  });

  it("come back as they were", () => {
    const arbitrary = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: "binary" }), fc.array(u64));
    fc.assert(fc.property(arbitrary, ([bytes, text, list]) => {
      const encoded = encodeBcs((w) => w.byteString(bytes).text(text).sequence(list, (inner, item) => inner.u64(item)));
      const back = decodeBcs(encoded, (c) => [c.byteString(), c.text(), c.sequence((inner) => inner.u64(), 8)]);
      expect(back).toEqual([bytes, text, list]);
    }));
  });

  it("are refused with another length than demanded, naming where", () => {
    expect(read("0101", (c) => c.byteString(1))).toEqual(Uint8Array.of(1));
    expect(refuse("0101", (c) => c.byteString(2)).detail["offset"]).toBe(0);
    refuse("020102", (c) => c.byteString(1));
  });

  it("are refused where text is not UTF-8, or cut", () => {
    expect(refuse("01ff", (c) => c.text()).message).toContain("UTF-8");
    refuse("0261", (c) => c.text());
  });

  it("are views where they are bytes", () => {
    const bytes = decodeHex("0201020304");
    const cursor = new BcsCursor(bytes);
    expect(cursor.byteString().buffer).toBe(bytes.buffer);
    expect(cursor.raw(2).buffer).toBe(bytes.buffer);
    expect(cursor.since(3)).toEqual(Uint8Array.of(3, 4));
    expect(cursor.remaining).toBe(0);
  });
});

describe("variants", () => {
  it("are below their count", () => {
    expect(read("02", (c) => c.variant(3, "Thing"))).toBe(2);
    const error = refuse("03", (c) => c.variant(3, "Thing"));
    expect(error.message).toContain("Thing has 3 variants, current index is 3");
    expect(error.detail["offset"]).toBe(0);
    refuse("8000", (c) => c.variant(3, "Thing"));
  });
});

describe("maps", () => {
  const readMap = (cursor: BcsCursor) => cursor.map((inner) => inner.byteString(), (inner) => inner.u8());
  const key = (bytes: Uint8Array) => encodeBcs((w) => w.byteString(bytes));

  it("are in the order of the serialized keys, in which the shorter key comes first", () => {
    const entries = [[key(Uint8Array.of(2)), Uint8Array.of(7)], [key(Uint8Array.of(1, 1)), Uint8Array.of(8)]] as const;
    const bytes = encodeBcs((w) => w.map(entries.toReversed()));
    expect(encodeHex(bytes)).toBe("0201020702010108");
    expect(decodeBcs(bytes, readMap)).toEqual([[Uint8Array.of(2), 7], [Uint8Array.of(1, 1), 8]]);
  });

  it.each([
    ["out of order", "0202010108010207"],
    ["repeated", "02010207010208"],
  ])("are refused with keys %s", (_, hex) => {
    expect(refuse(hex, readMap).message).toContain("strictly ascending");
  });

  it("come back sorted", () => {
    const entries = fc.uniqueArray(fc.uint8Array({ maxLength: 3 }), { selector: encodeHex });
    fc.assert(fc.property(entries, (keys) => {
      const bytes = encodeBcs((w) => w.map(keys.map((k, i) => [key(k), Uint8Array.of(i)] as const)));
      const back = decodeBcs(bytes, readMap);
      expect(new Map(back.map(([k, v]) => [encodeHex(k), v]))).toEqual(new Map(keys.map((k, i) => [encodeHex(k), i])));
      const hex = back.map(([k]) => encodeHex(key(k)));
      expect(hex).toEqual(hex.toSorted());
    }));
  });

  it("are not written with a repeated key", () => {
    const entry = [key(Uint8Array.of(1)), Uint8Array.of(0)] as const;
    expectSyncError(() => encodeBcs((w) => w.map([entry, entry])), "INVALID_ARGUMENT");
  });
});

describe("the end", () => {
  it("is demanded", () => {
    expect(refuse("0000", (c) => c.u8()).message).toContain("1 bytes are left over");
  });
});

describe("the writer", () => {
  it("grows, and hands out a copy", () => {
    const writer = new BcsWriter();
    const bytes = patternBytes(10_000);
    for (let i = 0; i < bytes.length; i += 100) writer.raw(bytes.subarray(i, i + 100));
    expect(writer.length).toBe(10_000);
    const first = writer.finish();
    expect(first).toEqual(bytes);
    first.fill(0);
    expect(writer.u8(1).finish().subarray(0, 10_000)).toEqual(bytes);
  });
});
