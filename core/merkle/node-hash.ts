/**
 * Hashing of tree nodes: two 32-byte hashes in, one out, with the seed of the tree in question bound in.
 *
 * Source: formats §2, §4 and §5. Pure; all work is done by the hasher given, in batches where the caller has batches.
 *
 * @module
 */
import { HASH_BYTES, type Seeds } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import type { Hasher } from "../ports/hasher.ts";

/** Length of what a node hashes, in bytes: two hashes. */
export const PAIR_BYTES: number = 2 * HASH_BYTES;

/** Parent hashes of one kind of tree. Results are fresh; arguments are neither kept nor changed. */
export interface NodeHash {
  /** 32-byte hash of the node over two 32-byte child hashes. */
  pair(left: Uint8Array, right: Uint8Array): Uint8Array;
  /** 32·n bytes: result[i] is the hash of the node over `pairs[64·i .. 64·i + 64)`. One call for a batch. */
  pairs(pairs: Uint8Array): Uint8Array;
}

/** Both kinds of hashes of the sparse Merkle tree. */
export interface SparseHash {
  /** Internal node over (left, right). */
  readonly internal: NodeHash;
  /** Leaf over (32-byte key hash, 32-byte value hash). */
  readonly leaf: NodeHash;
}

/**
 * Binds a hasher to the seed of one kind of node.
 *
 * @param hasher Kept.
 * @param seed Kept; not to be changed afterwards.
 */
export function createNodeHash(hasher: Hasher, seed: Uint8Array): NodeHash {
  return {
    pair(left, right) {
      const pair = new Uint8Array(PAIR_BYTES);
      pair.set(left);
      pair.set(right, HASH_BYTES);
      return hasher.hashPairs(seed, pair);
    },
    pairs: (pairs) => hasher.hashPairs(seed, pairs),
  };
}

/** Binds a hasher to the seeds of a chain's sparse Merkle tree. Both are kept. */
export function createSparseHash(hasher: Hasher, seeds: Seeds): SparseHash {
  return {
    internal: createNodeHash(hasher, seeds.sparseMerkleInternal),
    leaf: createNodeHash(hasher, seeds.sparseMerkleLeafNode),
  };
}

/**
 * Number of hashes in a flat list.
 *
 * @param what Name of the list for the message.
 * @throws {SyncError} `PROOF_MISMATCH` if the length is not a multiple of 32, or there are more than `maxCount` hashes.
 */
export function countHashes(hashes: Uint8Array, what: string, maxCount: number = Number.MAX_SAFE_INTEGER): number {
  const count = hashes.length / HASH_BYTES;
  if (!Number.isInteger(count)) {
    throw new SyncError("PROOF_MISMATCH", `Cannot read ${what}: 32 bytes a hash, current length is ${hashes.length}`);
  }
  if (count > maxCount) {
    throw new SyncError("PROOF_MISMATCH", `Cannot read ${what}: at most ${maxCount} hashes, current value is ${count}`);
  }
  return count;
}

/** Hash `index` of a flat list, as a view. */
export function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}

/** A fresh flat list with the hashes of `hashes` in opposite order. */
export function reverseHashes(hashes: Uint8Array): Uint8Array {
  const out = new Uint8Array(hashes.length);
  for (let from = 0; from < hashes.length; from += HASH_BYTES) {
    out.set(hashes.subarray(from, from + HASH_BYTES), hashes.length - from - HASH_BYTES);
  }
  return out;
}
