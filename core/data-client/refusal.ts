/**
 * What failures of requests mean: which end the matter between one peer and one request, and which are nobody's but the peers'.
 *
 * @module
 */
import { isSyncError, type SyncError, type SyncErrorCode } from "../errors.ts";

/** What a peer says to a request that it does not answer, though the code puts the fault on the caller. */
const REFUSALS: ReadonlySet<SyncErrorCode> = new Set<SyncErrorCode>([
  "INVALID_REQUEST",
  "NOT_A_CHECKPOINT",
  "PRUNED",
  "TOO_LARGE",
]);

/** Nobody is proven wrong and the same peer may answer in a moment. */
const WORTH_ASKING_AGAIN: ReadonlySet<SyncErrorCode> = new Set<SyncErrorCode>([
  "TOO_MANY_REQUESTS",
  "TOO_MANY_INVALID_REQUESTS",
  "INTERNAL",
  "REQUEST_TIMEOUT",
  "CONNECTION_FAILED",
]);

/**
 * Tells whether asking the same peer the same again is pointless: its answer was wrong, or it said no.
 *
 * What a peer says about us (an invalid request, a pruned range) counts as its refusal, never as our fault: it may lie.
 */
export function isRefusal(error: SyncError): boolean {
  return !WORTH_ASKING_AGAIN.has(error.code);
}

/**
 * Tells whether a request failed because no peer answered it, or none rightly; not because of the call or the store.
 *
 * @param error What a data client's `request` threw.
 */
export function isUnanswered(error: unknown): error is SyncError {
  if (!isSyncError(error)) return false;
  return error.fault === "transient" || error.fault === "peer" || REFUSALS.has(error.code);
}
