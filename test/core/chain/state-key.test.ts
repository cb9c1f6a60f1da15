import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes, concatBytes, utf8Bytes } from "../../../core/bytes/bytes.ts";
import { encodeColumn } from "../../../core/bytes/column.ts";
import { decodeHex, encodeHex } from "../../../core/bytes/hex.ts";
import { FRAMEWORK_ADDRESS } from "../../../core/chain/address.ts";
import {
  compareStateKeys,
  decodeStateKey,
  encodeStateKey,
  hashStateKey,
  hashStateKeys,
  resourceStateKey,
  skipStateKey,
  type StateKey,
} from "../../../core/chain/state-key.ts";
import { decodeStatePath, encodeStatePath, skipStatePath } from "../../../core/chain/state-path.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { layoutContract } from "../../helpers/layout.ts";
import { referenceSha3 } from "../../helpers/reference-sha3.ts";
import { anyStateKey, anyStatePath } from "../../helpers/state-arbitraries.ts";
import { APTOS } from "../../helpers/trust-context.ts";

layoutContract("StateKey", {
  arbitrary: anyStateKey,
  encode: encodeStateKey,
  decode: decodeStateKey,
  skip: skipStateKey,
});

layoutContract("Path", {
  arbitrary: anyStatePath,
  encode: encodeStatePath,
  decode: decodeStatePath,
  skip: skipStatePath,
});

/** The hashed encoding, written down from its definition. */
function referencePreimage(key: StateKey): Uint8Array {
  if (key.kind === "accessPath") return encodeStateKey(key);
  if (key.kind === "tableItem") return concatBytes(Uint8Array.of(1), key.handle, key.key);
  return concatBytes(Uint8Array.of(255), key.key);
}

describe("the hash of a state key", () => {
  it.each<[string, StateKey, string]>([
    [
      "an account resource",
      resourceStateKey(decodeHex("002d91309b5b07a8be428ccd75d0443e81542ffcd059d0ab380cefc552229b1a"), {
        address: FRAMEWORK_ADDRESS,
        module: "account",
        name: "Account",
        typeArguments: [],
      }),
      "91ff441dca35855341187fb1fbd5fc97e2ce80fd55878f3d54383dae75698dde",
    ],
    [
      "a table item",
      {
        kind: "tableItem",
        handle: decodeHex("be769b7536776eb353a61aa4d26de32ee16844d89d8cc2ede29732e3d19407ea"),
        key: decodeHex("0441424344"),
      },
      "f2d067d8ef7e97deb231d46f40f9f30200e6f1dad495d33e2a7911825a97ad14",
    ],
  ])("is the published one for %s", (_, key, hash) => {
    expect(encodeHex(hashStateKey(APTOS, encodeStateKey(key)))).toBe(hash);
  });

  it("is over the shorter encoding, one by one and in a batch", () => {
    fc.assert(
      fc.property(fc.array(anyStateKey, { maxLength: 6 }), (keys) => {
        const expected = keys.map((key) => referenceSha3(concatBytes(APTOS.seeds.stateKey, referencePreimage(key))));
        expect(keys.map((key) => hashStateKey(APTOS, encodeStateKey(key)))).toEqual(expected);
        expect(hashStateKeys(APTOS, encodeColumn(keys.map(encodeStateKey)))).toEqual(concatBytes(...expected));
      }),
      { numRuns: 30 },
    );
  });

  it("is refused for anything but one canonical key", () => {
    const key = encodeStateKey({ kind: "raw", key: Uint8Array.of(1) });
    for (const bytes of [new Uint8Array(0), concatBytes(key, key), key.subarray(0, 2), Uint8Array.of(3, 0)]) {
      expectSyncError(() => hashStateKey(APTOS, bytes), "MALFORMED_BCS");
      expectSyncError(() => hashStateKeys(APTOS, encodeColumn([bytes])), "MALFORMED_BCS");
    }
  });

  it("is refused where keys cross the borders of their items", () => {
    const key = encodeStateKey({ kind: "raw", key: Uint8Array.of(1, 2) });
    const split = encodeColumn([key.subarray(0, 3), concatBytes(key.subarray(3), key)]);
    expectSyncError(() => hashStateKeys(APTOS, split), "MALFORMED_BCS");
    expectSyncError(
      () => hashStateKeys(APTOS, encodeColumn([concatBytes(key, key), new Uint8Array(0)])),
      "MALFORMED_BCS",
    );
  });
});

describe("a state path", () => {
  const keyWith = (path: Uint8Array) =>
    concatBytes(Uint8Array.of(0), FRAMEWORK_ADDRESS, Uint8Array.of(path.length), path);
  const path = encodeStatePath({ kind: "code", module: { address: FRAMEWORK_ADDRESS, name: "coin" } });

  it("that is canonical is accepted", () => {
    expect(decodeStateKey(keyWith(path))).toEqual({ kind: "accessPath", address: FRAMEWORK_ADDRESS, path });
  });

  it.each<[string, Uint8Array]>([
    ["with a byte left over", concatBytes(path, Uint8Array.of(0))],
    ["cut short", path.subarray(0, path.length - 1)],
    ["of an unknown variant", concatBytes(Uint8Array.of(3), path.subarray(1))],
    ["with a length that is not minimal", concatBytes(path.subarray(0, 33), Uint8Array.of(0x84, 0), utf8Bytes("coin"))],
    ["with a name that is not UTF-8", concatBytes(path.subarray(0, 34), Uint8Array.of(0xff, 0xff, 0xff, 0xff))],
    ["that is empty", new Uint8Array(0)],
  ])("%s is refused", (_, broken) => {
    expectSyncError(() => decodeStateKey(keyWith(broken)), "MALFORMED_BCS");
    expectSyncError(() => hashStateKey(APTOS, keyWith(broken)), "MALFORMED_BCS");
  });

  it("may not reach into what follows the key", () => {
    const short = keyWith(path);
    short[33]! -= 1;
    expectSyncError(() => decodeStateKey(short), "MALFORMED_BCS");
  });
});

describe("the order of keys as values", () => {
  it("is by variant, address, then content, where that of the bytes puts the shorter content first", () => {
    const raw = (...bytes: number[]) => encodeStateKey({ kind: "raw", key: Uint8Array.from(bytes) });
    expect(compareStateKeys(raw(1, 1), raw(2))).toBeLessThan(0);
    expect(compareBytes(raw(1, 1), raw(2))).toBeGreaterThan(0);
    const table = encodeStateKey({ kind: "tableItem", handle: new Uint8Array(32).fill(255), key: Uint8Array.of(9) });
    expect(compareStateKeys(table, raw())).toBeLessThan(0);
  });

  it("is that of the fields", () => {
    const rank = (key: StateKey) => ["accessPath", "tableItem", "raw"].indexOf(key.kind);
    const address = (key: StateKey) =>
      key.kind === "raw" ? new Uint8Array(0) : key.kind === "tableItem" ? key.handle : key.address;
    const content = (key: StateKey) => key.kind === "accessPath" ? key.path : key.key;
    fc.assert(fc.property(anyStateKey, anyStateKey, (left, right) => {
      const expected = rank(left) - rank(right) || compareBytes(address(left), address(right)) ||
        compareBytes(content(left), content(right));
      expect(Math.sign(compareStateKeys(encodeStateKey(left), encodeStateKey(right)))).toBe(Math.sign(expected));
    }));
  });
});
