/**
 * Reading the versioned sparse Merkle tree: root, count, proofs, leaves in order.
 *
 * All functions throw `PRUNED` if a node of the version is not there (any more), and `STORAGE_CORRUPT` if one is nonsense.
 *
 * Signatures (implementation follows):
 *   stateRoot(tree, version): Promise<{ rootHash: Uint8Array; leafCount: bigint }>
 *   getWithProof(tree, { version, keyHash }): Promise<{ leaf?: { valueHash: Uint8Array; version: bigint }; proof: SparseMerkleProof }>
 *   proveRangeUpTo(tree, { version, keyHash }): Promise<SparseMerkleRangeProof>      // of the chunk whose last key is keyHash
 *   readLeaves(tree, { version, firstIndex: bigint, count: number }): Promise<{ keys: flat; valueHashes: flat; versions: bigint[] }>
 *
 * @module
 */
