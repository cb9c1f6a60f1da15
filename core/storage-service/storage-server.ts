/**
 * The storage server: everything around the storage service that a public server needs. Admission, the response cache,
 * and the requests that wait for what comes next.
 *
 * @module
 */
import type { StorageServiceListener } from "../notifications/storage-service.ts";
import { type Metrics, NO_METRICS } from "../ports/metrics.ts";
import type { DataRequest } from "../wire/request.ts";
import { isWaitingRequest, type WaitingRequest } from "../wire/request-types.ts";
import { createAdmission } from "./admission.ts";
import type { AnswerFrame } from "./answer-frame.ts";
import { createAnswerFrames } from "./answer-frames.ts";
import { createAnswerRoom } from "./answer-room.ts";
import { followCommits } from "./commit-follower.ts";
import { DEFAULT_STORAGE_SERVICE_CONFIG } from "./config.ts";
import { assertGeneration } from "./generation.ts";
import { createHeadWatch } from "./head-watch.ts";
import { createLedgerViews, type LedgerView } from "./ledger-view.ts";
import { createMeteredReader } from "./metered-reader.ts";
import { createOptimisticFetches } from "./optimistic-fetch.ts";
import { type AnswerRequest, withRequestMetrics } from "./request-metrics.ts";
import type { Requester } from "./requester.ts";
import { createStorageService, type StorageServiceParts } from "./service.ts";
import { createSubscriptions } from "./subscription.ts";
import type { WaitingParts } from "./waiting-parts.ts";

/** Answers encoded requests of anyone. Methods may be called at any time, any number at once. */
export interface StorageServer {
  /**
   * Answers one request: at once, or for optimistic fetches and subscriptions when there is something new.
   *
   * @param requester Who asks.
   * @param signal Aborting (the client went away) rejects with `signal.reason` and gives the request up.
   * @throws {SyncError} One of the codes of an error frame; anything else a client hears of as `INTERNAL`.
   */
  answer(request: DataRequest, requester: Requester, signal?: AbortSignal): Promise<AnswerFrame>;
  /**
   * Counts something that was sent as a request and cannot be read as one.
   *
   * @throws {SyncError} `TOO_MANY_REQUESTS` or `TOO_MANY_INVALID_REQUESTS`, both with `detail.retryAfterMs`, if the requester
   *   would have been refused whatever it asked.
   */
  countUnreadable(requester: Requester): void;
  /**
   * Counts the bytes of an answer against `maxAnswerBytesInFlight` while it is on its way. Whoever sends answers to clients
   * calls this when one is handed over; a caller in the same process, which reads its answer at once, need not.
   *
   * @returns To be called when the answer was sent or its client is gone.
   */
  sending(frame: AnswerFrame, requester: Requester): () => void;
  /** 32-byte genesis waypoint value of the ledger; all zeros while it is not known. */
  chain(): Promise<Uint8Array>;
  /** Where the ledger stands: for health reports. */
  view(): Promise<LedgerView>;
  /** Ends all waiting: requests that wait are answered `NOT_SERVICEABLE`, later ones that would wait too. Idempotent. */
  stop(): void;
}

/** What a server is made of. */
export interface StorageServerParts extends StorageServiceParts {
  /** Takes what is counted and measured; nothing is if absent. */
  readonly metrics?: Metrics;
  /** Tells of commits of a driver in the same process; without it, time alone tells that there is more. */
  readonly commits?: StorageServiceListener;
}

/**
 * Creates a server over a ledger that may grow meanwhile, also by another process.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if the config is out of its ranges.
 */
export function createStorageServer(given: StorageServerParts): StorageServer {
  const { clock, commits, log, metrics = NO_METRICS } = given;
  const reader = given.metrics === undefined ? given.reader : createMeteredReader(given.reader, { metrics, clock });
  const config = { ...DEFAULT_STORAGE_SERVICE_CONFIG, ...given.config };
  const views = given.views ?? createLedgerViews({ ...given, reader, config });
  const service = createStorageService({ ...given, reader, views });
  const room = createAnswerRoom({ config, clock, metrics });
  const frames = createAnswerFrames({ service, room, config, clock, metrics });
  const admission = createAdmission({ config, views, clock, metrics, log });
  const watch = createHeadWatch({ views, clock, config, log });
  const waiting = createWaiting({ reader, watch, frames, room, clock, config, metrics });
  const onCommit = async () => watch.changed(await views.refreshed());
  const follower = commits === undefined ? undefined : followCommits(commits, { onCommit, log });

  const dispatch: AnswerRequest = async (request, requester, signal) => {
    room.assertTaking(requester);
    if (isWaitingRequest(request)) return await waiting.answer(request, requester, signal);
    assertGeneration(request, config);
    const frame = await frames.frame(request, requester.trusted || SMALL_ANSWERS.has(request.kind));
    // Many may have been let in before the first was answered.
    room.assertTaking(requester);
    return frame;
  };

  return {
    answer: withRequestMetrics(async (request, requester, signal) => {
      signal?.throwIfAborted();
      return await admission.admitted(request, requester, () => dispatch(request, requester, signal));
    }, { metrics, clock }),
    countUnreadable: admission.countUnreadable,
    sending: room.sending,
    chain: service.chain,
    view: service.view,
    stop() {
      follower?.stop();
      waiting.stop();
    },
  };
}

/** Requests whose answers are small whatever the ledger holds. */
const SMALL_ANSWERS: ReadonlySet<DataRequest["kind"]> = new Set([
  ...["getServerProtocolVersion", "getPeers", "getStorageServerSummary", "getLatestLedgerInfo"] as const,
  ...["getNumberOfStatesAtVersion", "getEpochEndingAtVersion"] as const,
]);

/** Both kinds of requests that wait. */
function createWaiting(parts: WaitingParts) {
  const fetches = createOptimisticFetches(parts);
  const subscriptions = createSubscriptions(parts);
  return {
    answer(request: WaitingRequest, requester: Requester, signal?: AbortSignal): Promise<AnswerFrame> {
      return "stream" in request
        ? subscriptions.answer(request, requester, signal)
        : fetches.answer(request, requester, signal);
    },
    stop() {
      fetches.stop();
      subscriptions.stop();
    },
  };
}
