/**
 * Hashes inside the nodes of the versioned tree: from the slots up to the node, one call of the hasher per binary level
 * for all nodes together.
 *
 * Source: formats §5.1 and §5.2: a lone leaf stands for everything above it, a lone internal node gets an empty sibling.
 *
 * @module
 */
import { HASH_BYTES, SPARSE_MERKLE_PLACEHOLDER_HASH } from "../chain/hash.ts";
import { DIGIT_BITS, SLOTS } from "./jellyfish-path.ts";
import { EMPTY, INTERNAL, LEAF, type LeafList, type SlotTable } from "./jellyfish-slots.ts";
import { type NodeHash, PAIR_BYTES, type SparseHash } from "./node-hash.ts";

/** One binary level inside some nodes. Position p of the i-th node is at index `i · width + p`. */
export interface FoldRow {
  /** Positions of each node: SLOTS at the slots, 1 at the top. */
  readonly width: number;
  /** What lies below each position, as a `SlotKind`. */
  readonly kinds: Uint8Array;
  /** Hash of each position, flat; the placeholder where it is empty. */
  readonly hashes: Uint8Array;
}

/**
 * Sets the hashes of all leaf slots of some nodes, with one call of the hasher for all tables.
 *
 * @param tables Tables, and which of their nodes.
 */
export function hashLeafSlots(
  tables: readonly { readonly slots: SlotTable; readonly nodes: Uint32Array }[],
  leaves: LeafList,
  hash: SparseHash,
): void {
  const pairs = new Uint8Array(leaves.count * PAIR_BYTES);
  let count = 0;
  eachLeafSlot(tables, (slots, index) => {
    const from = (slots.leaves[index] as number) * PAIR_BYTES;
    pairs.set(leaves.pairs.subarray(from, from + PAIR_BYTES), count++ * PAIR_BYTES);
  });
  if (count === 0) return;
  const hashes = hash.leaf.pairs(pairs.subarray(0, count * PAIR_BYTES));
  let next = 0;
  eachLeafSlot(tables, (slots, index) => {
    slots.hashes.set(hashes.subarray(next * HASH_BYTES, (next + 1) * HASH_BYTES), index * HASH_BYTES);
    next++;
  });
}

/**
 * Folds some nodes of a table, whose slots have their hashes.
 *
 * @returns All rows from the slots (first) to the nodes themselves (last).
 */
export function foldRows(slots: SlotTable, nodes: Uint32Array, nodeHash: NodeHash): FoldRow[] {
  const rows = [slotRow(slots, nodes)];
  for (let bit = 0; bit < DIGIT_BITS; bit++) rows.push(foldRow(rows[bit] as FoldRow, nodeHash));
  return rows;
}

/** Hashes of some nodes of a table, whose slots have theirs; flat, fresh. */
export function hashNodes(slots: SlotTable, nodes: Uint32Array, nodeHash: NodeHash): Uint8Array {
  let row = slotRow(slots, nodes);
  for (let bit = 0; bit < DIGIT_BITS; bit++) row = foldRow(row, nodeHash);
  return row.hashes;
}

function slotRow(slots: SlotTable, nodes: Uint32Array): FoldRow {
  const kinds = new Uint8Array(nodes.length * SLOTS);
  const hashes = new Uint8Array(nodes.length * SLOTS * HASH_BYTES);
  for (let i = 0; i < nodes.length; i++) {
    const from = (nodes[i] as number) * SLOTS;
    kinds.set(slots.kinds.subarray(from, from + SLOTS), i * SLOTS);
    hashes.set(slots.hashes.subarray(from * HASH_BYTES, (from + SLOTS) * HASH_BYTES), i * SLOTS * HASH_BYTES);
  }
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] === EMPTY) hashes.set(SPARSE_MERKLE_PLACEHOLDER_HASH, i * HASH_BYTES);
  }
  return { width: SLOTS, kinds, hashes };
}

function foldRow(row: FoldRow, nodeHash: NodeHash): FoldRow {
  const count = row.kinds.length / 2;
  const kinds = new Uint8Array(count);
  const pairs = new Uint8Array(count * PAIR_BYTES);
  let made = 0;
  for (let i = 0; i < count; i++) {
    kinds[i] = joinedKind(row.kinds[2 * i] as number, row.kinds[2 * i + 1] as number);
    if (kinds[i] !== INTERNAL) continue;
    pairs.set(row.hashes.subarray(i * PAIR_BYTES, (i + 1) * PAIR_BYTES), made++ * PAIR_BYTES);
  }
  const results = made === 0 ? new Uint8Array(0) : nodeHash.pairs(pairs.subarray(0, made * PAIR_BYTES));
  if (made === count) return { width: row.width / 2, kinds, hashes: results };
  return { width: row.width / 2, kinds, hashes: spreadResults(row, kinds, results) };
}

/** Hashes of a row where some positions are empty or hold a lone leaf. */
function spreadResults(below: FoldRow, kinds: Uint8Array, results: Uint8Array): Uint8Array {
  const hashes = new Uint8Array(kinds.length * HASH_BYTES);
  let next = 0;
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] === INTERNAL) {
      hashes.set(results.subarray(next, next + HASH_BYTES), i * HASH_BYTES);
      next += HASH_BYTES;
    } else {
      const from = (below.kinds[2 * i] === LEAF ? 2 * i : 2 * i + 1) * HASH_BYTES;
      hashes.set(below.hashes.subarray(from, from + HASH_BYTES), i * HASH_BYTES);
    }
  }
  return hashes;
}

/** What two halves make: nothing and a leaf make that leaf; anything more is an internal node. */
function joinedKind(left: number, right: number): number {
  return left + right > LEAF ? INTERNAL : left + right;
}

function eachLeafSlot(
  tables: readonly { readonly slots: SlotTable; readonly nodes: Uint32Array }[],
  visit: (slots: SlotTable, index: number) => void,
): void {
  for (const { slots, nodes } of tables) {
    for (const node of nodes) {
      for (let index = node * SLOTS; index < (node + 1) * SLOTS; index++) {
        if (slots.kinds[index] === LEAF) visit(slots, index);
      }
    }
  }
}
