import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import type { Metrics } from "../../../core/ports/metrics.ts";
import { IGNORED_PEER_COUNT } from "../../../core/storage-service/metrics.ts";
import { createRequestModerator, type RequestModerator } from "../../../core/storage-service/moderator.ts";
import { MAX_TRACKED_ADDRESSES } from "../../../core/storage-service/rate-limiter.ts";
import type { Requester } from "../../../core/storage-service/requester.ts";
import { createReferenceOffender } from "../../helpers/reference-offender.ts";
import { createVirtualClock, type VirtualClock } from "../../helpers/virtual-clock.ts";

const MAX = 3;
const MIN_IGNORE_MS = 10_000;
const DAY_MS = 86_400_000;
const SOMEBODY: Requester = { address: "192.0.2.1", trusted: false };

let clock: VirtualClock;
let moderator: RequestModerator;
let gauge: number | undefined;
let warnings: unknown[];

beforeEach(() => {
  clock = createVirtualClock();
  gauge = undefined;
  warnings = [];
  const metrics: Metrics = {
    increment() {},
    observe() {},
    set(metric, _, value) {
      if (metric === IGNORED_PEER_COUNT) gauge = value;
    },
  };
  moderator = createRequestModerator({
    config: {
      maxInvalidRequestsPerPeer: MAX,
      minTimeToIgnorePeersSecs: MIN_IGNORE_MS / 1_000,
      requestModeratorRefreshIntervalMs: 1_000,
    },
    monotonicMs: () => clock.monotonicMs(),
    metrics,
    log: { ...SILENT_LOG, warn: (_, fields) => warnings.push(fields) },
  });
});

function offend(requester: Requester, times: number): void {
  for (let i = 0; i < times; i++) moderator.countInvalid(requester);
}

