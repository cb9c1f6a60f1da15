/**
 * Reading a kept version of the versioned tree: root, values with proof, range proofs, leaves in order of key.
 *
 * One read per tree level. Every function throws `PRUNED` if a node of the version is not there (any more), and
 * `STORAGE_CORRUPT` if one is nonsense; what a node says of its children's hashes is believed.
 *
 * @module
 */
import { concatBytes, equalBytes } from "../bytes/bytes.ts";
import { HASH_BYTES, SPARSE_MERKLE_PLACEHOLDER_HASH } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { hashLeafSlots, hashNodes } from "./jellyfish-fold.ts";
import { type LoadedNodes, loadNodes, type NodeReference, rootReference } from "./jellyfish-load.ts";
import { digitAt } from "./jellyfish-path.ts";
import {
  EMPTY,
  halfHashOffset,
  halfKind,
  INTERNAL,
  joinedKind,
  LEAF,
  leafKey,
  leafValue,
  loneLeafSlot,
  slotHashOffset,
  type SlotTable,
} from "./jellyfish-slots.ts";
import type { JellyfishTree } from "./jellyfish-store.ts";
import { keyBit } from "./key-bits.ts";
import { hashAt, type SparseHash } from "./node-hash.ts";
import type { SparseMerkleProof, SparseMerkleRangeProof } from "./sparse.ts";

/** A value hash and where its value was written. */
export interface StateLeaf {
  /** 32-byte value hash. */
  readonly valueHash: Uint8Array;
  /** Tree version that wrote it. */
  readonly version: bigint;
}

/**
 * Root hash (32 bytes) and number of keys of a tree version.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if no tree has such a version; `PRUNED`, `STORAGE_CORRUPT` as above.
 */
export async function stateRoot(
  tree: JellyfishTree,
  version: bigint,
): Promise<{ rootHash: Uint8Array; leafCount: bigint }> {
  const { slots, leaves, leafCounts } = await loadNodes(tree.reader, [rootReference(version)]);
  const selection = { slots, nodes: Uint32Array.of(0) };
  hashLeafSlots([selection], leaves, tree.hash);
  return { rootHash: hashNodes(selection, tree.hash.internal), leafCount: BigInt(leafCounts[0] ?? 0) };
}

/**
 * What a tree version has for a key, with the proof that it has or has it not.
 *
 * @param input.keyHash 32 bytes.
 * @returns The leaf, or none if the key is absent; and the proof of either.
 * @throws {SyncError} `INVALID_ARGUMENT` if `keyHash` has not 32 bytes or no tree has such a version; `PRUNED`,
 *   `STORAGE_CORRUPT` as above.
 */
export async function getWithProof(
  tree: JellyfishTree,
  input: { readonly version: bigint; readonly keyHash: Uint8Array },
): Promise<{ leaf?: StateLeaf; proof: SparseMerkleProof }> {
  const { keyHash } = input;
  assertKey(keyHash);
  const siblings: Uint8Array[] = [];
  let reference: NodeReference | undefined = rootReference(input.version);
  for (;;) {
    const loaded: LoadedNodes = await loadNodes(tree.reader, [{ ...reference, key: keyHash }]);
    const end = stepThrough(loaded, digitAt(keyHash, 0, reference.depth), { siblings, hash: tree.hash });
    if (end === CONTINUE) {
      reference = childReference(loaded, { key: keyHash, depth: reference.depth });
      continue;
    }
    const proof = { siblings: concatBytes(...siblings) };
    if (end === NOTHING) return { proof };
    const key = leafKey(loaded.leaves, end).slice();
    const valueHash = leafValue(loaded.leaves, end).slice();
    const leaf = { valueHash, version: BigInt(loaded.leaves.versions[end] as number) };
    return { ...(equalBytes(key, keyHash) ? { leaf } : {}), proof: { leaf: { key, valueHash }, ...proof } };
  }
}

