/**
 * Consistency of a shorter accumulator with a longer one: the subtrees in between, appended.
 *
 * Source: formats §4.5. Pure.
 *
 * @module
 */
import { concatBytes, equalBytes } from "../bytes/bytes.ts";
import { SyncError } from "../errors.ts";
import {
  type Accumulator,
  accumulatorRoot,
  createAccumulator,
  MAX_ACCUMULATOR_LEAVES,
  rootsByLevel,
} from "./accumulator.ts";
import { countHashes, hashAt, type NodeHash } from "./node-hash.ts";

/** Place of a full subtree: it covers the leaves `index · 2^level` to `(index + 1) · 2^level − 1`. */
export interface SubtreePosition {
  /** Height, 0 for a leaf. */
  readonly level: number;
  /** Index among the subtrees of that height. */
  readonly index: bigint;
}

/** That the accumulator of so many leaves continues a known one, as somebody says. */
export interface ConsistencyClaim {
  /** What is known. */
  readonly accumulator: Accumulator;
  /** Number of leaves of the longer accumulator. */
  readonly leafCount: bigint;
  /** Roots of the full subtrees in between from left to right, flat; {@link consistencyPositions} tells which. */
  readonly subtrees: Uint8Array;
}

/**
 * The full subtrees that lead from an accumulator of `fromCount` leaves to one of `leafCount`, from left to right.
 * With `fromCount` 0 they are the frozen roots of the longer one. At most 126.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` unless 0 ≤ fromCount ≤ leafCount ≤ 2⁶³.
 */
export function consistencyPositions(fromCount: bigint, leafCount: bigint): SubtreePosition[] {
  if (fromCount < 0n || leafCount < fromCount || leafCount > MAX_ACCUMULATOR_LEAVES) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot prove consistency: 0 ≤ from ≤ to ≤ 2^63, current values are ${fromCount} and ${leafCount}`,
    );
  }
  const positions: SubtreePosition[] = [];
  for (let next = fromCount; next < leafCount;) {
    const level = Math.min(lowestBit(next), highestBit(leafCount - next));
    positions.push({ level, index: next >> BigInt(level) });
    next += 1n << BigInt(level);
  }
  return positions;
}

/**
 * Computes the accumulator that `claim` implies: the known one with the subtrees appended.
 *
 * Does not decide whether it is right: compare its root with a trusted one.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if `leafCount` is below that of the known accumulator or above 2⁶³.
 * @throws {SyncError} `PROOF_MISMATCH` if the number or size of the subtrees does not fit.
 */
export function appendSubtrees(claim: ConsistencyClaim, nodeHash: NodeHash): Accumulator {
  const { accumulator, leafCount, subtrees } = claim;
  const positions = consistencyPositions(accumulator.leafCount, leafCount);
  const count = countHashes(subtrees, "subtrees");
  if (count !== positions.length) {
    throw new SyncError(
      "PROOF_MISMATCH",
      `Cannot prove consistency: ${positions.length} subtrees are needed, current value is ${count}`,
    );
  }
  const roots = rootsByLevel(accumulator);
  positions.forEach((position, i) => {
    let level = position.level;
    let hash = hashAt(subtrees, i);
    for (let left = roots[level]; left !== undefined; left = roots[level]) {
      hash = nodeHash.pair(left, hash);
      roots[level++] = undefined;
    }
    roots[level] = hash;
  });
  const frozen = roots.filter((root) => root !== undefined).reverse();
  return createAccumulator(leafCount, concatBytes(...frozen));
}

/**
 * Demands that the accumulator with the trusted 32-byte `root` and `leafCount` continues the known one.
 *
 * @returns The longer accumulator.
 * @throws {SyncError} `INVALID_ARGUMENT` if `leafCount` is below that of the known accumulator or above 2⁶³.
 * @throws {SyncError} `PROOF_MISMATCH` if the claim does not lead to `root`.
 */
export function verifyConsistency(
  claim: ConsistencyClaim & { readonly root: Uint8Array },
  nodeHash: NodeHash,
): Accumulator {
  const longer = appendSubtrees(claim, nodeHash);
  if (!equalBytes(accumulatorRoot(longer, nodeHash), claim.root)) {
    throw new SyncError("PROOF_MISMATCH", "Cannot prove consistency: the subtrees lead to another root");
  }
  return longer;
}

/** Position of the highest 1-bit of a positive number. */
function highestBit(value: bigint): number {
  return value.toString(2).length - 1;
}

/** Position of the lowest 1-bit; above every level for 0, which every subtree size divides. */
function lowestBit(value: bigint): number {
  return value === 0n ? 64 : highestBit(value & -value);
}
