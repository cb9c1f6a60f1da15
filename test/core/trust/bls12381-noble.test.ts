import { describe, expect, it } from "vitest";
import { utf8Bytes } from "../../../core/bytes/bytes.ts";
import { decodeHex } from "../../../core/bytes/hex.ts";
import { createNobleBls12381 } from "../../../core/trust/bls12381-noble.ts";
import { refusal } from "../../helpers/trust-context.ts";

// The unit test of aptos-crypto, as formats §6.1 gives it.
const PUBLIC_KEY = decodeHex(
  "94209a296b739577cb076d3bfb1ca8ee936f29b69b7dae436118c4dd1cc26fd43dcd16249476a006b8b949bf022a7858",
);
const SIGNATURE = decodeHex(
  "b01ce4632e94d8c611736e96aa2ad8e0528a02f927a81a92db8047b002a8c71dc2d6bfb94729d0973790c10b6ece4468" +
    "17e4b7543afd7ca9a17c75de301ae835d66231c26a003f11ae26802b98d90869a9e73788c38739f7ac9d52659e1f7cf7",
);
const MESSAGE = utf8Bytes("Hello Aptos!");

describe("BLS12-381 backend", () => {
  const backend = createNobleBls12381();

  it("accepts the signature of another implementation", () => {
    expect(backend.holds(MESSAGE, [PUBLIC_KEY], SIGNATURE)).toBe(true);
  });

  const withBit = (bytes: Uint8Array, bit: number) =>
    bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (0x80 >> (bit & 7)) : byte));

  it.each([
    ["another message", utf8Bytes("Hello Velor!"), [PUBLIC_KEY], SIGNATURE],
    ["the key counted twice", MESSAGE, [PUBLIC_KEY, PUBLIC_KEY], SIGNATURE],
    ["no keys", MESSAGE, [], SIGNATURE],
    ["a key with its sign flipped", MESSAGE, [withBit(PUBLIC_KEY, 2)], SIGNATURE],
    ["a key that is no point", MESSAGE, [withBit(PUBLIC_KEY, 100)], SIGNATURE],
    ["a key of another length", MESSAGE, [PUBLIC_KEY.slice(1)], SIGNATURE],
    ["the key at infinity", MESSAGE, [Uint8Array.of(0xc0, ...new Uint8Array(47))], SIGNATURE],
    ["a signature with its sign flipped", MESSAGE, [PUBLIC_KEY], withBit(SIGNATURE, 2)],
    ["an empty signature", MESSAGE, [PUBLIC_KEY], new Uint8Array(0)],
    ["a signature of another length", MESSAGE, [PUBLIC_KEY], SIGNATURE.slice(0, 95)],
    ["the signature at infinity", MESSAGE, [PUBLIC_KEY], Uint8Array.of(0xc0, ...new Uint8Array(95))],
  ])("refuses %s, without an error", (_, message, publicKeys, signature) => {
    expect(backend.holds(message, publicKeys, signature)).toBe(false);
  });

  it("says the same whether a key is remembered, forgotten or seen for the first time", () => {
    const forgetful = createNobleBls12381({ maxCachedKeys: 1 });
    const other = decodeHex(
      "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb",
    );
    const verdicts = [PUBLIC_KEY, PUBLIC_KEY, other, PUBLIC_KEY].map((key) =>
      forgetful.holds(MESSAGE, [key], SIGNATURE)
    );
    expect(verdicts).toEqual([true, true, false, true]);
    // More keys at once than may be remembered.
    expect(forgetful.holds(MESSAGE, [PUBLIC_KEY, other], SIGNATURE)).toBe(false);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses to remember %d keys", (maxCachedKeys) => {
    expect(() => createNobleBls12381({ maxCachedKeys })).toThrow(
      expect.objectContaining(refusal("INVALID_ARGUMENT")),
    );
  });
});
