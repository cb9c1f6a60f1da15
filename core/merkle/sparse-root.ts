/**
 * The canonical root of a set of leaves of the sparse Merkle tree.
 *
 * Source: formats §5.1. A function of the set alone: how it came about never matters. Pure.
 *
 * @module
 */
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