describe("the request moderator", () => {
  it("ignores an address exactly at the maximum, and hears it again, with a clean count, after the time", () => {
    offend(SOMEBODY, MAX - 1);
    expect(moderator.ignoredForMs(SOMEBODY)).toBe(0);
    offend(SOMEBODY, 1);
    expect(moderator.ignoredForMs(SOMEBODY)).toBe(MIN_IGNORE_MS);
    clock.advance(MIN_IGNORE_MS - 1);
    expect(moderator.ignoredForMs(SOMEBODY)).toBe(1);
    clock.advance(1);
    expect(moderator.ignoredForMs(SOMEBODY)).toBe(0);
    offend(SOMEBODY, MAX - 1);
    expect(moderator.ignoredForMs(SOMEBODY)).toBe(0);
  });

  it("doubles the time with every round, up to a day", () => {
    for (let round = 0; round < 20; round++) {
      offend(SOMEBODY, MAX);
      const expected = Math.min(MIN_IGNORE_MS * 2 ** round, DAY_MS);
      expect(moderator.ignoredForMs(SOMEBODY)).toBe(expected);
      clock.advance(expected);
      expect(moderator.ignoredForMs(SOMEBODY)).toBe(0);
    }
    expect(MIN_IGNORE_MS * 2 ** 19).toBeGreaterThan(DAY_MS);
  });

  it("does not ignore longer for what was under way when it began", () => {
    offend(SOMEBODY, MAX);
    clock.advance(4_000);
    offend(SOMEBODY, 2 * MAX);
    expect(moderator.ignoredForMs(SOMEBODY)).toBe(MIN_IGNORE_MS - 4_000);
    clock.advance(MIN_IGNORE_MS - 4_000);
    expect(moderator.ignoredForMs(SOMEBODY)).toBe(0);
  });

  it("counts the trusted like everyone, and never ignores them", () => {
    const trusted = { address: "192.0.2.9", trusted: true };
    offend(trusted, 5 * MAX);
    offend(SOMEBODY, 5 * MAX);
    expect(moderator.trackedCount).toBe(2);
    expect(moderator.ignoredForMs(trusted)).toBe(0);
    expect(moderator.ignoredForMs(SOMEBODY)).toBeGreaterThan(0);
  });

  it("blames nobody where there is no address", () => {
    offend({ trusted: false }, 5 * MAX);
    expect(moderator.ignoredForMs({ trusted: false })).toBe(0);
    expect(moderator.trackedCount).toBe(0);
  });

  it("sweeps on its own interval, and tells how many are ignored then", () => {
    offend(SOMEBODY, MAX);
    offend({ address: "192.0.2.2", trusted: false }, 1);
    expect(gauge).toBe(1);
    clock.advance(MIN_IGNORE_MS - 1);
    moderator.ignoredForMs({ trusted: false });
    clock.advance(999);
    moderator.ignoredForMs({ trusted: false });
    expect(gauge).toBe(1);
    clock.advance(1);
    moderator.ignoredForMs({ trusted: false });
    expect(gauge).toBe(0);
  });

  it("tells at once how many are ignored, when it begins and when an address is heard again", () => {
    const other = { address: "192.0.2.2", trusted: false };
    offend(SOMEBODY, MAX - 1);
    expect(gauge).toBeUndefined();
    offend(SOMEBODY, 1);
    expect(gauge).toBe(1);
    clock.advance(500);
    offend(other, 2 * MAX);
    expect(gauge).toBe(2);
    clock.advance(MIN_IGNORE_MS - 500);
    moderator.ignoredForMs(other);
    expect(gauge).toBe(1);
    clock.advance(500);
    moderator.ignoredForMs(other);
    expect(gauge).toBe(0);
  });

  it("tells the log which address it ignores, after how many invalid requests, for how long", () => {
    offend(SOMEBODY, MAX - 1);
    offend({ address: "192.0.2.9", trusted: true }, 2 * MAX);
    expect(warnings).toEqual([]);
    offend(SOMEBODY, 5);
    const told = { address: SOMEBODY.address, invalidRequests: MAX, seconds: MIN_IGNORE_MS / 1_000 };
    expect(warnings).toEqual([told]);
    clock.advance(MIN_IGNORE_MS);
    offend(SOMEBODY, MAX);
    expect(warnings).toEqual([told, { ...told, seconds: 2 * MIN_IGNORE_MS / 1_000 }]);
  });

  it("forgets an address after a quiet day, and with it how long it was ignored", () => {
    offend(SOMEBODY, MAX);
    clock.advance(MIN_IGNORE_MS);
    moderator.ignoredForMs(SOMEBODY);
    clock.advance(DAY_MS - 1);
    moderator.ignoredForMs(SOMEBODY);
    expect(moderator.trackedCount).toBe(1);
    clock.advance(1_000);
    moderator.ignoredForMs(SOMEBODY);
    expect(moderator.trackedCount).toBe(0);
    offend(SOMEBODY, MAX);
    expect(moderator.ignoredForMs(SOMEBODY)).toBe(MIN_IGNORE_MS);
  });

  it("remembers no more addresses than its bound: the ones that were active last", () => {
    for (let i = 0; i < MAX_TRACKED_ADDRESSES; i++) offend({ address: `address ${i}`, trusted: false }, MAX);
    const early = { address: "address 0", trusted: false };
    expect(moderator.ignoredForMs(early)).toBeGreaterThan(0);
    offend(SOMEBODY, 1);
    expect(moderator.trackedCount).toBe(MAX_TRACKED_ADDRESSES);
    expect(moderator.ignoredForMs(early)).toBeGreaterThan(0);
    expect(moderator.ignoredForMs({ address: "address 1", trusted: false })).toBe(0);
    expect(gauge).toBe(MAX_TRACKED_ADDRESSES - 1);
  });

  it("does what the rules say, whenever an address asks", () => {
    const step = fc.record({ waitMs: fc.nat(15_000), offends: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const requester = { address: `since ${clock.monotonicMs()}`, trusted: false };
        const reference = createReferenceOffender({ max: MAX, minIgnoreMs: MIN_IGNORE_MS });
        for (const { waitMs, offends } of steps) {
          clock.advance(waitMs);
          for (let i = 0; i < waitMs; i++) reference.tick();
          expect(moderator.ignoredForMs(requester)).toBe(reference.ignoredForMs());
          if (!offends) continue;
          moderator.countInvalid(requester);
          reference.offend();
        }
        clock.advance(1);
      }),
      { numRuns: 300 },
    );
  });
});
