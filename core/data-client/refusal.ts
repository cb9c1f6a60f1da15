/**
 * Which failures end the matter between one peer and one request.
 *
 * @module
 */
import type { SyncError, SyncErrorCode } from "../errors.ts";

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
