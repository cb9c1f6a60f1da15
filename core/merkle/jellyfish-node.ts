/**
 * Bytes of a stored node of the versioned tree.
 *
 * Layout: one byte with two bits a slot, the first slot lowest (0 empty, 1 leaf, 2 internal); then for each slot in
 * order, a leaf: key hash (32) ‖ value hash (32) ‖ age; an internal node: hash (32) ‖ age ‖ number of leaves below.
 * An age is the version of this node minus that of the child or leaf; ages and numbers are minimal LEB128.
 * Leaves have no nodes of their own, and their hashes are not stored. The root alone may hold fewer than two leaves.
 *
 * What is read was written by us, so anything else is `STORAGE_CORRUPT`.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { liesInSlot, SLOTS } from "./jellyfish-path.ts";
import { addLeaf, EMPTY, INTERNAL, LEAF, type LeafList, type SlotTable } from "./jellyfish-slots.ts";
import { PAIR_BYTES } from "./node-hash.ts";

/** Bytes of the two bits a slot. */
export const KIND_BYTES: number = Math.ceil((2 * SLOTS) / 8);

/** Most bytes of a node: every slot a leaf with the longest age. */
export const MAX_NODE_BYTES: number = KIND_BYTES + SLOTS * (PAIR_BYTES + 8);

/** A node as it came from the store. */
export interface StoredNode {
  readonly bytes: Uint8Array;
  /** Tree version it was read from. */
  readonly version: number;
  readonly path: Uint8Array;
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
 * @throws {SyncError} `STORAGE_CORRUPT` if the bytes are not a node of that version and path.
 */
export function readNode(stored: StoredNode, place: NodePlace): number {
  const { bytes } = stored;
  const { slots, node } = place;
  let offset = KIND_BYTES;
  let leafCount = 0;
  for (let slot = 0; slot < SLOTS; slot++) {
    const kind = kindAt(bytes, slot);
    slots.kinds[node * SLOTS + slot] = kind;
    if (kind === EMPTY) continue;
    if (kind === LEAF) {
      offset = readLeaf(stored, { ...place, slot, offset });
      leafCount++;
    } else if (kind === INTERNAL) {
      offset = readChild(stored, { ...place, slot, offset });
      leafCount += slots.leafCounts[node * SLOTS + slot] as number;
    } else {
      throw corrupt(stored, `slot ${slot} has an unknown kind`);
    }
  }
  if (offset !== bytes.length) throw corrupt(stored, `${offset} bytes are needed, there are ${bytes.length}`);
  if (leafCount < 2 && stored.path.length > 0) throw corrupt(stored, "only the root has fewer than two leaves");
  if (leafCount > Number.MAX_SAFE_INTEGER) throw corrupt(stored, "there are more leaves than numbers");
  return leafCount;
}

/**
 * Writes a node.
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
  let offset = at.offset + KIND_BYTES;
  out.fill(0, at.offset, offset);
  for (let slot = 0; slot < SLOTS; slot++) {
    const index = node * SLOTS + slot;
    const kind = slots.kinds[index] as number;
    const kindByte = at.offset + (slot >> 2);
    out[kindByte] = (out[kindByte] as number) | (kind << (2 * (slot & 3)));
    if (kind === LEAF) {
      const leaf = slots.leaves[index] as number;
      copyBytes(leaves.pairs, leaf * PAIR_BYTES, out, offset, PAIR_BYTES);
      offset = writeNumber(out, offset + PAIR_BYTES, at.version - (leaves.versions[leaf] as number));
    } else if (kind === INTERNAL) {
      copyBytes(slots.hashes, index * HASH_BYTES, out, offset, HASH_BYTES);
      offset = writeNumber(out, offset + HASH_BYTES, at.version - (slots.versions[index] as number));
      offset = writeNumber(out, offset, slots.leafCounts[index] as number);
    }
  }
  return offset;
}

interface SlotPlace extends NodePlace {
  readonly slot: number;
  readonly offset: number;
}

function readLeaf(stored: StoredNode, place: SlotPlace): number {
  const { bytes, path } = stored;
  const { slots, node, leaves, slot, offset } = place;
  const end = offset + PAIR_BYTES;
  if (end > bytes.length) throw corrupt(stored, `a leaf ends at ${end}, the bytes at ${bytes.length}`);
  if (!liesInSlot(bytes, offset, { path, slot })) throw corrupt(stored, `the leaf of slot ${slot} belongs elsewhere`);
  const age = readNumber(stored, end);
  const leaf = addLeaf(leaves, versionBefore(stored, age.value));
  copyBytes(bytes, offset, leaves.pairs, leaf * PAIR_BYTES, PAIR_BYTES);
  slots.leaves[node * SLOTS + slot] = leaf;
  return age.next;
}

function readChild(stored: StoredNode, place: SlotPlace): number {
  const { bytes } = stored;
  const { slots, node, slot, offset } = place;
  const index = node * SLOTS + slot;
  const end = offset + HASH_BYTES;
  if (end > bytes.length) throw corrupt(stored, `a child ends at ${end}, the bytes at ${bytes.length}`);
  copyBytes(bytes, offset, slots.hashes, index * HASH_BYTES, HASH_BYTES);
  const age = readNumber(stored, end);
  const leafCount = readNumber(stored, age.next);
  if (leafCount.value < 2) throw corrupt(stored, "a child has two leaves or more");
  slots.versions[index] = versionBefore(stored, age.value);
  slots.leafCounts[index] = leafCount.value;
  return leafCount.next;
}

function kindAt(bytes: Uint8Array, slot: number): number {
  return ((bytes[slot >> 2] ?? 3) >> (2 * (slot & 3))) & 3;
}

function versionBefore(stored: StoredNode, age: number): number {
  if (age > stored.version) throw corrupt(stored, "something below is older than version 0");
  return stored.version - age;
}

/** Minimal LEB128 of a number below 2⁵³. */
function readNumber(stored: StoredNode, offset: number): { value: number; next: number } {
  let value = 0;
  let scale = 1;
  for (let next = offset; next < stored.bytes.length; scale *= 128) {
    const byte = stored.bytes[next++] as number;
    value += (byte & 127) * scale;
    if (value > Number.MAX_SAFE_INTEGER) break;
    if (byte > 127) continue;
    if (byte === 0 && scale > 1) break;
    return { value, next };
  }
  throw corrupt(stored, `no number stands at byte ${offset}`);
}

function writeNumber(out: Uint8Array, offset: number, value: number): number {
  let rest = value;
  let next = offset;
  for (; rest > 127; rest = Math.floor(rest / 128)) out[next++] = (rest % 128) | 128;
  out[next++] = rest;
  return next;
}

/** Copies byte by byte: for 32 and 64 bytes faster than making a view to copy from. */
function copyBytes(from: Uint8Array, fromOffset: number, to: Uint8Array, toOffset: number, length: number): void {
  for (let i = 0; i < length; i++) to[toOffset + i] = from[fromOffset + i] as number;
}

function corrupt(stored: StoredNode, reason: string): SyncError {
  return new SyncError("STORAGE_CORRUPT", `Cannot read node of version ${stored.version}: ${reason}`, {
    detail: { version: BigInt(stored.version), depth: stored.path.length },
  });
}
