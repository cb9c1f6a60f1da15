/**
 * Hashes of nodes of the versioned tree: from the slots to the halves to the nodes, each for all nodes together.
 *
 * Source: formats §5.1 and §5.2: a lone leaf stands for everything above it, a lone internal node gets an empty sibling.
 *
 * @module
 */
import { HASH_BYTES, SPARSE_MERKLE_PLACEHOLDER_HASH } from "../chain/hash.ts";
import { HALVES } from "./jellyfish-path.ts";
import {
  EMPTY,
  halfHashOffset,
  halfKind,
  INTERNAL,
  joinedKind,
  LEAF,
  type LeafList,
  loneLeafSlot,
  slotHashOffset,
  type SlotTable,
} from "./jellyfish-slots.ts";
import { copyBytes } from "../bytes/copy-range.ts";
import { type NodeHash, PAIR_BYTES, type SparseHash } from "./node-hash.ts";

/** Some nodes of a table, by index. */
export interface NodeSelection {
  readonly slots: SlotTable;
  readonly nodes: Uint32Array;
}

/** Sets the hashes of all leaf slots that hashing the selected nodes needs, with one call of the hasher. */
export function hashLeafSlots(selections: readonly NodeSelection[], leaves: LeafList, hash: SparseHash): void {
  const needed = selections.map(neededLeafSlots);
  const count = needed.reduce((sum, slots) => sum + slots.length, 0);
  if (count === 0) return;
  const pairs = new Uint8Array(count * PAIR_BYTES);
  let done = 0;
  for (const [i, { slots }] of selections.entries()) {
    done = takePairs(slots, needed[i] as number[], leaves, pairs, done);
  }
  const hashes = hash.leaf.pairs(pairs);
  done = 0;
  for (const [i, { slots }] of selections.entries()) done = putLeafHashes(slots, needed[i] as number[], hashes, done);
}

/** Copies what the leaves in some slots hash to pair `first` and on; returns the number behind the last. */
function takePairs(
  slots: SlotTable,
  needed: readonly number[],
  leaves: LeafList,
  pairs: Uint8Array,
  first: number,
): number {
  for (let i = 0; i < needed.length; i++) {
    const leaf = slots.leaves[needed[i] as number] as number;
    copyBytes(leaves.pairs, leaf * PAIR_BYTES, pairs, (first + i) * PAIR_BYTES, PAIR_BYTES);
  }
  return first + needed.length;
}

/** Puts the hashes from number `first` on into some slots; returns the number behind the last. */
function putLeafHashes(slots: SlotTable, needed: readonly number[], hashes: Uint8Array, first: number): number {
  for (let i = 0; i < needed.length; i++) {
    copyBytes(hashes, (first + i) * HASH_BYTES, slots.hashes, slotHashOffset(needed[i] as number), HASH_BYTES);
  }
  return first + needed.length;
}

/**
 * Hashes the selected nodes, whose slots have their hashes; the dirty halves on the way.
 *
 * @returns One hash for each, flat: of a node without leaves the placeholder, of one with a single leaf that leaf's.
 */
export function hashNodes(selection: NodeSelection, nodeHash: NodeHash): Uint8Array {
  hashDirtyHalves(selection, nodeHash);
  const { slots, nodes } = selection;
  const pairs = new Uint8Array(nodes.length * PAIR_BYTES);
  const lone: number[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const half = (nodes[i] as number) * HALVES;
    copyHalf(slots, half, pairs, i * PAIR_BYTES);
    copyHalf(slots, half + 1, pairs, i * PAIR_BYTES + HASH_BYTES);
    if (joinedKind(halfKind(slots, half), halfKind(slots, half + 1)) !== INTERNAL) lone.push(i);
  }
  if (nodes.length === lone.length) return loneHashes(selection, pairs);
  const hashes = nodeHash.pairs(pairs);
  for (const i of lone) hashes.set(loneHash(selection, pairs, i), i * HASH_BYTES);
  return hashes;
}

function neededLeafSlots(selection: NodeSelection): number[] {
  const { slots, nodes } = selection;
  const needed: number[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const first = (nodes[i] as number) * HALVES;
    for (let half = first; half < first + HALVES; half++) {
      if (halfKind(slots, half) === INTERNAL && slots.dirtyHalves[half] === 0) continue;
      if (slots.kinds[2 * half] === LEAF) needed.push(2 * half);
      if (slots.kinds[2 * half + 1] === LEAF) needed.push(2 * half + 1);
    }
  }
  return needed;
}

function hashDirtyHalves(selection: NodeSelection, nodeHash: NodeHash): void {
  const { slots, nodes } = selection;
  const halves: number[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const first = (nodes[i] as number) * HALVES;
    for (let half = first; half < first + HALVES; half++) {
      if (slots.dirtyHalves[half] === 1 && halfKind(slots, half) === INTERNAL) halves.push(half);
    }
  }
  if (halves.length === 0) return;
  const pairs = new Uint8Array(halves.length * PAIR_BYTES);
  for (let i = 0; i < halves.length; i++) {
    const slot = 2 * (halves[i] as number);
    copySlot(slots, slot, pairs, i * PAIR_BYTES);
    copySlot(slots, slot + 1, pairs, i * PAIR_BYTES + HASH_BYTES);
  }
  const hashes = nodeHash.pairs(pairs);
  for (let i = 0; i < halves.length; i++) {
    copyBytes(hashes, i * HASH_BYTES, slots.hashes, halfHashOffset(halves[i] as number), HASH_BYTES);
  }
}

function copyHalf(slots: SlotTable, half: number, to: Uint8Array, offset: number): void {
  const kind = halfKind(slots, half);
  if (kind === INTERNAL) copyBytes(slots.hashes, halfHashOffset(half), to, offset, HASH_BYTES);
  else if (kind === LEAF) copySlot(slots, loneLeafSlot(slots, half), to, offset);
  else copyBytes(SPARSE_MERKLE_PLACEHOLDER_HASH, 0, to, offset, HASH_BYTES);
}

function copySlot(slots: SlotTable, slot: number, to: Uint8Array, offset: number): void {
  if (slots.kinds[slot] === EMPTY) copyBytes(SPARSE_MERKLE_PLACEHOLDER_HASH, 0, to, offset, HASH_BYTES);
  else copyBytes(slots.hashes, slotHashOffset(slot), to, offset, HASH_BYTES);
}

function loneHashes(selection: NodeSelection, pairs: Uint8Array): Uint8Array {
  const hashes = new Uint8Array(selection.nodes.length * HASH_BYTES);
  for (let i = 0; i < selection.nodes.length; i++) hashes.set(loneHash(selection, pairs, i), i * HASH_BYTES);
  return hashes;
}

/** Hash of a root with one leaf or none: that of the half where the leaf is. */
function loneHash(selection: NodeSelection, pairs: Uint8Array, index: number): Uint8Array {
  const isLeft = halfKind(selection.slots, (selection.nodes[index] as number) * HALVES) === LEAF;
  const from = index * PAIR_BYTES + (isLeft ? 0 : HASH_BYTES);
  return pairs.subarray(from, from + HASH_BYTES);
}
