/**
 * The next epoch, read out of the write set that ends the one before.
 *
 * A reconfiguration writes two resources of the framework: the number of the new epoch and its validators. Genesis is the
 * first one.
 *
 * @module
 */
import { compareBytes } from "../bytes/bytes.ts";
import { SyncError } from "../errors.ts";
import { FRAMEWORK_ADDRESS } from "./address.ts";
import { BcsCursor } from "./bcs.ts";
import type { EpochState } from "./epoch-state.ts";
import type { ChainProfile } from "./profile.ts";
import { encodeStateKey, resourceStateKey } from "./state-key.ts";
import { decodeValidatorSet, epochStateOf } from "./validator-set.ts";
import { DELETION, walkWriteSet } from "./write-set-walker.ts";

/** BCS of the state key of the resource `0x1::stake::ValidatorSet`. */
export const VALIDATOR_SET_KEY: Uint8Array = /* @__PURE__ */ frameworkResourceKey("stake", "ValidatorSet");

/** BCS of the state key of the resource `0x1::reconfiguration::Configuration`, whose first field is the epoch. */
export const CONFIGURATION_KEY: Uint8Array = /* @__PURE__ */ frameworkResourceKey("reconfiguration", "Configuration");

/**
 * The epoch that `writeSet` begins.
 *
 * @param writeSet BCS of the write set of the last transaction of an epoch, or of genesis. The result holds views of it.
 * @throws {SyncError} `MALFORMED_BCS` if it is not canonical, lacks one of the two resources, or one of them is broken.
 * @throws {SyncError} `INVALID_SIGNERS` if the validators' indexes are not exactly 0 to n − 1.
 * @throws {SyncError} `UNSUPPORTED` if it is of a layout that this build does not know.
 */
export function readNextEpochState(writeSet: Uint8Array, profile: ChainProfile): EpochState {
  const validatorSet = decodeValidatorSet(requireValue(writeSet, VALIDATOR_SET_KEY, "ValidatorSet"), profile);
  const configuration = requireValue(writeSet, CONFIGURATION_KEY, "Configuration");
  return epochStateOf(validatorSet, new BcsCursor(configuration).u64());
}

/**
 * The data that `writeSet` leaves under a key, as a view; `undefined` if it does not write the key or deletes it.
 *
 * @param writeSet BCS of a write set.
 * @param key BCS of the state key.
 * @throws {SyncError} `MALFORMED_BCS`, `UNSUPPORTED` if `writeSet` is not a write set that this build knows.
 */
export function writtenData(writeSet: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  const cursor = new BcsCursor(writeSet);
  let data: Uint8Array | undefined;
  walkWriteSet(cursor, (effect, keyStart, keyEnd, valueEnd) => {
    if (effect === DELETION || keyEnd - keyStart !== key.length) return;
    if (compareBytes(writeSet.subarray(keyStart, keyEnd), key) !== 0) return;
    data = new BcsCursor(writeSet.subarray(keyEnd + 1, valueEnd)).byteString();
  });
  cursor.end();
  return data;
}

function requireValue(writeSet: Uint8Array, key: Uint8Array, name: string): Uint8Array {
  const value = writtenData(writeSet, key);
  if (value !== undefined) return value;
  throw new SyncError("MALFORMED_BCS", `Cannot read next epoch: the write set must write ${name}, and does not`);
}

function frameworkResourceKey(module: string, name: string): Uint8Array {
  const type = { address: FRAMEWORK_ADDRESS, module, name, typeArguments: [] };
  return encodeStateKey(resourceStateKey(FRAMEWORK_ADDRESS, type));
}
