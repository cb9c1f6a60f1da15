/**
 * Random numbers that a seed decides: the same on every runtime.
 *
 * Source: sfc32 by Chris Doty-Humphrey (PractRand), 128 bits of state. Not for secrets.
 *
 * @module
 */
import type { Random } from "../../core/ports/random.ts";

/** A {@link Random} with the draws that a devnet makes. */
export interface SeededRandom extends Random {
  /** A uniformly random integer, 0 ≤ value < `limit`. */
  below(limit: number): number;
}

/**
 * Creates a generator.
 *
 * @param key At least 16 bytes, of which the first 16 are used. Hash whatever should decide the numbers. Not kept.
 */
export function createSeededRandom(key: Uint8Array): SeededRandom {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  let a = view.getUint32(0, true);
  let b = view.getUint32(4, true);
  let c = view.getUint32(8, true);
  let counter = view.getUint32(12, true);
  const nextU32 = () => {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum;
  };
  const next = () => ((nextU32() >>> 5) * 2 ** 26 + (nextU32() >>> 6)) / 2 ** 53;
  return {
    next,
    nextU64: () => (BigInt(nextU32()) << 32n) | BigInt(nextU32()),
    below: (limit) => Math.floor(next() * limit),
  };
}
