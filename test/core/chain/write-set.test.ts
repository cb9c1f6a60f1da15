import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import { decodeHex, encodeHex } from "../../../core/bytes/hex.ts";
import { BcsCursor, decodeBcs } from "../../../core/chain/bcs.ts";
import { encodeStateKey, type StateKey } from "../../../core/chain/state-key.ts";
import { encodeStateValue } from "../../../core/chain/state-value.ts";
import { decodeWriteSet, encodeWriteSet, stateValueOf, type WriteSet } from "../../../core/chain/write-set.ts";
import { DELETION, walkWriteSet } from "../../../core/chain/write-set-walker.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { layoutContract } from "../../helpers/layout.ts";
import { anyWriteSet } from "../../helpers/state-arbitraries.ts";
import { APTOS } from "../../helpers/trust-context.ts";

const walk = (bytes: Uint8Array) => decodeBcs(bytes, (cursor) => walkWriteSet(cursor, () => {}));
const raw = (...bytes: number[]): StateKey => ({ kind: "raw", key: Uint8Array.from(bytes) });
const deletion = { kind: "deletion" } as const;

layoutContract("WriteSet", {
  arbitrary: anyWriteSet,
  encode: encodeWriteSet,
  decode: decodeWriteSet,
  skip: (cursor) => walkWriteSet(cursor, () => {}),
});

describe("a write set", () => {
  it("without changes hashes to the published value", () => {
    const bytes = encodeWriteSet({ entries: [] });
    expect(encodeHex(bytes)).toBe("0000");
    expect(encodeHex(APTOS.hasher.hash(APTOS.seeds.writeSet, bytes))).toBe(
      "afb6e14fe47d850fd0a7395bcfb997ffacf4715e0f895cc162c218e4a7564bc6",
    );
  });

  it("is in the order of its serialized keys, not of the keys as values", () => {
    const entries = [{ key: raw(1, 1), op: deletion }, { key: raw(2), op: deletion }];
    const bytes = encodeWriteSet({ entries });
    expect(encodeHex(bytes)).toBe("0002" + "02010202" + "0202010102");
    const swapped = decodeHex("0002" + "0202010102" + "02010202");
    expectSyncError(() => decodeWriteSet(swapped), "MALFORMED_BCS");
    expectSyncError(() => walk(swapped), "MALFORMED_BCS");
  });

  it("has each key once", () => {
    const entry = { key: raw(1), op: deletion };
    expectSyncError(() => encodeWriteSet({ entries: [entry, entry] }), "INVALID_ARGUMENT");
    const twice = decodeHex("0002" + "02010102" + "02010102");
    expectSyncError(() => decodeWriteSet(twice), "MALFORMED_BCS");
    expectSyncError(() => walk(twice), "MALFORMED_BCS");
  });

  it("of a newer layout or with extensions is unsupported", () => {
    for (const hex of ["0200", "01000001", "0100000105"]) {
      expectSyncError(() => decodeWriteSet(decodeHex(hex)), hex === "01000001" ? "MALFORMED_BCS" : "UNSUPPORTED");
      expectSyncError(() => walk(decodeHex(hex)), hex === "01000001" ? "MALFORMED_BCS" : "UNSUPPORTED");
    }
  });

  it("of 2026 has hot keys ascending as values", () => {
    const writeSet: WriteSet = { entries: [], hotKeys: [raw(1, 1), raw(2)] };
    const bytes = encodeWriteSet(writeSet);
    expect(encodeHex(bytes)).toBe("0100" + "02" + "02020101" + "020102" + "00");
    expect(decodeWriteSet(bytes)).toEqual(writeSet);
    for (const hex of ["0100" + "02" + "020102" + "02020101" + "00", "0100" + "02" + "020102" + "020102" + "00"]) {
      expectSyncError(() => decodeWriteSet(decodeHex(hex)), "MALFORMED_BCS");
      expectSyncError(() => walk(decodeHex(hex)), "MALFORMED_BCS");
    }
  });

  it("with more changes than bytes is refused", () => {
    expectSyncError(() => walk(decodeHex("00ffffffff07")), "MALFORMED_BCS");
    expectSyncError(() => decodeWriteSet(decodeHex("00ffffffff07")), "MALFORMED_BCS");
  });
});

describe("walking a write set", () => {
  it("tells of every key and of the value that each change leaves", () => {
    fc.assert(fc.property(anyWriteSet, (writeSet) => {
      const bytes = encodeWriteSet(writeSet);
      const seen: [string, string | undefined][] = [];
      const count = walkWriteSet(new BcsCursor(bytes), (effect, keyStart, keyEnd, valueEnd) => {
        const value = concatBytes(Uint8Array.of(effect), bytes.subarray(keyEnd + 1, valueEnd));
        seen.push([encodeHex(bytes.subarray(keyStart, keyEnd)), effect === DELETION ? undefined : encodeHex(value)]);
      });
      const expected = writeSet.entries.map(({ key, op }) => {
        const value = stateValueOf(op);
        return [encodeHex(encodeStateKey(key)), value && encodeHex(encodeStateValue(value))];
      });
      expect(seen).toEqual(expected);
      expect(count).toBe(expected.length);
    }));
  });
});
