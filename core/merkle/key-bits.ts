/**
 * 256-bit keys as paths: bit i, most significant first, says left (0) or right (1) at depth i.
 *
 * Source: formats §5. Pure.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";

/** Bits of a key, and so the greatest depth of a leaf. */
export const KEY_BITS: number = 8 * HASH_BYTES;

/** A set of leaves, sorted: flat lists of the same length. */
export interface SparseLeaves {
  /** Key hashes, flat, strictly ascending. */
  readonly keys: Uint8Array;
  /** Value hashes, flat, one for each key. */
  readonly valueHashes: Uint8Array;
}

/** Bit `depth` (0 to 255) of the key that starts at `offset`. */
export function keyBit(keys: Uint8Array, offset: number, depth: number): number {
  return ((keys[offset + (depth >> 3)] as number) >> (7 - (depth & 7))) & 1;
}

/** Number of leading bits that two keys have in common, 0 to 256. */
export function commonPrefixBits(left: Uint8Array, right: Uint8Array, leftOffset = 0, rightOffset = 0): number {
  for (let i = 0; i < HASH_BYTES; i++) {
    const difference = (left[leftOffset + i] as number) ^ (right[rightOffset + i] as number);
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24;
  }
  return KEY_BITS;
}

/**
 * Number of keys of a flat list that must be strictly ascending.
 *
 * @throws {SyncError} `code` if it is not, or there is not one value for each key.
 */
export function countSortedLeaves(
  leaves: SparseLeaves,
  code: "INVALID_ARGUMENT" | "PROOF_MISMATCH" = "INVALID_ARGUMENT",
): number {
  const { keys, valueHashes } = leaves;
  const count = keys.length / HASH_BYTES;
  if (!Number.isInteger(count) || valueHashes.length !== keys.length) {
    throw new SyncError(
      code,
      `Cannot read leaves: 32 bytes a key and a value, lengths are ${keys.length} and ${valueHashes.length}`,
    );
  }
  for (let i = 1; i < count; i++) {
    if (!isAscending(keys, (i - 1) * HASH_BYTES)) {
      throw new SyncError(code, `Cannot read leaves: keys are strictly ascending, key ${i} is not`);
    }
  }
  return count;
}

/** Tells whether the key at `offset` is below the one that follows it. */
function isAscending(keys: Uint8Array, offset: number): boolean {
  for (let i = offset; i < offset + HASH_BYTES; i++) {
    const difference = (keys[i] as number) - (keys[i + HASH_BYTES] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
