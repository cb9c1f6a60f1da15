/**
 * What a client hears while there is no ledger to ask: to ask again.
 *
 * @module
 */
import { CACHE_CONTROL, frameHeaders } from "../adapters/http/answer-headers.ts";
import { SyncError } from "../core/errors.ts";
import { encodeError } from "../core/wire/error-frame.ts";

const UNKNOWN_CHAIN = new Uint8Array(32);
const STATUS = 503;
/** Seconds after which an object that was evicted or replaced is there again. */
const RETRY_AFTER = "1";

/**
 * An answer of status 503 that nobody may keep.
 *
 * @param reason Ends the sentence "Cannot answer: …".
 */
export function unavailable(reason: string): Response {
  const body = encodeError(UNKNOWN_CHAIN, new SyncError("INTERNAL", `Cannot answer: ${reason}`));
  const headers = { ...frameHeaders(body.length), "cache-control": CACHE_CONTROL.none, "retry-after": RETRY_AFTER };
  return new Response(body, { status: STATUS, headers });
}
