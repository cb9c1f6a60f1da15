/**
 * Roots of many small accumulators at once: the event root of every transaction of a chunk.
 *
 * Source: formats §4.1 in its level-by-level form: an odd level is padded with one placeholder. Pure.
 *
 * @module
 */
import { ACCUMULATOR_PLACEHOLDER_HASH, HASH_BYTES } from "../chain/hash.ts";
import { type NodeHash, PAIR_BYTES } from "../merkle/node-hash.ts";

/**
 * Computes the root over each of several lists of leaves. One call of the hasher per level of the largest list.
 *
 * @param leaves All leaves, flat, those of the first list first. Not kept, not changed.
 * @param counts Number of leaves of each list; their sum is the number of leaves.
 * @returns 32 bytes a list; the placeholder for an empty one.
 */
export function rootsFromLeafLists(leaves: Uint8Array, counts: Uint32Array, nodeHash: NodeHash): Uint8Array {
  const roots = new Uint8Array(counts.length * HASH_BYTES);
  let level: Level = { lists: openLists(counts, roots), hashes: leaves };
  for (;;) {
    level = takeRoots(level, roots);
    if (level.lists.length === 0) return roots;
    level = { lists: level.lists.map(halved), hashes: nodeHash.pairs(padded(level)) };
  }
}

/** One list on its way up: where its root goes, and how many hashes it has at this level. */
interface OpenList {
  readonly index: number;
  readonly size: number;
}

interface Level {
  readonly lists: readonly OpenList[];
  /** Hashes of all lists, flat, in the order of the lists. */
  readonly hashes: Uint8Array;
}

function openLists(counts: Uint32Array, roots: Uint8Array): OpenList[] {
  const lists: OpenList[] = [];
  counts.forEach((size, index) => {
    if (size === 0) roots.set(ACCUMULATOR_PLACEHOLDER_HASH, index * HASH_BYTES);
    else lists.push({ index, size });
  });
  return lists;
}

/** Lists of one hash are done: the hash is their root. */
function takeRoots({ lists, hashes }: Level, roots: Uint8Array): Level {
  const rest: OpenList[] = [];
  const kept = new Uint8Array(hashes.length);
  let from = 0;
  let to = 0;
  for (const list of lists) {
    const bytes = hashes.subarray(from, from + list.size * HASH_BYTES);
    from += bytes.length;
    if (list.size === 1) {
      roots.set(bytes, list.index * HASH_BYTES);
      continue;
    }
    rest.push(list);
    kept.set(bytes, to);
    to += bytes.length;
  }
  return { lists: rest, hashes: kept.subarray(0, to) };
}

/** The hashes of a level with every list made even. */
function padded({ lists, hashes }: Level): Uint8Array {
  const pairs = new Uint8Array(lists.reduce((sum, list) => sum + halved(list).size, 0) * PAIR_BYTES);
  let from = 0;
  let to = 0;
  for (const { size } of lists) {
    pairs.set(hashes.subarray(from, from + size * HASH_BYTES), to);
    from += size * HASH_BYTES;
    to += size * HASH_BYTES;
    if (size % 2 === 0) continue;
    pairs.set(ACCUMULATOR_PLACEHOLDER_HASH, to);
    to += HASH_BYTES;
  }
  return pairs;
}

function halved({ index, size }: OpenList): OpenList {
  return { index, size: Math.ceil(size / 2) };
}
