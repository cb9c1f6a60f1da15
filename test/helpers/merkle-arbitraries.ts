/**
 * What property tests of Merkle trees are made of: keys that share prefixes, and their values.
 *
 * @module
 */
import fc from "fast-check";
import type { ReferenceLeaf } from "./reference-sparse.ts";

/** How often each property of the Merkle code is tried. */
export const MERKLE_RUNS = 10_000;

/** A 32-byte hash told by a number; another number, another hash. */
export function numberedHash(number: number): Uint8Array {
  const hash = new Uint8Array(32);
  for (let i = 0; i < 32; i++) hash[i] = (Math.imul(number + 1, 2_654_435_761) >>> (i % 24)) ^ (i * 37);
  new DataView(hash.buffer).setUint32(0, number);
  return hash;
}

/** A 32-byte key that begins with the 12 bits of `prefix`; with `twin` it differs from that of twin 0 at bit 20 or later. */
export function keyOf(prefix: number, twin: number): Uint8Array {
  const key = new Uint8Array(32).fill(0xa6);
  key[0] = prefix >> 4;
  key[1] = ((prefix & 15) << 4) | 5;
  key[2] = twin === 0 ? 0x33 : 0x33 ^ (1 << (twin % 4));
  key[31] = twin;
  return key;
}

/** Keys that are often neighbours: in the first levels, everywhere, or deep below a common prefix. */
export const sparseKey: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: fc.nat(15).map((nibble) => keyOf(nibble << 8, 0)) },
  { weight: 4, arbitrary: fc.nat(31).map((low) => keyOf(0x5c0 | low, 0)) },
  { weight: 3, arbitrary: fc.nat(4095).map((prefix) => keyOf(prefix, 0)) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(3), fc.nat(5)).map(([nibble, twin]) => keyOf(nibble << 8, twin)) },
);

/** Up to `maxLength` leaves with different keys, sorted. */
export function sortedLeaves(maxLength: number): fc.Arbitrary<ReferenceLeaf[]> {
  return fc.uniqueArray(sparseKey, { maxLength, selector: keyNumber }).chain((keys) =>
    fc.array(fc.nat(9), { minLength: keys.length, maxLength: keys.length }).map((values) =>
      keys.toSorted(compareKeys).map((key, i) => ({ key, valueHash: numberedHash(values[i]!) }))
    )
  );
}

/** A number for each key of {@link keyOf}: cheaper to compare than the key. */
export function keyNumber(key: Uint8Array): number {
  return (key[0]! << 24) | (key[1]! << 16) | (key[2]! << 8) | key[31]!;
}

/** Order of keys. */
export function compareKeys(left: Uint8Array, right: Uint8Array): number {
  const at = left.findIndex((byte, i) => byte !== right[i]);
  return at < 0 ? 0 : left[at]! - right[at]!;
}

/** One change of a list of hashes, applied by {@link changeHashes}. */
export const hashesChange: fc.Arbitrary<{ how: number; at: number; bit: number }> = fc.record({
  how: fc.nat(5),
  at: fc.nat(1000),
  bit: fc.nat(7),
});

/** `hashes` with one bit flipped, a hash dropped, repeated, put in front or behind, or moved; often another list. */
export function changeHashes(hashes: Uint8Array, change: { how: number; at: number; bit: number }): Uint8Array {
  const list = Array.from({ length: hashes.length / 32 }, (_, i) => hashes.subarray(32 * i, 32 * i + 32));
  const at = list.length === 0 ? 0 : change.at % list.length;
  const extra = numberedHash(change.at);
  if (list.length === 0 || change.how === 1) return flat([...list, extra]);
  if (change.how === 2) return flat(list.toSpliced(at, 1));
  if (change.how === 3) return flat(list.toSpliced(at, 0, list[at]!));
  if (change.how === 4) return flat([extra, ...list]);
  if (change.how === 5) return flat([...list.slice(at), ...list.slice(0, at)]);
  const changed = hashes.slice();
  const byte = change.at % changed.length;
  changed[byte] = changed[byte]! ^ (1 << change.bit);
  return changed;
}

function flat(list: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(32 * list.length);
  list.forEach((hash, i) => {
    out.set(hash, 32 * i);
  });
  return out;
}
