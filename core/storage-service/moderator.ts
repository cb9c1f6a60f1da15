/**
 * Which addresses are ignored: those that asked too often for what no server could answer.
 *
 * Source: storage-service §3.8 of the reference (checklist 40–45). Differences: the time doubles up to a day and no further; an
 * address is heard again at the end of its time, not at the next sweep; a peer that disconnects is not forgotten (it would
 * come back with a clean slate), an address is after a quiet day, or when 10,000 others asked wrongly since.
 *
 * @module
 */
import type { Metrics } from "../ports/metrics.ts";
import { createLruMap } from "./lru-map.ts";
import { IGNORED_PEER_COUNT } from "./metrics.ts";
import { MAX_TRACKED_ADDRESSES } from "./rate-limiter.ts";
import type { Requester } from "./requester.ts";

/** Counts invalid requests, and tells whom to ignore. Those that have no address are not counted. */
export interface RequestModerator {
  /** Addresses whose invalid requests are remembered now, at most 10,000. */
  readonly trackedCount: number;
  /** Milliseconds for which a requester is still ignored; 0 if it is not. */
  ignoredForMs(requester: Requester): number;
  /** Counts one invalid request. */
  countInvalid(requester: Requester): void;
}

/** What a moderator is made of. Names of the settings as in the config. */
export interface RequestModeratorParts {
  /** Limits. */
  readonly config: {
    readonly maxInvalidRequestsPerPeer: number;
    readonly minTimeToIgnorePeersSecs: number;
    readonly requestModeratorRefreshIntervalMs: number;
  };
  /** Milliseconds from an arbitrary start; never goes back. */
  readonly monotonicMs: () => number;
  /** Told how many are ignored, at each sweep. */
  readonly metrics: Metrics;
}

/** Longest time for which an address is ignored, and the quiet time after which it is forgotten. */
const DAY_MS = 86_400_000;

interface Offender {
  invalidCount: number;
  /** For how long it is ignored the next time, or is now. */
  ignoreMs: number;
  ignoredSinceMs: number | undefined;
  /** When it last asked wrongly, or was heard again. */
  lastChangeMs: number;
}

const PUBLIC = ["public"] as const;

/** Creates a moderator that has seen nobody. */
export function createRequestModerator({ config, monotonicMs, metrics }: RequestModeratorParts): RequestModerator {
  const offenders = createLruMap<string, Offender>({ maxEntries: MAX_TRACKED_ADDRESSES });
  let sweptAtMs = monotonicMs();

  /** Nothing runs between requests, so the first one after the interval sweeps. */
  function sweepIfDue(nowMs: number): void {
    if (nowMs - sweptAtMs < config.requestModeratorRefreshIntervalMs) return;
    sweptAtMs = nowMs;
    let ignored = 0;
    for (const [address, offender] of offenders.entries()) {
      hearAgainIfDue(offender, nowMs);
      if (offender.ignoredSinceMs !== undefined) ignored++;
      else if (nowMs - offender.lastChangeMs >= DAY_MS) offenders.delete(address);
    }
    metrics.set(IGNORED_PEER_COUNT, PUBLIC, ignored);
  }

  function offenderAt(address: string, nowMs: number): Offender | undefined {
    const offender = offenders.get(address);
    if (offender !== undefined) hearAgainIfDue(offender, nowMs);
    return offender;
  }

  function addOffender(address: string, nowMs: number): Offender {
    const ignoreMs = config.minTimeToIgnorePeersSecs * 1_000;
    const offender = { invalidCount: 0, ignoreMs, ignoredSinceMs: undefined, lastChangeMs: nowMs };
    offenders.set(address, offender);
    return offender;
  }

  return {
    get trackedCount() {
      return offenders.count;
    },
    ignoredForMs({ address }) {
      const nowMs = monotonicMs();
      sweepIfDue(nowMs);
      if (address === undefined) return 0;
      const offender = offenderAt(address, nowMs);
      if (offender?.ignoredSinceMs === undefined) return 0;
      return offender.ignoreMs - (nowMs - offender.ignoredSinceMs);
    },
    countInvalid({ address, trusted }) {
      if (address === undefined) return;
      const nowMs = monotonicMs();
      sweepIfDue(nowMs);
      const offender = offenderAt(address, nowMs) ?? addOffender(address, nowMs);
      offender.invalidCount++;
      offender.lastChangeMs = nowMs;
      const isTooMany = offender.invalidCount >= config.maxInvalidRequestsPerPeer;
      // Requests that were under way when it began to be ignored do not make it longer.
      if (isTooMany && !trusted) offender.ignoredSinceMs ??= nowMs;
    },
  };
}

function hearAgainIfDue(offender: Offender, nowMs: number): void {
  if (offender.ignoredSinceMs === undefined || nowMs - offender.ignoredSinceMs < offender.ignoreMs) return;
  offender.ignoredSinceMs = undefined;
  offender.invalidCount = 0;
  offender.ignoreMs = Math.min(2 * offender.ignoreMs, DAY_MS);
  offender.lastChangeMs = nowMs;
}