/**
 * Proves that nothing is missing from the leftmost key of a tree version up to `keyHash`: for a chunk that ends there.
 *
 * @param input.keyHash 32 bytes; a key of that version.
 * @throws {SyncError} `INVALID_ARGUMENT` if the version has no such key; `PRUNED`, `STORAGE_CORRUPT` as above.
 */
export async function proveRangeUpTo(
  tree: JellyfishTree,
  input: { readonly version: bigint; readonly keyHash: Uint8Array },
): Promise<SparseMerkleRangeProof> {
  const { leaf, proof } = await getWithProof(tree, input);
  if (leaf === undefined) {
    throw new SyncError("INVALID_ARGUMENT", `Cannot prove state range: version ${input.version} has no such key`);
  }
  const right: Uint8Array[] = [];
  for (let depth = proof.siblings.length / HASH_BYTES - 1; depth >= 0; depth--) {
    if (keyBit(input.keyHash, 0, depth) === 0) right.push(hashAt(proof.siblings, depth));
  }
  return { rightSiblings: concatBytes(...right) };
}

/** Nothing is at the place of the key. */
const NOTHING = -1;
/** The node below has to be looked at. */
const CONTINUE = -2;

/**
 * Follows a digit through a loaded node and collects the siblings passed.
 *
 * @returns Index of the leaf where the way ends, {@link NOTHING} or {@link CONTINUE}.
 */
function stepThrough(
  loaded: LoadedNodes,
  digit: number,
  proof: { readonly siblings: Uint8Array[]; readonly hash: SparseHash },
): number {
  const { slots } = loaded;
  const half = digit >> 1;
  if (joinedKind(halfKind(slots, 0), halfKind(slots, 1)) !== INTERNAL) return loneLeaf(loaded, [0, 1]);
  proof.siblings.push(hashOfHalf(loaded, 1 - half, proof.hash));
  if (halfKind(slots, half) !== INTERNAL) return loneLeaf(loaded, [half]);
  proof.siblings.push(hashOfSlot(loaded, digit ^ 1, proof.hash));
  if (slots.kinds[digit] === INTERNAL) return CONTINUE;
  return slots.kinds[digit] === LEAF ? (slots.leaves[digit] as number) : NOTHING;
}

/** The only leaf in some halves of a node that have at most one. */
function loneLeaf({ slots }: LoadedNodes, halves: readonly number[]): number {
  for (const half of halves) {
    if (halfKind(slots, half) === LEAF) return slots.leaves[loneLeafSlot(slots, half)] as number;
  }
  return NOTHING;
}

function hashOfHalf(loaded: LoadedNodes, half: number, hash: SparseHash): Uint8Array {
  const { slots } = loaded;
  if (halfKind(slots, half) === INTERNAL) return hashIn(slots, halfHashOffset(half));
  return hashOfSlot(loaded, loneLeafSlot(slots, half), hash);
}

function hashOfSlot({ slots, leaves }: LoadedNodes, slot: number, hash: SparseHash): Uint8Array {
  const kind = slots.kinds[slot];
  if (kind === EMPTY) return SPARSE_MERKLE_PLACEHOLDER_HASH;
  if (kind === INTERNAL) return hashIn(slots, slotHashOffset(slot));
  const leaf = slots.leaves[slot] as number;
  return hash.leaf.pair(leafKey(leaves, leaf), leafValue(leaves, leaf));
}

function hashIn(slots: SlotTable, offset: number): Uint8Array {
  return slots.hashes.subarray(offset, offset + HASH_BYTES);
}

function childReference(
  { slots }: LoadedNodes,
  at: { readonly key: Uint8Array; readonly depth: number },
): NodeReference {
  const slot = digitAt(at.key, 0, at.depth);
  return {
    version: slots.versions[slot] as number,
    leafCount: slots.leafCounts[slot] as number,
    depth: at.depth + 1,
    key: at.key,
  };
}

function assertKey(keyHash: Uint8Array): void {
  if (keyHash.length === HASH_BYTES) return;
  throw new SyncError("INVALID_ARGUMENT", `Cannot read key: it has 32 bytes, current length is ${keyHash.length}`);
}
