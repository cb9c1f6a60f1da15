/**
 * What frames are made of, and how integers stand in them.
 *
 * @module
 */
import { SyncError } from "../errors.ts";

/** What a frame is made of. Integers: `number` below 2³², `bigint` from there on (see {@link asU64}). */
export type CborValue = number | bigint | boolean | null | string | Uint8Array | readonly CborValue[];

const TWO_32 = 0x1_0000_0000;
const BIG_TWO_32 = 0x1_0000_0000n;

/**
 * Converts an unsigned 64-bit integer between the API (always `bigint`) and cbor-x, which writes the shortest form only for
 * a number below 2³² and for a bigint from 2³² on. The same rule serves both ways.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if `value` is not an unsigned 64-bit integer.
 */
export function asU64(value: bigint): number | bigint;
/** As above, of what cbor-x read below 2³². */
export function asU64(value: number): bigint;
/** Both ways in one. */
export function asU64(value: bigint | number): number | bigint {
  if (typeof value === "number") {
    if (Number.isInteger(value) && value >= 0 && value < TWO_32) return BigInt(value);
  } else if (value >= 0n && value < BIG_TWO_32 * BIG_TWO_32) {
    return value < BIG_TWO_32 ? Number(value) : value;
  }
  throw new SyncError("INVALID_ARGUMENT", `Cannot encode integer: 0 to 2^64 - 1, current value is ${value}`);
}
