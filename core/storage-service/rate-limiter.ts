/**
 * How often an address may ask: a token bucket for each, of one second's requests.
 *
 * Source: storage-service §3.9 of the reference (checklist 34–39). There buckets go when their peer disconnects; addresses do
 * not disconnect, so here the one that asked least recently goes when there are too many.
 *
 * @module
 */
import { createLruMap } from "./lru-map.ts";

/** Most addresses that are remembered, here and by the moderator: a megabyte or two, whatever anyone does. */
export const MAX_TRACKED_ADDRESSES = 10_000;

/** Limits how often each address may ask. */
export interface RateLimiter {
  /** Addresses remembered now, at most 10,000; all that have no address count as one. */
  readonly bucketCount: number;
  /**
   * Takes a token if there is one.
   *
   * @param address Who asks; all that have none share a bucket.
   * @returns 0 if there was one, else the milliseconds until there is.
   */
  take(address: string | undefined): number;
}

/** What a limiter is made of. */
export interface RateLimiterParts {
  /** Tokens that come back each second, and most that lie in a bucket, which starts full; absent: no limit, and no state. */
  readonly requestsPerSecond: number | undefined;
  /** Milliseconds from an arbitrary start; never goes back. */
  readonly monotonicMs: () => number;
}

/**
 * A bucket's content, in thousandths of a token: then what comes back in a millisecond is the rate itself, and nothing is
 * rounded.
 */
interface Bucket {
  milliTokens: number;
  filledAtMs: number;
}

const TOKEN = 1_000;

/** Creates a limiter that has seen nobody. */
export function createRateLimiter({ requestsPerSecond, monotonicMs }: RateLimiterParts): RateLimiter {
  if (requestsPerSecond === undefined) return { bucketCount: 0, take: () => 0 };
  const capacity = requestsPerSecond * TOKEN;
  const buckets = createLruMap<string | undefined, Bucket>({ maxEntries: MAX_TRACKED_ADDRESSES });

  function bucketOf(address: string | undefined): Bucket {
    const known = buckets.get(address);
    if (known !== undefined) return known;
    const full = { milliTokens: capacity, filledAtMs: monotonicMs() };
    buckets.set(address, full);
    return full;
  }

  return {
    get bucketCount() {
      return buckets.count;
    },
    take(address) {
      const bucket = bucketOf(address);
      const nowMs = monotonicMs();
      const refill = (nowMs - bucket.filledAtMs) * requestsPerSecond;
      bucket.milliTokens = Math.min(capacity, bucket.milliTokens + refill);
      bucket.filledAtMs = nowMs;
      if (bucket.milliTokens < TOKEN) return Math.ceil((TOKEN - bucket.milliTokens) / requestsPerSecond);
      bucket.milliTokens -= TOKEN;
      return 0;
    },
  };
}
