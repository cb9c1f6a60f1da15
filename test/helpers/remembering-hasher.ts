/**
 * Makes tests that change one bit at a time affordable: nearly all hashes of such a run are those of the unchanged one.
 *
 * @module
 */
import { equalBytes } from "../../core/bytes/bytes.ts";
import type { Hasher } from "../../core/ports/hasher.ts";

/** A hasher that remembers what it hashed until told to stop, and then looks up before it hashes. */
export interface RememberingHasher extends Hasher {
  /** Remembers no more. What is remembered stays. */
  stopRemembering(): void;
}

interface Remembered {
  readonly seed: Uint8Array;
  readonly input: Uint8Array;
  readonly output: Uint8Array;
}

/** @param hasher Does the hashing. */
export function rememberingHasher(hasher: Hasher): RememberingHasher {
  const known = new Map<number, Remembered[]>();
  let isLearning = true;
  const remember = (seed: Uint8Array, input: Uint8Array, compute: () => Uint8Array): Uint8Array => {
    const bucket = bucketOf(input);
    const candidates = known.get(bucket) ?? [];
    const found = candidates.find((entry) => equalBytes(entry.input, input) && equalBytes(entry.seed, seed));
    const output = found?.output ?? compute();
    if (found === undefined && isLearning) {
      known.set(bucket, [...candidates, { seed: seed.slice(), input: input.slice(), output }]);
    }
    return output.slice();
  };
  return {
    hash: (seed, message) => remember(seed, message, () => hasher.hash(seed, message)),
    // Only for single pairs, which hash like any other message.
    hashPairs: (seed, pairs) =>
      pairs.length === 64 ? remember(seed, pairs, () => hasher.hashPairs(seed, pairs)) : hasher.hashPairs(seed, pairs),
    hashColumn: (seed, column) => hasher.hashColumn(seed, column),
    stopRemembering: () => {
      isLearning = false;
    },
  };
}

/** Spreads inputs; equal ones share a bucket. */
function bucketOf(input: Uint8Array): number {
  return ((input[0] ?? 0) << 24) ^ ((input[1] ?? 0) << 16) ^ ((input[32] ?? 0) << 8) ^ (input[33] ?? 0) ^ input.length;
}
