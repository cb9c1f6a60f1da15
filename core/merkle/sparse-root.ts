/**
 * The canonical root of a set of leaves of the sparse Merkle tree.
 *
 * Source: formats §5.1. A function of the set alone: how it came about never matters. Pure.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";
import { compareBytes } from "../bytes/bytes.ts";
import type { SparseLeaves } from "./key-bits.ts";
import type { SparseHash } from "./node-hash.ts";
import { emptyFrontier, extendFrontier, rootFromFrontier } from "./sparse-frontier.ts";

/**
 * 32-byte canonical root of sorted leaves. One call of the hasher for the leaves and one for each depth.
 *
 * @param leaves Keys strictly ascending. Not kept.
 * @throws {SyncError} `INVALID_ARGUMENT` if they are not, or there is not one value for each key.
 */
export function canonicalRoot(leaves: SparseLeaves, hash: SparseHash): Uint8Array {
  return rootFromFrontier(extendFrontier({ frontier: emptyFrontier(), leaves }, hash), hash);
}

/**
 * Sorts leaves by key, as everything here needs them. Equal keys stay next to each other, in the order given.
 *
 * @param leaves In any order. Not changed.
 * @returns Fresh flat lists.
 */
export function sortLeaves(leaves: SparseLeaves): SparseLeaves {
  const { keys, valueHashes } = leaves;
  const view = new DataView(keys.buffer, keys.byteOffset, keys.byteLength);
  const order = Uint32Array.from({ length: keys.length / HASH_BYTES }, (_, i) => i);
  const heads = Float64Array.from(order, (i) => view.getUint32(i * HASH_BYTES));
  order.sort((left, right) =>
    (heads[left] as number) - (heads[right] as number) ||
    compareBytes(keyAt(keys, left), keyAt(keys, right)) || left - right
  );
  const sorted = { keys: new Uint8Array(keys.length), valueHashes: new Uint8Array(valueHashes.length) };
  order.forEach((from, to) => {
    sorted.keys.set(keyAt(keys, from), to * HASH_BYTES);
    sorted.valueHashes.set(keyAt(valueHashes, from), to * HASH_BYTES);
  });
  return sorted;
}

function keyAt(flat: Uint8Array, index: number): Uint8Array {
  return flat.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}
