/**
 * Which addresses are ignored: those that asked too often for what no server could answer.
 *
 * Source: storage-service §3.8 of the reference (checklist 40–45). Differences: the time doubles up to a day and no further; an
 * address is heard again at the end of its time, not at the next sweep; a peer that disconnects is not forgotten (it would
 * come back with a clean slate), an address is after a quiet day, or when 10,000 others asked wrongly since.
 *
 * @module
 */
import type { Log } from "../ports/log.ts";
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
  /** Told how many are ignored, whenever that changes. */
  readonly metrics: Metrics;
  /** Told whom, when it begins. */
  readonly log: Log;
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
export function createRequestModerator(parts: RequestModeratorParts): RequestModerator {
  const { config, monotonicMs } = parts;
  const offenders = new Offenders(parts);
  let sweptAtMs = monotonicMs();

  /** Nothing runs between requests, so the first one after the interval sweeps. */
  function sweepIfDue(nowMs: number): void {
    if (nowMs - sweptAtMs < config.requestModeratorRefreshIntervalMs) return;
    sweptAtMs = nowMs;
    offenders.sweep(nowMs);
  }

  return {
    get trackedCount() {
      return offenders.count;
    },
    ignoredForMs({ address }) {
      const nowMs = monotonicMs();
      sweepIfDue(nowMs);
      if (address === undefined) return 0;
      const offender = offenders.find(address, nowMs);
      if (offender?.ignoredSinceMs === undefined) return 0;
      return offender.ignoreMs - (nowMs - offender.ignoredSinceMs);
    },
    countInvalid({ address, trusted }) {
      if (address === undefined) return;
      const nowMs = monotonicMs();
      sweepIfDue(nowMs);
      const offender = offenders.find(address, nowMs) ?? offenders.add(address, nowMs);
      const wasIgnored = offender.ignoredSinceMs !== undefined;
      offender.invalidCount++;
      offender.lastChangeMs = nowMs;
      const isTooMany = offender.invalidCount >= config.maxInvalidRequestsPerPeer;
      // Requests that were under way when it began to be ignored do not make it longer.
      if (isTooMany && !trusted) offender.ignoredSinceMs ??= nowMs;
      if (!wasIgnored && offender.ignoredSinceMs !== undefined) offenders.tellIgnored(address, offender);
    },
  };
}

/** Those that asked wrongly, and how many of them are ignored. */
class Offenders {
  readonly #parts: RequestModeratorParts;
  readonly #byAddress = createLruMap<string, Offender>({ maxEntries: MAX_TRACKED_ADDRESSES });
  #ignoredCount = 0;

  constructor(parts: RequestModeratorParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#byAddress.count;
  }

  find(address: string, nowMs: number): Offender | undefined {
    const offender = this.#byAddress.get(address);
    if (offender !== undefined) this.#hearAgainIfDue(offender, nowMs);
    return offender;
  }

  add(address: string, nowMs: number): Offender {
    if (this.count >= MAX_TRACKED_ADDRESSES) this.#forgetOldest();
    const ignoreMs = this.#parts.config.minTimeToIgnorePeersSecs * 1_000;
    const offender = { invalidCount: 0, ignoreMs, ignoredSinceMs: undefined, lastChangeMs: nowMs };
    this.#byAddress.set(address, offender);
    return offender;
  }

  tellIgnored(address: string, { invalidCount, ignoreMs }: Offender): void {
    this.#countIgnored(1);
    const fields = { address, invalidRequests: invalidCount, seconds: ignoreMs / 1_000 };
    this.#parts.log.warn("ignoring an address that sent too many invalid requests", fields);
  }

  sweep(nowMs: number): void {
    for (const [address, offender] of this.#byAddress.entries()) {
      this.#hearAgainIfDue(offender, nowMs);
      const isQuiet = offender.ignoredSinceMs === undefined && nowMs - offender.lastChangeMs >= DAY_MS;
      if (isQuiet) this.#byAddress.delete(address);
    }
    this.#countIgnored(0);
  }

  #hearAgainIfDue(offender: Offender, nowMs: number): void {
    if (offender.ignoredSinceMs === undefined || nowMs - offender.ignoredSinceMs < offender.ignoreMs) return;
    hearAgain(offender, nowMs);
    this.#countIgnored(-1);
  }

  /** The map would make room too, but would not tell whether that was an address that is ignored. */
  #forgetOldest(): void {
    for (const [address, offender] of this.#byAddress.entries()) {
      this.#byAddress.delete(address);
      if (offender.ignoredSinceMs !== undefined) this.#countIgnored(-1);
      return;
    }
  }

  #countIgnored(by: 1 | 0 | -1): void {
    this.#ignoredCount += by;
    this.#parts.metrics.set(IGNORED_PEER_COUNT, PUBLIC, this.#ignoredCount);
  }
}

function hearAgain(offender: Offender, nowMs: number): void {
  offender.ignoredSinceMs = undefined;
  offender.invalidCount = 0;
  offender.ignoreMs = Math.min(2 * offender.ignoreMs, DAY_MS);
  offender.lastChangeMs = nowMs;
}
