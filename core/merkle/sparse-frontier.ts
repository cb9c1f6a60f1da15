/**
 * A sparse Merkle tree built from left to right: only the last leaf and the finished subtrees left of its path are kept.
 *
 * Source: formats §5.4 (add, fold). The leaves of a batch are folded by depth, deepest first, so hashing takes one call
 * for the leaves and one for each depth. Pure: a frontier is never changed, adding makes another.
 *
 * @module
 */
import { concatBytes } from "../bytes/bytes.ts";
import { HASH_BYTES, SPARSE_MERKLE_PLACEHOLDER_HASH } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { commonPrefixBits, countSortedLeaves, KEY_BITS, keyBit, type SparseLeaves } from "./key-bits.ts";
import { hashAt, PAIR_BYTES, type SparseHash } from "./node-hash.ts";
import type { SparseMerkleLeaf } from "./sparse.ts";

/** What is left of a set of leaves once everything left of the last one is folded. */
export interface SparseFrontier {
  /** The last leaf; absent if there are no leaves. */
  readonly last?: SparseMerkleLeaf;
  /** Depths d, ascending, at which the last key turns right (bit d is 1) and something lies left. */
  readonly depths: Uint16Array;
  /** Root of the subtree left of the path at each of those depths, flat. */
  readonly hashes: Uint8Array;
}

/** The frontier of the empty set. */
export function emptyFrontier(): SparseFrontier {
  return { depths: new Uint16Array(0), hashes: new Uint8Array(0) };
}

/**
 * Adds leaves to the right of everything so far.
 *
 * @param input.leaves Sorted, all above the last key of the frontier. Copied.
 * @throws {SyncError} `INVALID_ARGUMENT` if they are not, or there is not one value for each key.
 */
export function extendFrontier(
  input: { readonly frontier: SparseFrontier; readonly leaves: SparseLeaves },
  hash: SparseHash,
): SparseFrontier {
  const { frontier, leaves } = input;
  const count = countSortedLeaves(leaves);
  if (count === 0) return frontier;
  const { last } = frontier;
  const keys = last === undefined ? leaves.keys : concatBytes(last.key, leaves.keys);
  const values = last === undefined ? leaves.valueHashes : concatBytes(last.valueHash, leaves.valueHashes);
  if (last !== undefined) countSortedLeaves({ keys: keys.subarray(0, PAIR_BYTES), valueHashes: keys.subarray(0, 64) });
  const fold = startFold(frontier, keys, hash.leaf.pairs(interleave(keys, values)));
  foldAll(fold, hash);
  const end = keys.length - HASH_BYTES;
  return {
    last: { key: keys.slice(end), valueHash: values.slice(end) },
    depths: Uint16Array.from(fold.leftDepths).reverse(),
    hashes: concatBytes(...fold.leftHashes.reverse()),
  };
}

/** 32-byte canonical root of all leaves so far; the placeholder if there are none. At most 257 hashes. */
export function rootFromFrontier(frontier: SparseFrontier, hash: SparseHash): Uint8Array {
  const { last, depths, hashes } = frontier;
  if (last === undefined) return SPARSE_MERKLE_PLACEHOLDER_HASH.slice();
  let root = hash.leaf.pair(last.key, last.valueHash);
  let next = depths.length - 1;
  for (let depth = depths[next] ?? -1; depth >= 0; depth--) {
    if (depths[next] === depth) root = hash.internal.pair(hashAt(hashes, next--), root);
    else if (keyBit(last.key, 0, depth) === 1) root = hash.internal.pair(SPARSE_MERKLE_PLACEHOLDER_HASH, root);
    else root = hash.internal.pair(root, SPARSE_MERKLE_PLACEHOLDER_HASH);
  }
  return root;
}

/**
 * Demands a frontier that could have been made by {@link extendFrontier}: for one that was stored.
 *
 * @throws {SyncError} `STORAGE_CORRUPT` if it could not.
 */
export function assertFrontier(frontier: SparseFrontier): void {
  const { last, depths, hashes } = frontier;
  const fits = last === undefined
    ? depths.length === 0
    : last.key.length === HASH_BYTES && last.valueHash.length === HASH_BYTES &&
      depths.every((depth, i) =>
        depth < KEY_BITS && (i === 0 || depth > (depths[i - 1] as number)) && keyBit(last.key, 0, depth) === 1
      );
  if (!fits || hashes.length !== depths.length * HASH_BYTES) {
    throw new SyncError("STORAGE_CORRUPT", "Cannot read frontier: its parts do not fit each other");
  }
}

/** Lays keys and values out as pairs, as leaves are hashed. Both flat and of the same length. */
function interleave(keys: Uint8Array, values: Uint8Array): Uint8Array {
  const pairs = new Uint8Array(2 * keys.length);
  for (let from = 0; from < keys.length; from += HASH_BYTES) {
    pairs.set(keys.subarray(from, from + HASH_BYTES), 2 * from);
    pairs.set(values.subarray(from, from + HASH_BYTES), 2 * from + HASH_BYTES);
  }
  return pairs;
}

/**
 * Work on one batch. Items are, from left to right: the finished subtrees of the old frontier, its last leaf, the new
 * leaves. Runs of items that are folded already are known by their first item; a run of one leaf stands at any depth.
 */
