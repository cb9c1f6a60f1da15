/**
 * Extending an accumulator with leaves from elsewhere: extension proofs, and proofs that overlap what is there already.
 *
 * Source: formats §4.4 and §4.6. Pure.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { HASH_BYTES } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { countOnes } from "./count-ones.ts";
import { type Accumulator, accumulatorRoot, appendLeaves, createAccumulator } from "./accumulator.ts";
import { countHashes, type NodeHash, reverseHashes } from "./node-hash.ts";

/** An accumulator and what follows it, as somebody says. */
export interface AccumulatorExtensionProof {
  /** Frozen roots of the accumulator that is extended, flat, left to right. */
  readonly frozenRoots: Uint8Array;
  /** Its number of leaves. */
  readonly leafCount: bigint;
  /** The leaves that follow, flat. */
  readonly leafHashes: Uint8Array;
}

/** That a list of leaves continues our ledger, as somebody says. */
export interface OverlapClaim {
  /** Number of leaves of our ledger. */
  readonly leafCount: bigint;
  /** 32-byte root of our ledger. */
  readonly root: Uint8Array;
  /** Index of the first leaf of the list; `undefined` for an empty list. */
  readonly firstIndex: bigint | undefined;
  /** The leaves of the list, flat. */
  readonly leafHashes: Uint8Array;
  /** Left siblings of the list's range proof, from the leaf up, flat. */
  readonly leftSiblings: Uint8Array;
}

/**
 * The accumulator of everything before a range: the left siblings of its proof, from the top down, are the frozen roots.
 *
 * Does not decide whether the siblings are right; a verified range proof does.
 *
 * @throws {SyncError} `PROOF_MISMATCH` if the number or size of the siblings does not fit `firstIndex`.
 */
export function accumulatorBeforeRange(firstIndex: bigint, leftSiblings: Uint8Array): Accumulator {
  const count = countHashes(leftSiblings, "left siblings");
  if (firstIndex < 0n || count !== countOnes(firstIndex)) {
    throw mismatch(`the number of left siblings before leaf ${firstIndex} is not ${count}`);
  }
  return createAccumulator(firstIndex, reverseHashes(leftSiblings));
}

/**
 * Demands that a list of leaves, proven against some newer root, continues our ledger rather than a fork of it.
 *
 * A list that lies entirely inside our ledger is not compared with it, so a fork goes unnoticed there.
 *
 * @returns How many leaves at the head of the list our ledger has already.
 * @throws {SyncError} `PROOF_MISMATCH` if the list begins beyond our ledger, or continues another one.
 */
export function verifyExtension(claim: OverlapClaim, nodeHash: NodeHash): number {
  const { leafCount, root, firstIndex, leafHashes, leftSiblings } = claim;
  const count = countHashes(leafHashes, "leaves of the list");
  if (firstIndex === undefined) {
    if (count !== 0) throw mismatch("a list with leaves begins somewhere");
    return 0;
  }
  if (firstIndex > leafCount) throw mismatch(`the list begins at ${firstIndex}, the ledger ends before ${leafCount}`);
  const overlap = leafCount - firstIndex;
  if (overlap > BigInt(count)) return count;
  const before = accumulatorBeforeRange(firstIndex, leftSiblings);
  const known = leafHashes.subarray(0, Number(overlap) * HASH_BYTES);
  const ours = appendLeaves({ accumulator: before, leafHashes: known }, nodeHash);
  if (!equalBytes(accumulatorRoot(ours, nodeHash), root)) throw mismatch("the list continues another ledger");
  return Number(overlap);
}

/**
 * Demands that an extension proof begins at the accumulator with the trusted 32-byte root, and appends its leaves.
 *
 * @returns The longer accumulator.
 * @throws {SyncError} `PROOF_MISMATCH` if the proof begins elsewhere, or its parts do not fit each other.
 */
export function verifyAccumulatorExtension(
  claim: { readonly proof: AccumulatorExtensionProof; readonly root: Uint8Array },
  nodeHash: NodeHash,
): Accumulator {
  const { frozenRoots, leafCount, leafHashes } = claim.proof;
  const accumulator = createAccumulator(leafCount, frozenRoots);
  countHashes(leafHashes, "leaves of the extension");
  if (!equalBytes(accumulatorRoot(accumulator, nodeHash), claim.root)) {
    throw mismatch("the proof begins at another root");
  }
  return appendLeaves({ accumulator, leafHashes }, nodeHash);
}

function mismatch(reason: string): SyncError {
  return new SyncError("PROOF_MISMATCH", `Cannot prove extension: ${reason}`);
}
