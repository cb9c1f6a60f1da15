/**
 * Inclusion proofs of the Merkle accumulator.
 *
 * Source: formats §4.2. Siblings are ordered from the leaf up, placeholders included. Pure.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { HASH_BYTES } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { accumulatorDepth, MAX_ACCUMULATOR_DEPTH } from "./accumulator.ts";
import { countHashes, hashAt, type NodeHash } from "./node-hash.ts";

/** That a leaf is at a place in an accumulator, as somebody says. */
export interface InclusionClaim {
  /** 32-byte leaf. */
  readonly leafHash: Uint8Array;
  /** Place of the leaf, from 0. */
  readonly leafIndex: bigint;
  /** Siblings from the leaf up, flat. */
  readonly siblings: Uint8Array;
  /**
   * Number of leaves, where it is known. The hashes alone do not bind it: without it the caller must know by other
   * means that `leafIndex` is inside the tree.
   */
  readonly leafCount?: bigint;
}

/**
 * Computes the root that `claim` implies.
 *
 * Does not decide whether that root is trusted: compare it with one that is. One hash per sibling.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if `leafIndex` is negative or not below `leafCount`.
 * @throws {SyncError} `PROOF_MISMATCH` if the number or size of the hashes does not fit the place or `leafCount`.
 */
export function rootFromInclusionProof(claim: InclusionClaim, nodeHash: NodeHash): Uint8Array {
  const { leafHash, leafIndex, siblings, leafCount } = claim;
  if (leafIndex < 0n || (leafCount !== undefined && leafIndex >= leafCount)) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot check inclusion: index is inside ${leafCount ?? "the"} leaves, current value is ${leafIndex}`,
    );
  }
  if (leafHash.length !== HASH_BYTES) throw mismatch(`a leaf has 32 bytes, current length is ${leafHash.length}`);
  const depth = countHashes(siblings, "siblings", MAX_ACCUMULATOR_DEPTH);
  if (leafCount !== undefined && depth !== accumulatorDepth(leafCount)) {
    throw mismatch(`${leafCount} leaves need ${accumulatorDepth(leafCount)} siblings, current value is ${depth}`);
  }
  let hash: Uint8Array = leafHash.slice();
  let index = leafIndex;
  for (let level = 0; level < depth; level++) {
    const sibling = hashAt(siblings, level);
    hash = (index & 1n) === 0n ? nodeHash.pair(hash, sibling) : nodeHash.pair(sibling, hash);
    index >>= 1n;
  }
  if (index !== 0n) throw mismatch(`leaf ${leafIndex} lies outside a tree of depth ${depth}`);
  return hash;
}

/**
 * Demands that a leaf is at its place in the accumulator with the trusted 32-byte `root`.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if `leafIndex` is negative or not below `leafCount`.
 * @throws {SyncError} `PROOF_MISMATCH` if the claim does not lead to `root`.
 */
export function verifyInclusion(claim: InclusionClaim & { readonly root: Uint8Array }, nodeHash: NodeHash): void {
  if (!equalBytes(rootFromInclusionProof(claim, nodeHash), claim.root)) {
    throw mismatch(`leaf ${claim.leafIndex} leads to another root`);
  }
}

function mismatch(reason: string): SyncError {
  return new SyncError("PROOF_MISMATCH", `Cannot prove inclusion: ${reason}`);
}
