/**
 * Proofs that a key of the sparse Merkle tree has a value, or has none.
 *
 * Source: formats §5.3. Siblings are ordered from the root down, placeholders included. Pure.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { HASH_BYTES, SPARSE_MERKLE_PLACEHOLDER_HASH } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { commonPrefixBits, KEY_BITS, keyBit } from "./key-bits.ts";
import { countHashes, hashAt, type SparseHash } from "./node-hash.ts";
import type { SparseMerkleProof } from "./sparse.ts";

/** That a key has a value or has none, as somebody says. */
export interface SparseClaim {
  /** 32-byte key hash. */
  readonly key: Uint8Array;
  /** 32-byte value hash; `undefined` claims that the key is absent. */
  readonly valueHash: Uint8Array | undefined;
  readonly proof: SparseMerkleProof;
  /** Depth of the subtree whose root is meant: the proof then begins below it. @default {0} */
  readonly rootDepth?: number;
}

/**
 * Computes the root that `claim` implies.
 *
 * Does not decide whether that root is trusted: compare it with one that is. One hash per sibling.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if `key` has not 32 bytes, or `rootDepth` is not a whole number from 0 to 256.
 * @throws {SyncError} `PROOF_MISMATCH` if the leaf contradicts the claim, or the number or size of the hashes does not fit.
 */
export function rootFromSparseProof(claim: SparseClaim, hash: SparseHash): Uint8Array {
  const { key, proof, rootDepth = 0 } = claim;
  if (key.length !== HASH_BYTES || !Number.isInteger(rootDepth) || rootDepth < 0 || rootDepth > KEY_BITS) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot check key: 32 bytes and a root depth of 0 to 256, current values are ${key.length} and ${rootDepth}`,
    );
  }
  const count = countHashes(proof.siblings, "siblings", KEY_BITS - rootDepth);
  assertLeafFits(claim, rootDepth + count);
  const { leaf } = proof;
  let root = leaf === undefined ? SPARSE_MERKLE_PLACEHOLDER_HASH.slice() : hash.leaf.pair(leaf.key, leaf.valueHash);
  for (let i = count - 1; i >= 0; i--) {
    const sibling = hashAt(proof.siblings, i);
    const isRight = keyBit(key, 0, rootDepth + i) === 1;
    root = isRight ? hash.internal.pair(sibling, root) : hash.internal.pair(root, sibling);
  }
  return root;
}

/**
 * Demands that a key has the value hash, or with `valueHash` undefined is absent, in the tree with the trusted 32-byte `root`.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if `key` has not 32 bytes, or `rootDepth` is not a whole number from 0 to 256.
 * @throws {SyncError} `PROOF_MISMATCH` if the claim does not lead to `root`.
 */
export function verifySparseProof(claim: SparseClaim & { readonly root: Uint8Array }, hash: SparseHash): void {
  if (!equalBytes(rootFromSparseProof(claim, hash), claim.root)) throw mismatch("the proof leads to another root");
}

/** Demands that the leaf at depth `depth` is the claimed one, or keeps the claimed key out. */
function assertLeafFits(claim: SparseClaim, depth: number): void {
  const { key, valueHash, proof: { leaf } } = claim;
  if (leaf === undefined) {
    if (valueHash !== undefined) throw mismatch("a key with a value has a leaf");
    return;
  }
  if (leaf.key.length !== HASH_BYTES || leaf.valueHash.length !== HASH_BYTES) throw mismatch("a leaf is two hashes");
  const common = commonPrefixBits(key, leaf.key);
  if (valueHash !== undefined) {
    if (common !== KEY_BITS) throw mismatch("the leaf is that of another key");
    if (!equalBytes(valueHash, leaf.valueHash)) throw mismatch("the leaf has another value");
    return;
  }
  if (common === KEY_BITS) throw mismatch("the key is said to be absent, but its leaf is there");
  if (common < depth) throw mismatch("the leaf is not on the path of the key");
}

function mismatch(reason: string): SyncError {
  return new SyncError("PROOF_MISMATCH", `Cannot prove key: ${reason}`);
}
