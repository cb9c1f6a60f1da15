import { describe, expect, it } from "vitest";
import { createValidatorKeyring, KEY_GENERATIONS } from "../../../adapters/devnet/validator-keyring.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";

describe.each([["ed25519"], ["bls12381"]] as const)("a keyring of %s", (scheme) => {
  it("gives every pool and generation a key of its own, the same each time", () => {
    const keyring = createValidatorKeyring(scheme, 1n);
    const keys = [[0, 0], [0, 1], [1, 0], [1, 1]].map(([pool, generation]) =>
      keyring.key(pool as number, generation as number).publicKey.join()
    );
    expect(new Set(keys).size).toBe(4);
    expect(createValidatorKeyring(scheme, 1n).key(1, 1).publicKey.join()).toBe(keys[3]);
  });

  it("finds the generation of a key that the chain names, without having made it before", () => {
    const last = KEY_GENERATIONS - 1;
    const { publicKey } = createValidatorKeyring(scheme, 1n).key(2, last);
    expect(createValidatorKeyring(scheme, 1n).generationOf(2, publicKey)).toBe(last);
  });

  it("refuses another pool's key, and another chain's", () => {
    const keyring = createValidatorKeyring(scheme, 1n);
    expectSyncError(() => keyring.generationOf(0, keyring.key(1, 0).publicKey), "INVALID_ARGUMENT");
    const other = createValidatorKeyring(scheme, 2n).key(0, 0).publicKey;
    expectSyncError(() => keyring.generationOf(0, other), "INVALID_ARGUMENT");
  });
});
