/**
 * Places in the versioned tree: a node at depth d stands for the first d digits of the keys below it.
 *
 * A digit has two bits, so a node has four slots in two halves. Hashes do not depend on that (formats §5.2); it only
 * decides what is stored together. Why four: see the measurements in `jellyfish-node.ts`.
 *
 * @module
 */

/** Slots of a node, one for each value of a digit. */
export const SLOTS = 4;

/** Halves of a node, of two slots each. */
export const HALVES = 2;

/** Digit `depth` of the key that starts at `offset`. */
export function digitAt(keys: Uint8Array, offset: number, depth: number): number {
  return ((keys[offset + (depth >> 2)] as number) >> (6 - 2 * (depth & 3))) & 3;
}

/**
 * Path of the node at `depth` on the way to the key that starts at `offset`.
 *
 * Three digits a byte, each one more than it is, in base 5, the missing ones 0: that keeps the order of the tree.
 */
export function pathOfKey(keys: Uint8Array, offset: number, depth: number): Uint8Array {
  const path = new Uint8Array(pathLength(depth));
  writePath(keys, offset, { depth, out: path, start: 0 });
  return path;
}

/** Length of the path of a node at `depth`, in bytes. */
export function pathLength(depth: number): number {
  return Math.ceil(depth / 3);
}

/** Writes a path as {@link pathOfKey} makes it. */
export function writePath(
  keys: Uint8Array,
  offset: number,
  to: { readonly depth: number; readonly out: Uint8Array; readonly start: number },
): void {
  const { depth, out } = to;
  let next = to.start;
  for (let i = 0; i < depth; i += 3) {
    const first = digitAt(keys, offset, i) + 1;
    const second = i + 1 < depth ? digitAt(keys, offset, i + 1) + 1 : 0;
    const third = i + 2 < depth ? digitAt(keys, offset, i + 2) + 1 : 0;
    out[next++] = 25 * first + 5 * second + third;
  }
}
