/**
 * The sparse Merkle tree from its definition (formats §5): recursive over the set of leaves. Slow on purpose.
 *
 * @module
 */
import { SPARSE_MERKLE_PLACEHOLDER_HASH } from "../../core/chain/hash.ts";
import type { SparseHash } from "../../core/merkle/node-hash.ts";
import type { SparseLeaves } from "../../core/merkle/key-bits.ts";
import { concatBytes } from "../../core/bytes/bytes.ts";

/** One leaf. */
export interface ReferenceLeaf {
  readonly key: Uint8Array;
  readonly valueHash: Uint8Array;
}

/** Bit `depth` of a key, most significant first. */
function referenceBit(key: Uint8Array, depth: number): number {
  return (key[Math.floor(depth / 8)]! >> (7 - (depth % 8))) & 1;
}

/** Canonical root of a set of leaves, in any order. */
export function referenceSparseRoot(leaves: readonly ReferenceLeaf[], hash: SparseHash, depth = 0): Uint8Array {
  if (leaves.length === 0) return SPARSE_MERKLE_PLACEHOLDER_HASH;
  if (leaves.length === 1) return hash.leaf.pair(leaves[0]!.key, leaves[0]!.valueHash);
  return hash.internal.pair(
    referenceSparseRoot(leaves.filter((leaf) => referenceBit(leaf.key, depth) === 0), hash, depth + 1),
    referenceSparseRoot(leaves.filter((leaf) => referenceBit(leaf.key, depth) === 1), hash, depth + 1),
  );
}

/** What is at the place of `key`, and the siblings on the way there from the root down. */
export function referenceSparseProof(
  leaves: readonly ReferenceLeaf[],
  key: Uint8Array,
  hash: SparseHash,
): { leaf?: ReferenceLeaf; siblings: Uint8Array[] } {
  const siblings: Uint8Array[] = [];
  let here = leaves;
  for (let depth = 0; here.length > 1; depth++) {
    const bit = referenceBit(key, depth);
    const there = here.filter((leaf) => referenceBit(leaf.key, depth) !== bit);
    siblings.push(referenceSparseRoot(there, hash, depth + 1));
    here = here.filter((leaf) => referenceBit(leaf.key, depth) === bit);
  }
  return here[0] === undefined ? { siblings } : { leaf: here[0], siblings };
}

/** Right siblings of a key that is in the set, from the leaf up. */
export function referenceRightSiblings(
  leaves: readonly ReferenceLeaf[],
  key: Uint8Array,
  hash: SparseHash,
): Uint8Array[] {
  const { siblings } = referenceSparseProof(leaves, key, hash);
  return siblings.filter((_, depth) => referenceBit(key, depth) === 0).reverse();
}

/** Lays leaves out flat, in the order given. */
export function flatLeaves(leaves: readonly ReferenceLeaf[]): SparseLeaves {
  return {
    keys: concatBytes(...leaves.map((leaf) => leaf.key)),
    valueHashes: concatBytes(...leaves.map((leaf) => leaf.valueHash)),
  };
}
