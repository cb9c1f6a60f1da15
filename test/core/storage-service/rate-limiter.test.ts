import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRateLimiter, MAX_TRACKED_ADDRESSES } from "../../../core/storage-service/rate-limiter.ts";
import { createReferenceTokenBuckets } from "../../helpers/reference-token-bucket.ts";
import { createVirtualClock } from "../../helpers/virtual-clock.ts";

function limiterOf(requestsPerSecond: number | undefined) {
  const clock = createVirtualClock();
  return { clock, limiter: createRateLimiter({ requestsPerSecond, monotonicMs: () => clock.monotonicMs() }) };
}

describe("the rate limiter", () => {
  it("keeps no state where no limit is set", () => {
    const { limiter } = limiterOf(undefined);
    for (let i = 0; i < 100; i++) expect(limiter.take("192.0.2.1")).toBe(0);
    expect(limiter.bucketCount).toBe(0);
  });

  it("gives each address one second's requests at once, and no more", () => {
    const { limiter } = limiterOf(2);
    expect([1, 2, 3].map(() => limiter.take("192.0.2.1"))).toEqual([0, 0, 500]);
    expect(limiter.take("192.0.2.2")).toBe(0);
    expect(limiter.take("192.0.2.1")).toBe(500);
  });

  it("counts all that have no address as one", () => {
    const { limiter } = limiterOf(1);
    expect([limiter.take(undefined), limiter.take(undefined)]).toEqual([0, 1_000]);
    expect(limiter.bucketCount).toBe(1);
  });

  it("lets requests through again exactly after the time that it names", () => {
    const { limiter, clock } = limiterOf(3);
    for (let i = 0; i < 3; i++) limiter.take("192.0.2.1");
    const waitMs = limiter.take("192.0.2.1");
    expect(waitMs).toBe(334);
    clock.advance(waitMs - 1);
    expect(limiter.take("192.0.2.1")).toBe(1);
    clock.advance(1);
    expect(limiter.take("192.0.2.1")).toBe(0);
    expect(limiter.take("192.0.2.1")).toBeGreaterThan(0);
  });

  it("never holds more than one second's requests, however long nobody asks", () => {
    const { limiter, clock } = limiterOf(2);
    limiter.take("192.0.2.1");
    clock.advance(3_600_000);
    expect([1, 2, 3].map(() => limiter.take("192.0.2.1"))).toEqual([0, 0, 500]);
  });

  it("remembers the addresses that asked last, and no more than its bound", () => {
    const { limiter } = limiterOf(1);
    limiter.take("first");
    limiter.take("second");
    for (let i = 2; i < MAX_TRACKED_ADDRESSES; i++) limiter.take(`address ${i}`);
    expect(limiter.take("first")).toBe(1_000);
    limiter.take("one more");
    expect(limiter.bucketCount).toBe(MAX_TRACKED_ADDRESSES);
    expect(limiter.take("first")).toBe(1_000);
    expect(limiter.take("second")).toBe(0);
  });

  it("does what the definition does, whoever asks and whenever", () => {
    const step = fc.record({ waitMs: fc.nat(700), address: fc.constantFrom("a", "b", undefined) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.array(step, { maxLength: 40 }), (rate, steps) => {
        const { limiter, clock } = limiterOf(rate);
        const reference = createReferenceTokenBuckets(rate);
        for (const { waitMs, address } of steps) {
          clock.advance(waitMs);
          for (let i = 0; i < waitMs; i++) reference.tick();
          expect(limiter.take(address)).toBe(reference.take(address));
        }
      }),
      { numRuns: 500 },
    );
  });
});
