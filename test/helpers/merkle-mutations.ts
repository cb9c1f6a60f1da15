/**
 * Everything that can be done to a list of hashes: what proofs must not survive.
 *
 * @module
 */
import { concatBytes, equalBytes } from "../../core/bytes/bytes.ts";
import { hashAt } from "../../core/merkle/node-hash.ts";

/** A changed list, and what was done to it. */
export interface MutatedHashes {
  /** In words that can be a file name: `sibling-3-dropped`. */
  readonly name: string;
  readonly hashes: Uint8Array;
}

const EXTRA = new Uint8Array(32).fill(0xee);

/**
 * Every byte changed, every hash dropped, duplicated and swapped with its neighbour, a hash put in front and behind,
 * everything removed, and one byte more or less. Never the list itself.
 *
 * @param what Name of one hash of the list.
 */
export function mutatedHashes(hashes: Uint8Array, what: string): MutatedHashes[] {
  return [...mutatedBytes(hashes, what), ...mutatedLists(hashes, what)];
}

/** Every byte of some hashes changed, one at a time. */
export function mutatedBytes(hashes: Uint8Array, what: string): MutatedHashes[] {
  return Array.from(hashes, (byte, i) => {
    const changed = hashes.slice();
    changed[i] = byte ^ (1 << (i % 8));
    return { name: `${what}-${Math.floor(i / 32)}-byte-${i % 32}`, hashes: changed };
  });
}

/** The list changed as a list: whole hashes come, go or move, or a byte at the end does. */
export function mutatedLists(hashes: Uint8Array, what: string): MutatedHashes[] {
  const list = Array.from({ length: hashes.length / 32 }, (_, i) => hashAt(hashes, i));
  const each = list.flatMap((hash, i) => [
    { name: `${what}-${i}-dropped`, hashes: concatBytes(...list.toSpliced(i, 1)) },
    { name: `${what}-${i}-duplicated`, hashes: concatBytes(...list.toSpliced(i, 0, hash)) },
    {
      name: `${what}-${i}-swapped`,
      hashes: concatBytes(...list.with(i, list[(i + 1) % list.length]!).with((i + 1) % list.length, hash)),
    },
    { name: `${what}-${i}-zeroed`, hashes: concatBytes(...list.with(i, new Uint8Array(32))) },
  ]);
  const whole = [
    { name: `${what}-prepended`, hashes: concatBytes(EXTRA, hashes) },
    { name: `${what}-appended`, hashes: concatBytes(hashes, EXTRA) },
    { name: `${what}s-removed`, hashes: new Uint8Array(0) },
    { name: `${what}s-doubled`, hashes: concatBytes(hashes, hashes) },
    { name: `${what}s-one-byte-short`, hashes: hashes.subarray(0, -1) },
    { name: `${what}s-one-byte-long`, hashes: concatBytes(hashes, new Uint8Array(1)) },
    { name: `${what}s-too-many`, hashes: new Uint8Array(32 * 257) },
  ];
  return [...each, ...whole].filter((mutation) => !equalBytes(mutation.hashes, hashes));
}
