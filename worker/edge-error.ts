/**
 * Errors that never reached the application: of the front, and of an object that cannot open its ledger.
 *
 * @module
 */
import { CACHE_CONTROL, frameHeaders } from "../adapters/http/answer-headers.ts";
import { statusOf, wireError } from "../adapters/http/http-status.ts";
import type { SyncError } from "../core/errors.ts";
import { encodeError, type WireErrorCode } from "../core/wire/error-frame.ts";

const UNKNOWN_CHAIN = new Uint8Array(32);
/** Seconds after which an object that was evicted or replaced is there again. */
const RETRY_AFTER = { "retry-after": "1" };

/** An error as a frame that nobody may keep, under its status. */
export function edgeError(error: SyncError & { readonly code: WireErrorCode }): Response {
  const body = encodeError(UNKNOWN_CHAIN, error);
  const retry = error.code === "INTERNAL" ? RETRY_AFTER : {};
  const headers = { ...frameHeaders(body.length), ...retry, "cache-control": CACHE_CONTROL.none };
  return new Response(body, { status: statusOf(error), headers });
}

/**
 * What a client hears while there is no ledger to ask: to ask again.
 *
 * @param reason Ends the sentence "Cannot answer: …".
 */
export function unavailable(reason: string): Response {
  return edgeError(wireError("INTERNAL", `Cannot answer: ${reason}`));
}
