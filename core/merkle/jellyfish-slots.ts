/**
 * Slots of many nodes of the versioned tree in flat arrays, and the leaves in them.
 *
 * Node n has slots 4n to 4n + 3 and halves 2n and 2n + 1; half h has slots 2h and 2h + 1. Versions and counts are numbers
 * here: exact up to 2⁵³ − 1.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";
import { HALVES, SLOTS } from "./jellyfish-path.ts";
import { PAIR_BYTES } from "./node-hash.ts";

/** Nothing below. */
export const EMPTY = 0;
/** One leaf below, kept in the slot. */
export const LEAF = 1;
/** Two leaves or more below: in a slot, a node of its own. */
export const INTERNAL = 2;

/** Bytes of all hashes of a node: its halves and its slots. */
export const NODE_HASH_BYTES: number = (HALVES + SLOTS) * HASH_BYTES;

/** The slots of `count` nodes. */
export interface SlotTable {
  /** Number of nodes. */
  readonly count: number;
  /** {@link EMPTY}, {@link LEAF} or {@link INTERNAL} for each slot. */
  readonly kinds: Uint8Array;
  /** Index in the leaf list, where the slot holds a leaf. */
  readonly leaves: Uint32Array;
  /** Tree version of the node below, where there is one. */
  readonly versions: Float64Array;
  /** Number of leaves below, where there is a node. */
  readonly leafCounts: Float64Array;
  /**
   * Six hashes a node: of each half that has two leaves or more, then of the node below each slot, where there is one
   * (of a leaf only while it is needed). See {@link halfHashOffset} and {@link slotHashOffset}.
   */
  readonly hashes: Uint8Array;
  /** 1 for each half whose hash has to be computed anew. */
  readonly dirtyHalves: Uint8Array;
}

/** A growing list of leaves. */
export interface LeafList {
  count: number;
  /** (key hash, value hash) of each, as leaves are hashed. */
  pairs: Uint8Array;
  /** Tree version that wrote each. */
  versions: Float64Array;
}

/** Empty slots for `count` nodes. */
export function createSlotTable(count: number): SlotTable {
  const slots = count * SLOTS;
  const halves = count * HALVES;
  return {
    count,
    kinds: new Uint8Array(slots),
    leaves: new Uint32Array(slots),
    versions: new Float64Array(slots),
    leafCounts: new Float64Array(slots),
    hashes: new Uint8Array(count * NODE_HASH_BYTES),
    dirtyHalves: new Uint8Array(halves),
  };
}

/** Offset in `SlotTable.hashes` of the hash of a half. */
export function halfHashOffset(half: number): number {
  return (half >> 1) * NODE_HASH_BYTES + (half & 1) * HASH_BYTES;
}

/** Offset in `SlotTable.hashes` of the hash of a slot. */
export function slotHashOffset(slot: number): number {
  return (slot >> 2) * NODE_HASH_BYTES + (HALVES + (slot & 3)) * HASH_BYTES;
}

/** What two neighbours make together: nothing and a leaf make that leaf, anything more is internal. */
export function joinedKind(left: number, right: number): number {
  return left + right > LEAF ? INTERNAL : left + right;
}

/** What lies below a half. */
export function halfKind(slots: SlotTable, half: number): number {
  return joinedKind(slots.kinds[2 * half] as number, slots.kinds[2 * half + 1] as number);
}

/** The slot of a half that holds the only leaf below it. */
export function loneLeafSlot(slots: SlotTable, half: number): number {
  return slots.kinds[2 * half] === LEAF ? 2 * half : 2 * half + 1;
}

/** An empty list with room for `capacity` leaves; it grows beyond that. */
export function createLeafList(capacity: number): LeafList {
  const room = Math.max(capacity, SLOTS);
  return { count: 0, pairs: new Uint8Array(room * PAIR_BYTES), versions: new Float64Array(room) };
}

/** Adds a leaf and returns its index. The caller fills in its pair. */
export function addLeaf(list: LeafList, version: number): number {
  if (list.count === list.versions.length) {
    const pairs = new Uint8Array(2 * list.pairs.length);
    pairs.set(list.pairs);
    const versions = new Float64Array(2 * list.versions.length);
    versions.set(list.versions);
    list.pairs = pairs;
    list.versions = versions;
  }
  list.versions[list.count] = version;
  return list.count++;
}

/** 32-byte key hash of a leaf, as a view. */
export function leafKey(list: LeafList, index: number): Uint8Array {
  return list.pairs.subarray(index * PAIR_BYTES, index * PAIR_BYTES + HASH_BYTES);
}

/** 32-byte value hash of a leaf, as a view. */
export function leafValue(list: LeafList, index: number): Uint8Array {
  return list.pairs.subarray(index * PAIR_BYTES + HASH_BYTES, (index + 1) * PAIR_BYTES);
}
