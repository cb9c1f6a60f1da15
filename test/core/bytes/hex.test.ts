import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHex, encodeHex } from "../../../core/bytes/hex.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";

describe("hex", () => {
  it("is lower case, two digits a byte", () => {
    expect(encodeHex(Uint8Array.of(0, 0x0f, 0xa0, 0xff))).toBe("000fa0ff");
    expect(encodeHex(new Uint8Array(0))).toBe("");
  });

  it("comes back as the same bytes", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeHex(encodeHex(bytes))).toEqual(bytes);
    }));
  });

  it.each(["0", "0G", "AB", "0x00", " 00", "00\n", "０0"])("refuses %j", (text) => {
    expectSyncError(() => decodeHex(text), "INVALID_ARGUMENT");
  });

  it("refuses another length than demanded", () => {
    expect(decodeHex("0001", 2)).toEqual(Uint8Array.of(0, 1));
    expectSyncError(() => decodeHex("0001", 1), "INVALID_ARGUMENT");
    expectSyncError(() => decodeHex("0001", 3), "INVALID_ARGUMENT");
  });
});
