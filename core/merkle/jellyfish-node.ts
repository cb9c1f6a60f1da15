/**
 * Bytes of a stored node of the versioned tree.
 *
 * Layout: one byte with two bits a slot, the first slot lowest (0 empty, 1 leaf, 2 internal); the hash (32) of each half
 * with two leaves or more; the hash (32) of each internal slot; key hash (32) ‖ value hash (32) of each leaf; then for
 * each slot that is not empty its age, and if it is internal the number of leaves below. An age is the version of this
 * node minus that of the child or leaf; ages and numbers are minimal LEB128. Leaves have no nodes of their own, and
 * their hashes are not stored. The root alone may hold fewer than two leaves.
 *
 * Why four slots, and why the hashes of halves are stored: measured at 1,000,000 keys, batches of 4,000, per key:
 *
 * | slots | inner hashes | hashes | nodes read and written | bytes written |
 * | --- | --- | --- | --- | --- |
 * | 2 | there are none | 11.8 | 9.4 | 910 |
 * | 4 | computed again | 15.5 | 4.7 | 715 |
 * | 4 | stored | 11.8 | 4.7 | 940 |
 * | 16 | computed again | 30.6 | 2.4 | 1,040 |
 *
 * With halves stored a proof needs no hashing but of leaves next to the path.
 *
 * What is read was written by us, so anything else is `STORAGE_CORRUPT`.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { type ByteCursor, MAX_NUMBER_BYTES, readNumber, writeNumber } from "./jellyfish-number.ts";
import { digitAt, HALVES, SLOTS } from "./jellyfish-path.ts";
import {
  addLeaf,
  halfKind,
  INTERNAL,
  LEAF,
  type LeafList,
  NODE_HASH_BYTES,
  type SlotTable,
} from "./jellyfish-slots.ts";
import { copyBytes } from "../bytes/copy-range.ts";
import { PAIR_BYTES } from "./node-hash.ts";

/** Most bytes of a node: both halves, every slot a leaf with the longest age. */
export const MAX_NODE_BYTES: number = 1 + HALVES * HASH_BYTES + SLOTS * (PAIR_BYTES + MAX_NUMBER_BYTES);

/** A node as it came from the store. */
export interface StoredNode {
  readonly bytes: Uint8Array;
  /** Tree version it was read from. */
  readonly version: number;
  readonly depth: number;
  /** A key below the node, at `keyOffset` of `keys`: it says where the node is. */
  readonly keys: Uint8Array;
  readonly keyOffset: number;
}

/** Where a node goes when it is read, or comes from when it is written. */
export interface NodePlace {
  readonly slots: SlotTable;
  /** Index of the node in `slots`. */
  readonly node: number;
  readonly leaves: LeafList;
}

/**
 * Reads a node into empty slots, its leaves into the leaf list.
 *
 * @returns Number of leaves below the node.
 * @throws {SyncError} `STORAGE_CORRUPT` if the bytes are not a node of that version and place.
 */
export function readNode(stored: StoredNode, place: NodePlace): number {
  const cursor = { bytes: stored.bytes, offset: 1 };
  readKinds(stored, place);
  readHashes(stored, cursor, place);
  readLeaves(stored, cursor, place);
  const leafCount = readNumbers(stored, cursor, place);
  if (cursor.offset !== stored.bytes.length) throw corrupt(stored, "bytes are left over");
  if (leafCount < 2 && stored.depth > 0) throw corrupt(stored, "only the root has fewer than two leaves");
  if (leafCount > Number.MAX_SAFE_INTEGER) throw corrupt(stored, "there are more leaves than numbers");
  return leafCount;
}

/**
 * Writes a node whose hashes are there.
 *
 * @param out Where to; {@link MAX_NODE_BYTES} must fit from `offset` on.
 * @param at.version Tree version of the node.
 * @returns The offset behind the node.
 */
export function writeNode(
  place: NodePlace,
  out: Uint8Array,
  at: { readonly offset: number; readonly version: number },
): number {
  const { slots, node, leaves } = place;
  const first = node * SLOTS;
  let kinds = 0;
  for (let i = 0; i < SLOTS; i++) kinds |= (slots.kinds[first + i] as number) << (2 * i);
  out[at.offset] = kinds;
  let offset = writeHashes(place, out, at.offset + 1);
  for (let slot = first; slot < first + SLOTS; slot++) {
    if (slots.kinds[slot] !== LEAF) continue;
    copyBytes(leaves.pairs, (slots.leaves[slot] as number) * PAIR_BYTES, out, offset, PAIR_BYTES);
    offset += PAIR_BYTES;
  }
  for (let slot = first; slot < first + SLOTS; slot++) {
    const kind = slots.kinds[slot];
    if (kind === LEAF) {
      offset = writeNumber(out, offset, at.version - (leaves.versions[slots.leaves[slot] as number] as number));
    } else if (kind === INTERNAL) {
      offset = writeNumber(out, offset, at.version - (slots.versions[slot] as number));
      offset = writeNumber(out, offset, slots.leafCounts[slot] as number);
    }
  }
  return offset;
}

