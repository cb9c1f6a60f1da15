/**
 * What proofs of the sparse Merkle tree are made of. Claims as they travel: nothing here is verified.
 *
 * Source: formats §3.5 and §5. Verified by `sparse-proof.ts` and `sparse-range.ts`.
 *
 * @module
 */

/** A leaf of the sparse Merkle tree. */
export interface SparseMerkleLeaf {
  /** 32-byte key hash. */
  readonly key: Uint8Array;
  /** 32-byte value hash. */
  readonly valueHash: Uint8Array;
}

/** What is at the place of a key, and the siblings on the way there. */
export interface SparseMerkleProof {
  /** The leaf there, of this or another key; absent if the place is empty. */
  readonly leaf?: SparseMerkleLeaf;
  /** Siblings from the root down, placeholders included, flat; at most 256. */
  readonly siblings: Uint8Array;
}

/** What the leaves from the leftmost up to some key need to lead to a root. */
export interface SparseMerkleRangeProof {
  /** Right siblings on the path of the last key, from the leaf up, placeholders included, flat; at most 256. */
  readonly rightSiblings: Uint8Array;
}
