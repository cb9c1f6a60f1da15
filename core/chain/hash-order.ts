/**
 * Sorts hashes without moving them.
 *
 * @module
 */
import { HASH_BYTES } from "./hash.ts";

/** Bits of a number that is an exact integer. */
const EXACT_BITS = 53;
const PREFIX_BITS = 32;

/**
 * The order of `hashes`, ascending; equal ones in the order they came.
 *
 * Sorts numbers made of the first bits of each hash and its index, then orders by the rest the few that share those bits.
 *
 * @param hashes 32·n bytes, n < 2³¹. Not changed.
 * @returns n indexes.
 */
export function sortHashes(hashes: Uint8Array): Uint32Array<ArrayBuffer> {
  const count = hashes.length / HASH_BYTES;
  const indexRange = 2 ** Math.ceil(Math.log2(count + 1));
  const shift = Math.max(0, PREFIX_BITS + Math.log2(indexRange) - EXACT_BITS);
  const keys = new Float64Array(count);
  const view = new DataView(hashes.buffer, hashes.byteOffset, hashes.byteLength);
  for (let i = 0; i < count; i++) keys[i] = (view.getUint32(i * HASH_BYTES) >>> shift) * indexRange + i;
  keys.sort();
  const order = Uint32Array.from(keys, (key) => key % indexRange);
  settleTies(view, order);
  return order;
}

/** Insertion sort: nothing is far from its place. */
function settleTies(view: DataView, order: Uint32Array): void {
  for (let i = 1; i < order.length; i++) {
    const moving = order[i] as number;
    let place = i;
    while (place > 0 && compareAt(view, order[place - 1] as number, moving) > 0) {
      order[place] = order[place - 1] as number;
      place--;
    }
    order[place] = moving;
  }
}

function compareAt(view: DataView, left: number, right: number): number {
  const [a, b] = [left * HASH_BYTES, right * HASH_BYTES];
  for (let i = 0; i < HASH_BYTES; i += 4) {
    const difference = view.getUint32(a + i) - view.getUint32(b + i);
    if (difference !== 0) return difference;
  }
  return 0;
}
