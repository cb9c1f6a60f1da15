/**
 * Token buckets from the definition: every millisecond, a thousandth of the rate falls into every bucket that is not full.
 *
 * @module
 */
import type { RateLimiter } from "../../core/storage-service/rate-limiter.ts";

/** Buckets and the time that passes for them. */
export interface ReferenceTokenBuckets extends RateLimiter {
  /** Lets one millisecond pass. */
  tick(): void;
}

/** Creates buckets of `rate` tokens. */
export function createReferenceTokenBuckets(rate: number): ReferenceTokenBuckets {
  /** In thousandths of a token. */
  const contents = new Map<string | undefined, number>();
  const full = 1_000 * rate;
  return {
    get bucketCount() {
      return contents.size;
    },
    tick() {
      for (const [address, content] of contents) contents.set(address, Math.min(full, content + rate));
    },
    take(address) {
      const content = contents.get(address) ?? full;
      if (content >= 1_000) {
        contents.set(address, content - 1_000);
        return 0;
      }
      let waitMs = 0;
      while (content + rate * waitMs < 1_000) waitMs++;
      return waitMs;
    },
  };
}
