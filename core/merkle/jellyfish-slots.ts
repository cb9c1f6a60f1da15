/**
 * Slots of many nodes of the versioned tree in flat arrays, and the leaves in them.
 *
 * Slot s of node n is at index `n · SLOTS + s`. Versions and counts are numbers here: exact up to 2⁵³ − 1.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";
import { SLOTS } from "./jellyfish-path.ts";
import { PAIR_BYTES } from "./node-hash.ts";

/** Nothing below. */
export const EMPTY = 0;
/** One leaf below, kept in the slot. */
export const LEAF = 1;
/** Two leaves or more below: a node of its own. */
export const INTERNAL = 2;

/** What a slot holds: {@link EMPTY}, {@link LEAF} or {@link INTERNAL}. */
export type SlotKind = typeof EMPTY | typeof LEAF | typeof INTERNAL;

/** The slots of `count` nodes. */
export interface SlotTable {
  /** Number of nodes. */
  readonly count: number;
  /** A {@link SlotKind} for each slot. */
  readonly kinds: Uint8Array;
  /** Index in the leaf list, where the slot holds a leaf. */
  readonly leaves: Uint32Array;
  /** Tree version of the node below, where there is one. */
  readonly versions: Float64Array;
  /** Number of leaves below, where there is a node. */
  readonly leafCounts: Float64Array;
  /** Hash of what is below, flat. Not set for empty slots, and for leaves only by hashing them. */
  readonly hashes: Uint8Array;
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
  return {
    count,
    kinds: new Uint8Array(slots),
    leaves: new Uint32Array(slots),
    versions: new Float64Array(slots),
    leafCounts: new Float64Array(slots),
    hashes: new Uint8Array(slots * HASH_BYTES),
  };
}

/** An empty list with room for `capacity` leaves; it grows beyond that. */
export function createLeafList(capacity: number): LeafList {
  const room = Math.max(capacity, SLOTS);
  return { count: 0, pairs: new Uint8Array(room * PAIR_BYTES), versions: new Float64Array(room) };
}

/** Adds a leaf that nothing is known of yet, and returns its index. The caller fills in the pair. */
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
