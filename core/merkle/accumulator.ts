/**
 * The Merkle accumulator: an append-only binary tree kept as its frozen (full) subtree roots.
 *
 * Source: formats §4.1. Leaves are hashes as they are; an absent subtree of any height is the placeholder. Pure.
 *
 * @module
 */
import { concatBytes } from "../bytes/bytes.ts";
import { ACCUMULATOR_PLACEHOLDER_HASH, HASH_BYTES } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { countOnes } from "./count-ones.ts";
import { countHashes, hashAt, type NodeHash, PAIR_BYTES } from "./node-hash.ts";

/** Most siblings of a leaf, and so the greatest depth of an accumulator. */
export const MAX_ACCUMULATOR_DEPTH = 63;

/** Most leaves of an accumulator. */
export const MAX_ACCUMULATOR_LEAVES: bigint = 2n ** 63n;

/** An accumulator of `leafCount` leaves. Never changed: appending makes another. */
export interface Accumulator {
  /** Number of leaves, 0 to 2⁶³. */
  readonly leafCount: bigint;
  /** Roots of the full subtrees from left to right, flat: one for each 1-bit of `leafCount`. */
  readonly frozenRoots: Uint8Array;
}

/** Full subtrees of one height, next to each other. */
export interface SubtreeRun {
  /** Height: 0 for leaves; a subtree covers 2^level leaves. */
  readonly level: number;
  /** Index of the first among the subtrees of that height: it begins at leaf `firstIndex · 2^level`. */
  readonly firstIndex: bigint;
  /** Their roots, flat. */
  readonly hashes: Uint8Array;
}

/** The accumulator without leaves. */
export function emptyAccumulator(): Accumulator {
  return { leafCount: 0n, frozenRoots: new Uint8Array(0) };
}

/**
 * An accumulator of known frozen roots.
 *
 * Does not decide whether they are trusted: compare {@link accumulatorRoot} with a trusted root.
 *
 * @param frozenRoots Flat, left to right. Kept.
 * @throws {SyncError} `PROOF_MISMATCH` if the number of roots does not fit `leafCount`, or that is outside 0 to 2⁶³.
 */
export function createAccumulator(leafCount: bigint, frozenRoots: Uint8Array): Accumulator {
  if (leafCount < 0n || leafCount > MAX_ACCUMULATOR_LEAVES) {
    throw new SyncError("PROOF_MISMATCH", `Cannot make accumulator: 0 to 2^63 leaves, current value is ${leafCount}`);
  }
  const count = countHashes(frozenRoots, "frozen roots");
  if (count !== countOnes(leafCount)) {
    throw new SyncError(
      "PROOF_MISMATCH",
      `Cannot make accumulator: ${leafCount} leaves have ${
        countOnes(leafCount)
      } frozen roots, current value is ${count}`,
    );
  }
  return { leafCount, frozenRoots };
}

/**
 * Appends leaves. One call of the hasher per level.
 *
 * @param input.leafHashes New leaves, flat. Not kept.
 * @throws {SyncError} `INVALID_ARGUMENT` if `leafHashes` is not a list of hashes, or the leaves would be more than 2⁶³.
 */
export function appendLeaves(
  input: { readonly accumulator: Accumulator; readonly leafHashes: Uint8Array },
  nodeHash: NodeHash,
): Accumulator {
  return growAccumulator(input, nodeHash).accumulator;
}

/**
 * Appends leaves, and tells which full subtrees that made: what a store of subtrees adds. One call of the hasher per level.
 *
 * @param input.leafHashes New leaves, flat; kept as the hashes of level 0.
 * @returns The new accumulator, and the new full subtrees, one run per level from the leaves up.
 * @throws {SyncError} `INVALID_ARGUMENT` if `leafHashes` is not a list of hashes, or the leaves would be more than 2⁶³.
 */
