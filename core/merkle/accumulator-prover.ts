/**
 * The proving side of the Merkle accumulator, over a store of full subtrees.
 *
 * Every proof is planned first and then needs one read. Subtrees that are not full are computed from the full ones in them.
 *
 * @module
 */
import { concatBytes } from "../bytes/bytes.ts";
import { ACCUMULATOR_PLACEHOLDER_HASH, HASH_BYTES } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { type Accumulator, accumulatorDepth, createAccumulator } from "./accumulator.ts";
import { consistencyPositions, type SubtreePosition } from "./accumulator-consistency.ts";
import type { AccumulatorRangeProof } from "./accumulator-range.ts";
import { hashAt, type NodeHash } from "./node-hash.ts";

/** A store of the roots of full subtrees, the leaves (level 0) included. */
export interface SubtreeReader {
  /**
   * The 32-byte roots at `positions`, flat, in that order. Only subtrees that lie entirely inside the stored leaves are
   * asked for. Called once per proof.
   */
  readSubtrees(positions: readonly SubtreePosition[]): Promise<Uint8Array>;
}

/** Where proofs come from. */
export interface AccumulatorProver {
  readonly reader: SubtreeReader;
  readonly nodeHash: NodeHash;
}

/**
 * Proves that a leaf is in the accumulator of the first `leafCount` leaves.
 *
 * @returns Siblings from the leaf up, flat: ⌈log₂ leafCount⌉ hashes.
 * @throws {SyncError} `INVALID_ARGUMENT` if the leaf is not among them.
 * @throws {SyncError} `STORAGE_CORRUPT` if the reader answers with another number of hashes.
 */
export async function proveInclusion(
  prover: AccumulatorProver,
  input: { readonly leafIndex: bigint; readonly leafCount: bigint },
): Promise<Uint8Array> {
  const { leafIndex, leafCount } = input;
  assertInside(leafIndex, 1, leafCount);
  const siblings: SubtreePosition[] = [];
  for (let level = 0; level < accumulatorDepth(leafCount); level++) {
    siblings.push({ level, index: (leafIndex >> BigInt(level)) ^ 1n });
  }
  return await readPositions(prover, siblings, leafCount);
}

/**
 * Proves that a run of leaves is in the accumulator of the first `leafCount` leaves.
 *
 * @param input.count ≥ 1.
 * @throws {SyncError} `INVALID_ARGUMENT` if the run is empty or not inside.
 * @throws {SyncError} `STORAGE_CORRUPT` if the reader answers with another number of hashes.
 */
export async function proveRange(
  prover: AccumulatorProver,
  input: { readonly firstIndex: bigint; readonly count: number; readonly leafCount: bigint },
): Promise<AccumulatorRangeProof> {
  const { firstIndex, count, leafCount } = input;
  assertInside(firstIndex, count, leafCount);
  const left: SubtreePosition[] = [];
  const right: SubtreePosition[] = [];
  for (let level = 0; level < accumulatorDepth(leafCount); level++) {
    const first = firstIndex >> BigInt(level);
    const last = (firstIndex + BigInt(count) - 1n) >> BigInt(level);
    if ((first & 1n) === 1n) left.push({ level, index: first - 1n });
    if ((last & 1n) === 0n) right.push({ level, index: last + 1n });
  }
  const hashes = await readPositions(prover, [...left, ...right], leafCount);
  const split = left.length * HASH_BYTES;
  return { leftSiblings: hashes.subarray(0, split), rightSiblings: hashes.subarray(split) };
}

/**
 * Proves that the accumulator of the first `leafCount` leaves continues that of the first `fromCount`.
 *
 * @returns Full subtrees from left to right, flat.
 * @throws {SyncError} `INVALID_ARGUMENT` unless 0 ≤ fromCount ≤ leafCount ≤ 2⁶³.
 * @throws {SyncError} `STORAGE_CORRUPT` if the reader answers with another number of hashes.
 */
export async function proveConsistency(
  prover: AccumulatorProver,
  input: { readonly fromCount: bigint; readonly leafCount: bigint },
): Promise<Uint8Array> {
  return await readFull(prover, consistencyPositions(input.fromCount, input.leafCount));
}

/**
 * The accumulator of the first `leafCount` leaves.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if `leafCount` is outside 0 to 2⁶³.
 * @throws {SyncError} `STORAGE_CORRUPT` if the reader answers with another number of hashes.
 */
export async function readAccumulator(prover: AccumulatorProver, leafCount: bigint): Promise<Accumulator> {
  return createAccumulator(leafCount, await readFull(prover, consistencyPositions(0n, leafCount)));
}

/** Roots of subtrees of the first `leafCount` leaves, full or not: at most one is partly filled. */
async function readPositions(
  prover: AccumulatorProver,
  positions: readonly SubtreePosition[],
  leafCount: bigint,
): Promise<Uint8Array> {
  const plans = positions.map((position) => fullSubtreesIn(position, leafCount));
  const hashes = await readFull(prover, plans.flat());
  let used = 0;
  const roots = positions.map((position, i) => {
    const parts = (plans[i] as SubtreePosition[]).map((part) => ({ level: part.level, hash: hashAt(hashes, used++) }));
    return rootFromParts(position.level, parts, prover.nodeHash);
  });
  return concatBytes(...roots);
}

/** The full subtrees from left to right that make up what there is of a subtree. */
function fullSubtreesIn(position: SubtreePosition, leafCount: bigint): SubtreePosition[] {
  const first = position.index << BigInt(position.level);
  const next = first + (1n << BigInt(position.level));
  if (next <= leafCount) return [position];
  if (first >= leafCount) return [];
  return consistencyPositions(first, leafCount);
}

/** Root of a subtree of height `level` from the full subtrees in it, in falling height. */
function rootFromParts(
  level: number,
  parts: readonly { readonly level: number; readonly hash: Uint8Array }[],
  nodeHash: NodeHash,
): Uint8Array {
  const last = parts.at(-1);
  if (last === undefined) return ACCUMULATOR_PLACEHOLDER_HASH;
  let { hash, level: height } = last;
  for (const part of parts.slice(0, -1).reverse()) {
    for (; height < part.level; height++) hash = nodeHash.pair(hash, ACCUMULATOR_PLACEHOLDER_HASH);
    hash = nodeHash.pair(part.hash, hash);
    height++;
  }
  for (; height < level; height++) hash = nodeHash.pair(hash, ACCUMULATOR_PLACEHOLDER_HASH);
  return hash;
}

async function readFull(prover: AccumulatorProver, positions: readonly SubtreePosition[]): Promise<Uint8Array> {
  if (positions.length === 0) return new Uint8Array(0);
  const hashes = await prover.reader.readSubtrees(positions);
  if (hashes.length !== positions.length * HASH_BYTES) {
    throw new SyncError(
      "STORAGE_CORRUPT",
      `Cannot read subtrees: ${positions.length} were asked for, current length is ${hashes.length} bytes`,
    );
  }
  return hashes;
}

function assertInside(firstIndex: bigint, count: number, leafCount: bigint): void {
  if (!Number.isSafeInteger(count) || count < 1 || firstIndex < 0n || firstIndex + BigInt(count) > leafCount) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot prove leaves: they lie inside ${leafCount}, current range is ${firstIndex} + ${count}`,
    );
  }
}
