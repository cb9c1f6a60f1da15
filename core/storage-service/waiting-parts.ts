/**
 * What optimistic fetches and subscriptions are made of.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import type { LedgerReader } from "../ledger/reader.ts";
import type { Clock } from "../ports/clock.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { WaitingRequest } from "../wire/request-types.ts";
import type { AnswerFrames } from "./answer-frames.ts";
import type { AnswerRoom } from "./answer-room.ts";
import type { StorageServiceConfig } from "./config.ts";
import type { HeadWatch } from "./head-watch.ts";

/** Parts of both. */
export interface WaitingParts {
  /** Where epoch endings are read. */
  readonly reader: Pick<LedgerReader, "epochEndings">;
  /** Tells when there is something new. One for both. */
  readonly watch: HeadWatch;
  /** Where data is read and frames are shared. */
  readonly frames: Pick<AnswerFrames, "list" | "shared">;
  /** Where data is read and frames are made. */
  readonly room: Pick<AnswerRoom, "turn">;
  /** Tells how long requests wait. */
  readonly clock: Clock;
  /** Limits. */
  readonly config: StorageServiceConfig;
  /** Told what happens. */
  readonly metrics: Metrics;
}

/** What a client that meets a limit of the process is asked to wait: places become free all the time. */
const RETRY_AFTER_MS = 1_000;

/** The refusal where nothing came while a request waited. */
export function nothingNew(request: WaitingRequest, periodMs: number): SyncError {
  return new SyncError("NOT_SERVICEABLE", `Cannot answer ${request.kind}: nothing new within ${periodMs} ms`);
}

/** The refusal of a server that ends. */
export function serverEnds(request: WaitingRequest): SyncError {
  return new SyncError("NOT_SERVICEABLE", `Cannot answer ${request.kind}: the server ends`);
}

/** The refusal where as many wait as may. */
export function tooMany(what: string, limit: number): SyncError {
  return new SyncError("TOO_MANY_REQUESTS", `Cannot hold request: at most ${limit} ${what} at the same time`, {
    detail: { retryAfterMs: RETRY_AFTER_MS, limit },
  });
}
