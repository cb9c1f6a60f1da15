/**
 * Range proofs of the Merkle accumulator: a run of leaves next to each other.
 *
 * Source: formats §4.3. Both lists of siblings are ordered from the leaf level up, placeholders included. Pure.
 *
 * @module
 */
import { concatBytes, equalBytes } from "../bytes/bytes.ts";
import { SyncError } from "../errors.ts";
import { accumulatorDepth, MAX_ACCUMULATOR_DEPTH } from "./accumulator.ts";
import { countHashes, hashAt, type NodeHash, PAIR_BYTES } from "./node-hash.ts";

/** What a run of leaves needs to lead to a root. */
export interface AccumulatorRangeProof {
  /** Left siblings on the path of the first leaf, from the leaf up, flat. */
  readonly leftSiblings: Uint8Array;
  /** Right siblings on the path of the last leaf, from the leaf up, flat. */
  readonly rightSiblings: Uint8Array;
}

/** That a run of leaves is at a place in an accumulator, as somebody says. */
export interface RangeClaim {
  /** Place of the first leaf, from 0; `undefined` claims nothing and needs everything to be empty. */
  readonly firstIndex: bigint | undefined;
  /** The leaves, flat. */
  readonly leafHashes: Uint8Array;
  readonly proof: AccumulatorRangeProof;
  /** Number of leaves of the whole, where it is known; see `InclusionClaim.leafCount`. */
  readonly leafCount?: bigint;
}

/**
 * Computes the root that `claim` implies.
 *
 * Does not decide whether that root is trusted: compare it with one that is. One call of the hasher per level.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if `firstIndex` is negative or missing.
 * @throws {SyncError} `PROOF_MISMATCH` if there are no leaves, or the number or size of the hashes does not fit the place.
 */
export function rootFromRangeProof(claim: RangeClaim, nodeHash: NodeHash): Uint8Array {
  const { firstIndex, leafHashes, proof, leafCount } = claim;
  if (firstIndex === undefined || firstIndex < 0n) {
    throw new SyncError("INVALID_ARGUMENT", `Cannot check range: first index is at least 0, it is ${firstIndex}`);
  }
  const count = countHashes(leafHashes, "leaves of the range");
  if (count === 0) throw mismatch("a range that begins somewhere has leaves");
  if (leafCount !== undefined && firstIndex + BigInt(count) > leafCount) {
    throw mismatch(`${count} leaves from ${firstIndex} on do not fit ${leafCount} leaves`);
  }
  const left = createSiblings(proof.leftSiblings, "left siblings");
  const right = createSiblings(proof.rightSiblings, "right siblings");
  let row: Uint8Array = leafHashes.slice();
  let index = firstIndex;
  let depth = 0;
  for (; row.length > PAIR_BYTES / 2 || left.remaining() > 0 || right.remaining() > 0; depth++) {
    if ((index & 1n) === 1n) row = concatBytes(left.next(), row);
    if (row.length % PAIR_BYTES !== 0) row = concatBytes(row, right.next());
    row = nodeHash.pairs(row);
    index >>= 1n;
  }
  if (index !== 0n) throw mismatch(`leaf ${firstIndex} lies outside a tree of depth ${depth}`);
  if (leafCount !== undefined && depth !== accumulatorDepth(leafCount)) {
    throw mismatch(`${leafCount} leaves make a depth of ${accumulatorDepth(leafCount)}, current value is ${depth}`);
  }
  return row;
}

/**
 * Demands that a run of leaves is at its place in the accumulator with the trusted 32-byte `root`.
 * A claim of nothing (`firstIndex` undefined) holds if leaves and siblings are empty.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if `firstIndex` is negative.
 * @throws {SyncError} `PROOF_MISMATCH` if the claim does not lead to `root`.
 */
export function verifyRange(claim: RangeClaim & { readonly root: Uint8Array }, nodeHash: NodeHash): void {
  const { firstIndex, leafHashes, proof } = claim;
  if (firstIndex === undefined) {
    if (leafHashes.length + proof.leftSiblings.length + proof.rightSiblings.length === 0) return;
    throw mismatch("an empty range has neither leaves nor siblings");
  }
  if (!equalBytes(rootFromRangeProof(claim, nodeHash), claim.root)) {
    throw mismatch(`the leaves from ${firstIndex} on lead to another root`);
  }
}

/** Hands out siblings one by one, and refuses when there are none left. */
function createSiblings(hashes: Uint8Array, what: string): { remaining(): number; next(): Uint8Array } {
  const count = countHashes(hashes, what, MAX_ACCUMULATOR_DEPTH);
  let used = 0;
  return {
    remaining: () => count - used,
    next() {
      if (used === count) throw mismatch(`more ${what} than ${count} are needed`);
      return hashAt(hashes, used++);
    },
  };
}

function mismatch(reason: string): SyncError {
  return new SyncError("PROOF_MISMATCH", `Cannot prove range: ${reason}`);
}