interface Fold {
  /** Item i and i + 1 part at this depth. One fewer than items. */
  readonly parting: Int16Array;
  /** Gaps sorted by falling depth of parting. */
  readonly gaps: Uint32Array;
  /** Root of the run that begins at item i, flat. */
  readonly hashes: Uint8Array;
  /** First item of the run that ends at item i, and last item of the run that begins there. */
  readonly first: Uint32Array;
  readonly last: Uint32Array;
  /** Key of item i is `keys[32·(i − skipped)]`; the subtrees of the old frontier have none. */
  readonly keys: Uint8Array;
  readonly skipped: number;
  /** Finished subtrees left of the last item's path, deepest first. */
  readonly leftDepths: number[];
  readonly leftHashes: Uint8Array[];
}

function startFold(frontier: SparseFrontier, keys: Uint8Array, leafHashes: Uint8Array): Fold {
  const skipped = frontier.depths.length;
  const count = skipped + keys.length / HASH_BYTES;
  const parting = new Int16Array(count - 1);
  parting.set(frontier.depths);
  for (let i = skipped; i < count - 1; i++) {
    const offset = (i - skipped) * HASH_BYTES;
    parting[i] = commonPrefixBits(keys, keys, offset, offset + HASH_BYTES);
  }
  const indexes = Uint32Array.from({ length: count }, (_, i) => i);
  return {
    parting,
    gaps: sortByFallingDepth(parting),
    hashes: concatBytes(frontier.hashes, leafHashes),
    first: indexes,
    last: indexes.slice(),
    keys,
    skipped,
    leftDepths: [],
    leftHashes: [],
  };
}

/** Counting sort of the gaps between items. */
function sortByFallingDepth(parting: Int16Array): Uint32Array {
  const starts = new Uint32Array(KEY_BITS + 1);
  for (const depth of parting) starts[KEY_BITS - 1 - depth + 1] = (starts[KEY_BITS - 1 - depth + 1] as number) + 1;
  for (let i = 1; i <= KEY_BITS; i++) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
  const gaps = new Uint32Array(parting.length);
  parting.forEach((depth, gap) => {
    const bucket = KEY_BITS - 1 - depth;
    const place = starts[bucket] as number;
    gaps[place] = gap;
    starts[bucket] = place + 1;
  });
  return gaps;
}

/** Folds everything but the path of the last item. */
function foldAll(fold: Fold, hash: SparseHash): void {
  let open: number[] = [];
  let next = 0;
  for (let depth = KEY_BITS - 1; depth >= 0; depth--) {
    const from = next;
    while (next < fold.gaps.length && fold.parting[fold.gaps[next] as number] === depth) next++;
    if (from < next || open.length > 0) {
      open = foldDepth(fold, { depth, gaps: fold.gaps.subarray(from, next), open }, hash);
    }
  }
}

/**
 * Folds one depth: runs that part here are joined, other internal nodes get an empty sibling.
 *
 * @param step.open First items of the runs that are internal nodes one level below.
 * @returns The same for this level.
 */
function foldDepth(
  fold: Fold,
  step: { readonly depth: number; readonly gaps: Uint32Array; readonly open: readonly number[] },
  hash: SparseHash,
): number[] {
  const { hashes } = fold;
  const pairs = new Uint8Array((step.gaps.length + step.open.length) * PAIR_BYTES);
  const made: number[] = [];
  const joined = new Set<number>();
  for (const gap of step.gaps) {
    const left = fold.first[gap] as number;
    joined.add(left).add(gap + 1);
    if (!joinRuns(fold, { gap, depth: step.depth })) continue;
    pairs.set(hashAt(hashes, left), made.length * PAIR_BYTES);
    pairs.set(hashAt(hashes, gap + 1), made.length * PAIR_BYTES + HASH_BYTES);
    made.push(left);
  }
  for (const run of step.open) {
    if (joined.has(run)) continue;
    const isRight = keyBit(fold.keys, ((fold.last[run] as number) - fold.skipped) * HASH_BYTES, step.depth) === 1;
    pairs.set(isRight ? SPARSE_MERKLE_PLACEHOLDER_HASH : hashAt(hashes, run), made.length * PAIR_BYTES);
    pairs.set(isRight ? hashAt(hashes, run) : SPARSE_MERKLE_PLACEHOLDER_HASH, made.length * PAIR_BYTES + HASH_BYTES);
    made.push(run);
  }
  if (made.length === 0) return made;
  const results = hash.internal.pairs(pairs.subarray(0, made.length * PAIR_BYTES));
  for (const [i, run] of made.entries()) hashes.set(hashAt(results, i), run * HASH_BYTES);
  return made;
}

/** Joins the runs left and right of a gap; false if that is on the path of the last item, which stays open. */
function joinRuns(fold: Fold, at: { readonly gap: number; readonly depth: number }): boolean {
  const left = fold.first[at.gap] as number;
  const end = fold.last[at.gap + 1] as number;
  fold.first[end] = left;
  fold.last[left] = end;
  if (end < fold.first.length - 1) return true;
  fold.leftDepths.push(at.depth);
  fold.leftHashes.push(hashAt(fold.hashes, left).slice());
  return false;
}
