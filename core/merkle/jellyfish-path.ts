/**
 * Places in the versioned tree: a node at depth d stands for the first d digits of the keys below it.
 *
 * A digit has {@link DIGIT_BITS} bits, so a node has {@link SLOTS} slots. Hashes do not depend on that (formats §5.2):
 * it only decides what is stored together. Why four slots: see `core/merkle/README.md`.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";

/** Bits of a digit: binary levels that one stored node spans. */
export const DIGIT_BITS = 2;

/** Slots of a node, one for each value of a digit. */
export const SLOTS: number = 1 << DIGIT_BITS;

/** Digits of a key: no node is this deep. */
export const MAX_DEPTH: number = (8 * HASH_BYTES) / DIGIT_BITS;

const DIGIT_MASK = SLOTS - 1;

/** Path of the root. */
export const ROOT_PATH: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

/** Digit `depth` of the key that starts at `offset`. */
export function digitAt(keys: Uint8Array, offset: number, depth: number): number {
  const bit = depth * DIGIT_BITS;
  return ((keys[offset + (bit >> 3)] as number) >> (8 - DIGIT_BITS - (bit & 7))) & DIGIT_MASK;
}

/** Path of the node at `depth` on the way to the key that starts at `offset`: one byte a digit, which keeps the order. */
export function pathOfKey(keys: Uint8Array, offset: number, depth: number): Uint8Array {
  const path = new Uint8Array(depth);
  for (let i = 0; i < depth; i++) path[i] = digitAt(keys, offset, i);
  return path;
}

/** Path of the node in a slot of the node at `path`. */
export function childPath(path: Uint8Array, slot: number): Uint8Array {
  const child = new Uint8Array(path.length + 1);
  child.set(path);
  child[path.length] = slot;
  return child;
}

/** Tells whether the key that starts at `offset` lies below `slot` of the node at `path`. */
export function liesInSlot(keys: Uint8Array, offset: number, place: { path: Uint8Array; slot: number }): boolean {
  const { path, slot } = place;
  for (let depth = 0; depth < path.length; depth++) {
    if (digitAt(keys, offset, depth) !== path[depth]) return false;
  }
  return digitAt(keys, offset, path.length) === slot;
}
