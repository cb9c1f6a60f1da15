/**
 * Range proofs of the sparse Merkle tree: that nothing is missing from the leftmost key up to some key K.
 *
 * Source: formats §5.4. Whoever restores a state keeps the left part as a frontier; a chunk brings the right siblings of
 * its last key, from the leaf up, placeholders included. Pure.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { HASH_BYTES, SPARSE_MERKLE_PLACEHOLDER_HASH } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { countSortedLeaves, KEY_BITS, keyBit, type SparseLeaves } from "./key-bits.ts";
import { countHashes, hashAt, type SparseHash } from "./node-hash.ts";
import type { SparseMerkleRangeProof } from "./sparse.ts";
import { extendFrontier, rootFromFrontier, type SparseFrontier } from "./sparse-frontier.ts";

/** That the next leaves of a state are these, as somebody says. */
export interface StateRangeClaim {
  /** Everything before, verified. */
  readonly frontier: SparseFrontier;
  /** The next leaves, sorted. Leading ones at or below the last key of the frontier are skipped unseen. */
  readonly leaves: SparseLeaves;
  readonly proof: SparseMerkleRangeProof;
}

/**
 * Computes the root that a frontier and the right siblings of its last key imply.
 *
 * Does not decide whether that root is trusted: compare it with one that is.
 *
 * @throws {SyncError} `PROOF_MISMATCH` if the number or size of the siblings does not fit the key.
 */
export function rootFromSparseRange(
  input: { readonly frontier: SparseFrontier; readonly proof: SparseMerkleRangeProof },
  hash: SparseHash,
): Uint8Array {
  const { frontier, proof: { rightSiblings } } = input;
  const count = countHashes(rightSiblings, "right siblings", KEY_BITS);
  const { last } = frontier;
  if (last === undefined) {
    if (count !== 0) throw mismatch("an empty range has no siblings");
    return rootFromFrontier(frontier, hash);
  }
  let nextLeft = frontier.depths.length - 1;
  let nextRight = 0;
  let root = hash.leaf.pair(last.key, last.valueHash);
  for (let depth = leafDepth(frontier, last.key, count) - 1; depth >= 0; depth--) {
    if (keyBit(last.key, 0, depth) === 0) {
      root = hash.internal.pair(root, hashAt(rightSiblings, nextRight++));
    } else if (frontier.depths[nextLeft] === depth) {
      root = hash.internal.pair(hashAt(frontier.hashes, nextLeft--), root);
    } else {
      root = hash.internal.pair(SPARSE_MERKLE_PLACEHOLDER_HASH, root);
    }
  }
  return root;
}

/**
 * Demands that a chunk continues a verified frontier towards the trusted 32-byte `root`.
 *
 * A chunk that brings nothing new is accepted unseen: its proof is not looked at.
 *
 * @returns The frontier behind the chunk. The one given is unchanged, so a refused chunk costs nothing.
 * @throws {SyncError} `PROOF_MISMATCH` if the keys are not strictly ascending or the chunk does not lead to `root`.
 */
export function verifyStateRange(
  claim: StateRangeClaim & { readonly root: Uint8Array },
  hash: SparseHash,
): SparseFrontier {
  const { proof, root } = claim;
  const leaves = skipKnown(claim);
  if (leaves.keys.length === 0) return claim.frontier;
  const frontier = extendFrontier({ frontier: claim.frontier, leaves }, hash);
  if (!equalBytes(rootFromSparseRange({ frontier, proof }, hash), root)) {
    throw mismatch("the leaves lead to another root");
  }
  return frontier;
}

/**
 * Tells whether nothing lies right of a verified chunk: all its right siblings are placeholders.
 *
 * @param proof Proven by {@link verifyStateRange}; of an unproven one this says nothing.
 */
export function isLastRange(proof: SparseMerkleRangeProof): boolean {
  for (let i = 0; i < proof.rightSiblings.length; i++) {
    if (proof.rightSiblings[i] !== SPARSE_MERKLE_PLACEHOLDER_HASH[i % HASH_BYTES]) return false;
  }
  return true;
}

/** Receives a state chunk by chunk, from the leftmost key on. */
export interface StateRangeVerifier {
  /**
   * What was received so far, verified: store it to resume later.
   */
  frontier(): SparseFrontier;
  /**
   * Demands that a chunk continues what was received, and remembers it. A refused chunk changes nothing.
   *
   * @returns Whether the state is complete.
   * @throws {SyncError} `PROOF_MISMATCH` if it does not.
   */
  receive(chunk: { readonly leaves: SparseLeaves; readonly proof: SparseMerkleRangeProof }): boolean;
  /** Whether everything up to the rightmost key was received: the frontier alone has the root. */
  isComplete(): boolean;
}

/**
 * Creates a receiver for the state with the trusted 32-byte `root`.
 *
 * @param input.frontier Where to resume; the empty frontier to begin.
 */
export function createStateRangeVerifier(
  input: { readonly root: Uint8Array; readonly frontier: SparseFrontier },
  hash: SparseHash,
): StateRangeVerifier {
  let frontier = input.frontier;
  const isComplete = () => equalBytes(rootFromFrontier(frontier, hash), input.root);
  return {
    frontier: () => frontier,
    isComplete,
    receive(chunk) {
      frontier = verifyStateRange({ frontier, root: input.root, ...chunk }, hash);
      return isComplete();
    },
  };
}

/** The depth of the last leaf: the one that explains both the left siblings and the number of right siblings. */
function leafDepth(frontier: SparseFrontier, key: Uint8Array, rightCount: number): number {
  let zeroBits = 0;
  for (let depth = 0; depth < KEY_BITS; depth++) zeroBits += 1 - keyBit(key, 0, depth);
  if (zeroBits < rightCount) throw mismatch(`the path turns left ${zeroBits} times, there are ${rightCount} siblings`);
  const deepestLeft = frontier.depths.at(-1) ?? -1;
  let depth = KEY_BITS;
  for (; depth > 0; depth--) {
    const turnsLeft = keyBit(key, 0, depth - 1) === 0;
    if (turnsLeft ? zeroBits === rightCount : deepestLeft === depth - 1) break;
    if (turnsLeft) zeroBits--;
  }
  if (zeroBits > rightCount) {
    throw mismatch(`the left part needs ${zeroBits} right siblings, there are ${rightCount}`);
  }
  return depth;
}

function skipKnown(claim: StateRangeClaim): SparseLeaves {
  const { frontier: { last }, leaves } = claim;
  const count = countSortedLeaves(leaves, "PROOF_MISMATCH");
  if (last === undefined) return leaves;
  let known = 0;
  while (known < count && !isBelow(last.key, leaves.keys, known * HASH_BYTES)) known++;
  const start = known * HASH_BYTES;
  return { keys: leaves.keys.subarray(start), valueHashes: leaves.valueHashes.subarray(start) };
}

/** Tells whether `key` is below the key at `offset`. */
function isBelow(key: Uint8Array, keys: Uint8Array, offset: number): boolean {
  for (let i = 0; i < HASH_BYTES; i++) {
    const difference = (key[i] as number) - (keys[offset + i] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function mismatch(reason: string): SyncError {
  return new SyncError("PROOF_MISMATCH", `Cannot prove state range: ${reason}`);
}
