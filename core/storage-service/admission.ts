/**
 * Admission: who is let in, decided once when a request arrives. What the server asks itself on the way is not judged again.
 *
 * In order: is there room, does the address ask too often, is it ignored. Differs from the reference (storage-service §2.2)
 * in that requests which wait are judged too, so that nobody who is ignored can make the server hold anything.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Serviceable } from "../wire/can-service.ts";
import { type DataRequest, isWaitingRequest } from "../wire/request-types.ts";
import type { StorageServiceConfig } from "./config.ts";
import { countsAsInvalid } from "./invalid-request.ts";
import type { LedgerViews } from "./ledger-view.ts";
import { FAILURE, networkLabel, requestLabel, SUCCESS } from "./metric-labels.ts";
import {
  PENDING_NETWORK_EVENTS,
  STORAGE_REQUEST_VALIDATION_LATENCY,
  STORAGE_REQUESTS_RATE_LIMITED,
} from "./metrics.ts";
import { createRequestModerator } from "./moderator.ts";
import { Places } from "./places.ts";
import { createRateLimiter } from "./rate-limiter.ts";
import type { Requester } from "./requester.ts";

/** Lets requests in, and remembers who asked for nonsense. */
export interface Admission {
  /**
   * Does the work of a request if it is admitted, and counts its refusal against the requester where that is due.
   *
   * @returns What `work` resolves to; its errors pass through.
   * @throws {SyncError} `TOO_MANY_REQUESTS` or `TOO_MANY_INVALID_REQUESTS`, both with `detail.retryAfterMs`, if it is not.
   */
  admitted<T>(request: DataRequest, requester: Requester, work: () => Promise<T>): Promise<T>;
  /**
   * Counts something that was sent as a request and cannot be read as one: like any other that no server could answer.
   *
   * @throws {SyncError} As {@link admitted} does, if the requester would not have been let in.
   */
  countUnreadable(requester: Requester): void;
}

/** What admission is made of. */
export interface AdmissionParts {
  /** Limits. */
  readonly config: StorageServiceConfig;
  /** Tells what is advertised. */
  readonly views: Pick<LedgerViews, "current">;
  /** For the limits that are about time. */
  readonly clock: Clock;
  /** Told of who is let in and who is not. */
  readonly metrics: Metrics;
  /** Told of who is ignored. */
  readonly log: Log;
}

const NOTHING: Serviceable = { snapshots: [] };

/** A request takes milliseconds: a second after there was no room, there is. */
const NO_ROOM_RETRY_MS = 1_000;

/** Creates the admission of one server. */
export function createAdmission({ config, views, clock, metrics, log }: AdmissionParts): Admission {
  const { maxRequestsPerSecondPerPeer: requestsPerSecond } = config;
  const monotonicMs = () => clock.monotonicMs();
  const limiter = createRateLimiter({ requestsPerSecond, monotonicMs });
  const moderator = createRequestModerator({ config, monotonicMs, metrics, log });
  const places = new Places(config);

  function assertAdmitted(request: DataRequest, requester: Requester): void {
    if (!places.isFor(requester)) {
      metrics.increment(PENDING_NETWORK_EVENTS, DROPPED);
      throw noRoom(places.taken);
    }
    assertHeard(requester, requestLabel(request));
  }

  /** @param label Of what it sent. */
  function assertHeard(requester: Requester, label: string): void {
    const waitMs = requester.trusted ? 0 : limiter.take(requester.address);
    if (waitMs > 0) {
      metrics.increment(STORAGE_REQUESTS_RATE_LIMITED, [networkLabel(requester), label]);
      throw tooMany(requestsPerSecond, waitMs);
    }
    const ignoredForMs = moderator.ignoredForMs(requester);
    if (ignoredForMs > 0) throw ignored(ignoredForMs);
  }

  function judge(request: DataRequest, requester: Requester): void {
    const startedMs = clock.monotonicMs();
    let result = FAILURE;
    try {
      assertAdmitted(request, requester);
      result = SUCCESS;
    } finally {
      const seconds = (clock.monotonicMs() - startedMs) / 1000;
      const labels = [networkLabel(requester), requestLabel(request), result];
      metrics.observe(STORAGE_REQUEST_VALIDATION_LATENCY, labels, seconds);
    }
  }

  async function countIfInvalid(error: unknown, request: DataRequest, requester: Requester): Promise<void> {
    // While the ledger cannot be looked at, nobody knows what is far out: then nobody is blamed for it.
    const view = await views.current().catch(() => undefined);
    const advertised = { serviceable: view?.serviceable ?? NOTHING, caps: config };
    if (countsAsInvalid(error, request, advertised)) moderator.countInvalid(requester);
  }

  return {
    async admitted(request, requester, work) {
      judge(request, requester);
      // A request that waits costs next to nothing while it does; how many may is a limit of its own.
      const isTaking = !isWaitingRequest(request);
      if (isTaking) places.take(requester);
      metrics.increment(PENDING_NETWORK_EVENTS, ENQUEUED);
      try {
        return await work();
      } catch (error) {
        await countIfInvalid(error, request, requester);
        throw error;
      } finally {
        if (isTaking) places.leave(requester);
        metrics.increment(PENDING_NETWORK_EVENTS, DEQUEUED);
      }
    },
    countUnreadable(requester) {
      assertHeard(requester, UNREADABLE);
      moderator.countInvalid(requester);
    },
  };
}

/** Label of what is no request. */
const UNREADABLE = "unreadable";

const ENQUEUED = ["enqueued"] as const;
const DEQUEUED = ["dequeued"] as const;
const DROPPED = ["dropped"] as const;

function noRoom(taken: number): SyncError {
  const message = `Cannot answer request: no more are answered at the same time, current value is ${taken}`;
  return new SyncError("TOO_MANY_REQUESTS", message, { detail: { retryAfterMs: NO_ROOM_RETRY_MS } });
}

function tooMany(requestsPerSecond: number | undefined, retryAfterMs: number): SyncError {
  const message =
    `Cannot answer request: an address may ask ${requestsPerSecond} times a second, current value is more`;
  return new SyncError("TOO_MANY_REQUESTS", message, { detail: { retryAfterMs } });
}

function ignored(retryAfterMs: number): SyncError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  const message =
    `Cannot answer request: too many from this address were invalid, it is ignored for ${seconds} seconds`;
  return new SyncError("TOO_MANY_INVALID_REQUESTS", message, { detail: { retryAfterMs } });
}