export function growAccumulator(
  input: { readonly accumulator: Accumulator; readonly leafHashes: Uint8Array },
  nodeHash: NodeHash,
): { accumulator: Accumulator; runs: SubtreeRun[] } {
  const { accumulator, leafHashes } = input;
  const leafCount = accumulator.leafCount + BigInt(newLeafCount(accumulator, leafHashes));
  const old = rootsByLevel(accumulator);
  const frozen: (Uint8Array | undefined)[] = [...old];
  const runs: SubtreeRun[] = [];
  let firstIndex = accumulator.leafCount;
  let hashes = leafHashes;
  for (let level = 0; hashes.length > 0; level++) {
    runs.push({ level, firstIndex, hashes });
    const leftover = old[level];
    const row = leftover === undefined ? hashes : concatBytes(leftover, hashes);
    const paired = row.length - (row.length % PAIR_BYTES);
    frozen[level] = paired < row.length ? row.slice(paired) : undefined;
    firstIndex >>= 1n;
    hashes = paired === 0 ? new Uint8Array(0) : nodeHash.pairs(row.subarray(0, paired));
  }
  const roots = frozen.filter((root) => root !== undefined).reverse();
  return { accumulator: { leafCount, frozenRoots: concatBytes(...roots) }, runs };
}

/** 32-byte root of an accumulator; the placeholder if it has no leaves. At most 63 hashes. */
export function accumulatorRoot(accumulator: Accumulator, nodeHash: NodeHash): Uint8Array {
  const { leafCount, frozenRoots } = accumulator;
  if (leafCount === 0n) return ACCUMULATOR_PLACEHOLDER_HASH.slice();
  const roots = rootsByLevel(accumulator);
  if (frozenRoots.length === HASH_BYTES) return frozenRoots.slice();
  let hash: Uint8Array | undefined;
  for (let level = 0; level < roots.length; level++) {
    const root = roots[level];
    if (root !== undefined) hash = nodeHash.pair(root, hash ?? ACCUMULATOR_PLACEHOLDER_HASH);
    else if (hash !== undefined) hash = nodeHash.pair(hash, ACCUMULATOR_PLACEHOLDER_HASH);
  }
  return hash as Uint8Array;
}

/**
 * 32-byte root over a whole list of leaves, flat: of the events of a transaction, for instance.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if `leafHashes` is not a list of hashes.
 */
export function rootFromLeaves(leafHashes: Uint8Array, nodeHash: NodeHash): Uint8Array {
  return accumulatorRoot(appendLeaves({ accumulator: emptyAccumulator(), leafHashes }, nodeHash), nodeHash);
}

/** Levels above the leaves of an accumulator: 0 for 0 or 1 leaves, else ⌈log₂ leafCount⌉. */
export function accumulatorDepth(leafCount: bigint): number {
  return leafCount <= 1n ? 0 : (leafCount - 1n).toString(2).length;
}

/** The frozen root of each level that has one; `undefined` at the others. Views. */
export function rootsByLevel(accumulator: Accumulator): (Uint8Array | undefined)[] {
  const roots: (Uint8Array | undefined)[] = [];
  let next = accumulator.frozenRoots.length / HASH_BYTES;
  for (let rest = accumulator.leafCount; rest > 0n; rest >>= 1n) {
    roots.push((rest & 1n) === 1n ? hashAt(accumulator.frozenRoots, --next) : undefined);
  }
  return roots;
}

function newLeafCount(accumulator: Accumulator, leafHashes: Uint8Array): number {
  if (leafHashes.length % HASH_BYTES !== 0) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot append leaves: 32 bytes each, current length is ${leafHashes.length}`,
    );
  }
  const count = leafHashes.length / HASH_BYTES;
  if (accumulator.leafCount + BigInt(count) > MAX_ACCUMULATOR_LEAVES) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot append leaves: at most 2^63, current value is ${accumulator.leafCount}`,
    );
  }
  return count;
}
