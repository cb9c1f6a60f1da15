/**
 * The Merkle accumulator from its definition (formats §4): a binary tree over all leaves, recursive. Slow on purpose.
 *
 * @module
 */
import { ACCUMULATOR_PLACEHOLDER_HASH } from "../../core/chain/hash.ts";

/** Hash of a parent from its children. */
export type Pair = (left: Uint8Array, right: Uint8Array) => Uint8Array;

/** Lowest height whose full tree has room for all leaves. */
function referenceDepth(leafCount: number): number {
  let depth = 0;
  while (2 ** depth < leafCount) depth++;
  return depth;
}

/** Root of the subtree of height `level` that begins at leaf `first`. */
export function referenceSubtree(leaves: readonly Uint8Array[], first: number, level: number, pair: Pair): Uint8Array {
  if (first >= leaves.length) return ACCUMULATOR_PLACEHOLDER_HASH;
  if (level === 0) return leaves[first]!;
  const half = 2 ** (level - 1);
  return pair(
    referenceSubtree(leaves, first, level - 1, pair),
    referenceSubtree(leaves, first + half, level - 1, pair),
  );
}

/** Root of all leaves. */
export function referenceRoot(leaves: readonly Uint8Array[], pair: Pair): Uint8Array {
  return referenceSubtree(leaves, 0, referenceDepth(leaves.length), pair);
}

/** Siblings of a leaf from the leaf up, with the side each is on. */
export function referenceSiblings(
  leaves: readonly Uint8Array[],
  index: number,
  pair: Pair,
): { side: "left" | "right"; hash: Uint8Array }[] {
  return Array.from({ length: referenceDepth(leaves.length) }, (_, level) => {
    const size = 2 ** level;
    const own = Math.floor(index / size);
    const isLeftChild = own % 2 === 0;
    const sibling = isLeftChild ? own + 1 : own - 1;
    return {
      side: isLeftChild ? "right" as const : "left" as const,
      hash: referenceSubtree(leaves, sibling * size, level, pair),
    };
  });
}

/** Left siblings of the first and right siblings of the last leaf of a range, from the leaf up. */
export function referenceRange(
  leaves: readonly Uint8Array[],
  range: { readonly first: number; readonly count: number },
  pair: Pair,
): { left: Uint8Array[]; right: Uint8Array[] } {
  const onSide = (index: number, side: "left" | "right") =>
    referenceSiblings(leaves, index, pair).filter((sibling) => sibling.side === side).map((sibling) => sibling.hash);
  return { left: onSide(range.first, "left"), right: onSide(range.first + range.count - 1, "right") };
}

/** Roots of the largest full subtrees that cover the leaves `from` to the end, from left to right. */
export function referenceConsistency(leaves: readonly Uint8Array[], from: number, pair: Pair): Uint8Array[] {
  const subtrees: Uint8Array[] = [];
  for (let next = from; next < leaves.length;) {
    let level = 0;
    while (next % 2 ** (level + 1) === 0 && next + 2 ** (level + 1) <= leaves.length) level++;
    subtrees.push(referenceSubtree(leaves, next, level, pair));
    next += 2 ** level;
  }
  return subtrees;
}
