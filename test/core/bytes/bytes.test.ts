import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes, concatBytes, equalBytes, utf8Bytes, utf8Text } from "../../../core/bytes/bytes.ts";

const shortBytes = fc.uint8Array({ maxLength: 5 });

describe("equalBytes and compareBytes", () => {
  it("agree with each other and with the order of the bytes as text", () => {
    const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
    fc.assert(fc.property(shortBytes, shortBytes, (left, right) => {
      const expected = text(left) < text(right) ? -1 : text(left) > text(right) ? 1 : 0;
      expect(Math.sign(compareBytes(left, right))).toBe(expected);
      expect(equalBytes(left, right)).toBe(expected === 0);
    }));
  });

  it("compare bytes as unsigned", () => {
    expect(compareBytes(Uint8Array.of(0x80), Uint8Array.of(0x7f))).toBeGreaterThan(0);
  });

  it("put a prefix first", () => {
    expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0);
    expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false);
  });
});

describe("concatBytes", () => {
  it("copies all parts in order", () => {
    const first = Uint8Array.of(1, 2);
    const joined = concatBytes(first, new Uint8Array(0), Uint8Array.of(3));
    first.fill(9);
    expect(joined).toEqual(Uint8Array.of(1, 2, 3));
    expect(concatBytes()).toEqual(new Uint8Array(0));
  });
});

describe("utf8Text", () => {
  it("is the inverse of utf8Bytes", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(utf8Text(utf8Bytes(text))).toBe(text);
    }));
  });

  it("keeps a byte order mark", () => {
    expect(utf8Text(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
  });

  it.each([
    ["a lone continuation byte", [0x80]],
    ["an overlong form", [0xc0, 0x80]],
    ["a surrogate half", [0xed, 0xa0, 0x80]],
    ["a code point above 10FFFF", [0xf4, 0x90, 0x80, 0x80]],
    ["a cut sequence", [0xe2, 0x82]],
  ])("refuses %s", (_, bytes) => {
    expect(() => utf8Text(Uint8Array.from(bytes))).toThrow(TypeError);
  });
});
