/**
 * Node hashes for property tests in Node, and a memory for the slow references.
 *
 * @module
 */
import { createChainContext } from "../../core/chain/hash.ts";
import { APTOS_PROFILE } from "../../core/chain/profile.ts";
import { createNodeHash, createSparseHash, type NodeHash, type SparseHash } from "../../core/merkle/node-hash.ts";
import { createNodeHasher } from "./node-hasher.ts";

const { hasher, seeds } = createChainContext(APTOS_PROFILE, createNodeHasher());

/** Nodes of the transaction accumulator, by OpenSSL. */
export const accumulatorHash: NodeHash = createNodeHash(hasher, seeds.transactionAccumulator);

/** Nodes of the sparse Merkle tree, by OpenSSL. */
export const sparseHash: SparseHash = createSparseHash(hasher, seeds);

/** A node hash that looks up single pairs it has seen before. Batches are hashed as ever. */
export function remembering(nodeHash: NodeHash): NodeHash {
  const known = new Map<string, Uint8Array>();
  const decoder = new TextDecoder("latin1");
  return {
    pairs: (pairs) => nodeHash.pairs(pairs),
    pair(left, right) {
      const name = decoder.decode(left) + decoder.decode(right);
      const found = known.get(name) ?? nodeHash.pair(left, right);
      known.set(name, found);
      return found;
    },
  };
}