function writeHashes(place: NodePlace, out: Uint8Array, start: number): number {
  const { slots, node } = place;
  const from = node * NODE_HASH_BYTES;
  if (isFull(slots, node)) {
    out.set(slots.hashes.subarray(from, from + NODE_HASH_BYTES), start);
    return start + NODE_HASH_BYTES;
  }
  let offset = start;
  for (let i = 0; i < HALVES + SLOTS; i++) {
    if (!hasHash(slots, node, i)) continue;
    copyBytes(slots.hashes, from + i * HASH_BYTES, out, offset, HASH_BYTES);
    offset += HASH_BYTES;
  }
  return offset;
}

function readHashes(stored: StoredNode, cursor: ByteCursor, place: NodePlace): void {
  const { slots, node } = place;
  const to = node * NODE_HASH_BYTES;
  if (isFull(slots, node)) {
    const from = take(stored, cursor, NODE_HASH_BYTES);
    slots.hashes.set(stored.bytes.subarray(from, from + NODE_HASH_BYTES), to);
    return;
  }
  for (let i = 0; i < HALVES + SLOTS; i++) {
    if (!hasHash(slots, node, i)) continue;
    copyBytes(stored.bytes, take(stored, cursor, HASH_BYTES), slots.hashes, to + i * HASH_BYTES, HASH_BYTES);
  }
}

function readLeaves(stored: StoredNode, cursor: ByteCursor, place: NodePlace): void {
  const { slots, node, leaves } = place;
  for (let digit = 0; digit < SLOTS; digit++) {
    const slot = node * SLOTS + digit;
    if (slots.kinds[slot] !== LEAF) continue;
    const offset = take(stored, cursor, PAIR_BYTES);
    assertBelow(stored, offset, digit);
    const leaf = addLeaf(leaves, stored.version);
    copyBytes(stored.bytes, offset, leaves.pairs, leaf * PAIR_BYTES, PAIR_BYTES);
    slots.leaves[slot] = leaf;
  }
}

/** Reads ages and numbers of leaves; returns how many leaves there are in all. */
function readNumbers(stored: StoredNode, cursor: ByteCursor, place: NodePlace): number {
  const { slots, node, leaves } = place;
  let total = 0;
  for (let slot = node * SLOTS; slot < (node + 1) * SLOTS; slot++) {
    const kind = slots.kinds[slot];
    if (kind === LEAF) {
      leaves.versions[slots.leaves[slot] as number] = versionBefore(stored, cursor);
      total++;
    } else if (kind === INTERNAL) {
      slots.versions[slot] = versionBefore(stored, cursor);
      const leafCount = readNumber(cursor);
      if (leafCount === undefined || leafCount < 2) throw corrupt(stored, "a child has two leaves or more");
      slots.leafCounts[slot] = leafCount;
      total += leafCount;
    }
  }
  return total;
}

/** Tells whether all slots are internal: then all hashes are there, and lie as they are stored. */
function isFull(slots: SlotTable, node: number): boolean {
  const first = node * SLOTS;
  for (let slot = first; slot < first + SLOTS; slot++) if (slots.kinds[slot] !== INTERNAL) return false;
  return true;
}

/** Tells whether the node has its i-th hash: of a half or a slot with two leaves or more. */
function hasHash(slots: SlotTable, node: number, index: number): boolean {
  if (index < HALVES) return halfKind(slots, node * HALVES + index) === INTERNAL;
  return slots.kinds[node * SLOTS + index - HALVES] === INTERNAL;
}

function readKinds(stored: StoredNode, place: NodePlace): void {
  const kinds = stored.bytes[0];
  if (kinds === undefined) throw corrupt(stored, "there are no bytes");
  for (let slot = 0; slot < SLOTS; slot++) {
    const kind = (kinds >> (2 * slot)) & 3;
    if (kind > INTERNAL) throw corrupt(stored, `slot ${slot} has an unknown kind`);
    place.slots.kinds[place.node * SLOTS + slot] = kind;
  }
}

/** Demands that a leaf's key begins like the place of the node, and continues with the digit of its slot. */
function assertBelow(stored: StoredNode, offset: number, digit: number): void {
  const { bytes, keys, keyOffset, depth } = stored;
  let fits = digitAt(bytes, offset, depth) === digit;
  for (let i = 0; i < depth && fits; i++) fits = digitAt(bytes, offset, i) === digitAt(keys, keyOffset, i);
  if (!fits) throw corrupt(stored, `the leaf in slot ${digit} belongs elsewhere`);
}

/** Moves over `length` bytes and returns where they begin. */
function take(stored: StoredNode, cursor: ByteCursor, length: number): number {
  const { offset } = cursor;
  if (length > stored.bytes.length - offset) throw corrupt(stored, "the bytes end early");
  cursor.offset += length;
  return offset;
}

function versionBefore(stored: StoredNode, cursor: ByteCursor): number {
  const age = readNumber(cursor);
  if (age === undefined || age > stored.version) throw corrupt(stored, "something below has no version");
  return stored.version - age;
}

function corrupt(stored: StoredNode, reason: string): SyncError {
  const { version, depth } = stored;
  return new SyncError("STORAGE_CORRUPT", `Cannot read node of version ${version} at depth ${depth}: ${reason}`, {
    detail: { version: BigInt(version), depth },
  });
}
