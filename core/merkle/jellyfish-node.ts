/**
 * Bytes of a stored node of the versioned tree.
 *
 * Layout: one byte with two bits a slot, the first slot lowest (0 empty, 1 leaf, 2 internal); for each half with two
 * leaves or more its hash (32); then for each slot in order, a leaf: key hash (32) ‖ value hash (32) ‖ age; an internal
 * node: hash (32) ‖ age ‖ number of leaves below. An age is the version of this node minus that of the child or leaf;
 * ages and numbers are minimal LEB128. Leaves have no nodes of their own, and their hashes are not stored. The root
 * alone may hold fewer than two leaves.
 *
 * What is read was written by us, so anything else is `STORAGE_CORRUPT`.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { type ByteCursor, MAX_NUMBER_BYTES, readNumber, writeNumber } from "./jellyfish-number.ts";
import { digitAt, HALVES, SLOTS } from "./jellyfish-path.ts";
import { addLeaf, halfKind, INTERNAL, LEAF, type LeafList, type SlotTable } from "./jellyfish-slots.ts";
import { copyBytes, PAIR_BYTES } from "./node-hash.ts";

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
  const { slots, node } = place;
  const cursor = { bytes: stored.bytes, offset: 1 };
  readKinds(stored, place);
  for (let half = node * HALVES; half < (node + 1) * HALVES; half++) {
    if (halfKind(slots, half) !== INTERNAL) continue;
    copyBytes(stored.bytes, take(stored, cursor, HASH_BYTES), slots.halfHashes, half * HASH_BYTES, HASH_BYTES);
  }
  let leafCount = 0;
  for (let slot = node * SLOTS; slot < (node + 1) * SLOTS; slot++) {
    const kind = slots.kinds[slot];
    if (kind === LEAF) {
      slots.leaves[slot] = readLeaf(stored, cursor, place.leaves, slot % SLOTS);
      leafCount++;
    } else if (kind === INTERNAL) {
      readChild(stored, cursor, slots, slot);
      leafCount += slots.leafCounts[slot] as number;
    }
  }
  if (cursor.offset !== stored.bytes.length) throw corrupt(stored, "bytes are left over");
  if (leafCount < 2 && stored.depth > 0) throw corrupt(stored, "only the root has fewer than two leaves");
  if (leafCount > Number.MAX_SAFE_INTEGER) throw corrupt(stored, "there are more leaves than numbers");
  return leafCount;
}

/**
 * Writes a node whose half hashes are there.
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
  let kinds = 0;
  for (let slot = 0; slot < SLOTS; slot++) kinds |= (slots.kinds[node * SLOTS + slot] as number) << (2 * slot);
  out[at.offset] = kinds;
  let offset = at.offset + 1;
  for (let half = node * HALVES; half < (node + 1) * HALVES; half++) {
    if (halfKind(slots, half) !== INTERNAL) continue;
    copyBytes(slots.halfHashes, half * HASH_BYTES, out, offset, HASH_BYTES);
    offset += HASH_BYTES;
  }
  for (let slot = node * SLOTS; slot < (node + 1) * SLOTS; slot++) {
    const kind = slots.kinds[slot];
    if (kind === LEAF) {
      const leaf = slots.leaves[slot] as number;
      copyBytes(leaves.pairs, leaf * PAIR_BYTES, out, offset, PAIR_BYTES);
      offset = writeNumber(out, offset + PAIR_BYTES, at.version - (leaves.versions[leaf] as number));
    } else if (kind === INTERNAL) {
      copyBytes(slots.hashes, slot * HASH_BYTES, out, offset, HASH_BYTES);
      offset = writeNumber(out, offset + HASH_BYTES, at.version - (slots.versions[slot] as number));
      offset = writeNumber(out, offset, slots.leafCounts[slot] as number);
    }
  }
  return offset;
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

function readLeaf(stored: StoredNode, cursor: ByteCursor, leaves: LeafList, digit: number): number {
  const offset = take(stored, cursor, PAIR_BYTES);
  assertBelow(stored, offset, digit);
  const leaf = addLeaf(leaves, versionBefore(stored, cursor));
  copyBytes(stored.bytes, offset, leaves.pairs, leaf * PAIR_BYTES, PAIR_BYTES);
  return leaf;
}

function readChild(stored: StoredNode, cursor: ByteCursor, slots: SlotTable, slot: number): void {
  copyBytes(stored.bytes, take(stored, cursor, HASH_BYTES), slots.hashes, slot * HASH_BYTES, HASH_BYTES);
  slots.versions[slot] = versionBefore(stored, cursor);
  const leafCount = readNumber(cursor);
  if (leafCount === undefined || leafCount < 2) throw corrupt(stored, "a child has two leaves or more");
  slots.leafCounts[slot] = leafCount;
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
