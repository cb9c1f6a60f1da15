/**
 * Which key a validator of the devnet signs with now. Found from what the chain says alone, so a chain can be continued.
 *
 * @module
 */
import { encodeHex } from "../../core/bytes/hex.ts";
import type { ValidatorScheme } from "../../core/chain/profile.ts";
import { SyncError } from "../../core/errors.ts";
import { deriveValidatorKey, type ValidatorKey } from "./validator-keys.ts";

/** Keys that one pool goes through before it begins again: a bound on the search for the current one. */
export const KEY_GENERATIONS = 16;

/** The consensus keys of every pool. Keeps what it has derived. */
export interface ValidatorKeyring {
  /** Key number `generation` (0 ≤ generation < {@link KEY_GENERATIONS}) of pool `index`. */
  key(index: number, generation: number): ValidatorKey;
  /**
   * Generation of the key that pool `index` uses.
   *
   * @throws {SyncError} `INVALID_ARGUMENT` if `publicKey` is none of its keys: the chain is not of this seed.
   */
  generationOf(index: number, publicKey: Uint8Array): number;
}

/** Creates the keyring of the devnet with this seed. */
export function createValidatorKeyring(scheme: ValidatorScheme, seed: bigint): ValidatorKeyring {
  const keys = new Map<number, ValidatorKey>();
  const generations = new Map<string, number>();
  const key = (index: number, generation: number): ValidatorKey => {
    const number = index * KEY_GENERATIONS + generation;
    const known = keys.get(number);
    if (known !== undefined) return known;
    const derived = deriveValidatorKey(scheme, seed, number);
    keys.set(number, derived);
    generations.set(`${index} ${encodeHex(derived.publicKey)}`, generation);
    return derived;
  };
  const generationOf = (index: number, publicKey: Uint8Array): number => {
    const name = `${index} ${encodeHex(publicKey)}`;
    for (let next = 0; next < KEY_GENERATIONS && !generations.has(name); next++) key(index, next);
    const generation = generations.get(name);
    if (generation === undefined) {
      throw new SyncError("INVALID_ARGUMENT", `Cannot find key of pool ${index}: the chain has another seed`);
    }
    return generation;
  };
  return { key, generationOf };
}
