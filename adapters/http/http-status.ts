/**
 * Errors of the service as HTTP: which status, which headers, which frame.
 *
 * @module
 */
import { isSyncError, SyncError } from "../../core/errors.ts";
import { isWireErrorCode, type WireErrorCode } from "../../core/wire/error-frame.ts";
import { MAX_RETRY_AFTER_MS } from "../../core/wire/limits.ts";

const STATUS_BY_CODE: Readonly<Record<WireErrorCode, number>> = {
  INVALID_REQUEST: 400,
  WRONG_CHAIN: 400,
  NOT_SERVICEABLE: 404,
  NOT_A_CHECKPOINT: 404,
  PRUNED: 404,
  TOO_LARGE: 413,
  TOO_MANY_REQUESTS: 429,
  TOO_MANY_INVALID_REQUESTS: 429,
  INTERNAL: 503,
};

/** Wait that a 429 asks for where the error does not say one. */
const DEFAULT_RETRY_AFTER_MS = 1_000;

/**
 * The error that a client hears of: one with a code that travels. Broken frames are invalid requests; everything else is
 * `INTERNAL`, and says nothing about what happened here.
 */
export function wireErrorOf(error: unknown): SyncError & { readonly code: WireErrorCode } {
  if (isSyncError(error)) {
    if (isWireErrorCode(error.code)) return error as SyncError & { readonly code: WireErrorCode };
    if (error.code === "MALFORMED_FRAME" || error.code === "LIMIT_EXCEEDED") {
      return wireError("INVALID_REQUEST", error.message);
    }
  }
  return wireError("INTERNAL", "The server failed on its side");
}

/** An error with a code that travels. */
export function wireError(code: WireErrorCode, message: string): SyncError & { readonly code: WireErrorCode } {
  return new SyncError(code, message) as SyncError & { readonly code: WireErrorCode };
}

/** Status of an error. */
export function statusOf(error: SyncError & { readonly code: WireErrorCode }): number {
  return STATUS_BY_CODE[error.code];
}

/** `Retry-After` in whole seconds, for a 429. */
export function retryAfterSeconds(error: SyncError): number {
  const { retryAfterMs } = error.detail;
  const delayMs = typeof retryAfterMs === "number" ? retryAfterMs : DEFAULT_RETRY_AFTER_MS;
  return Math.max(1, Math.ceil(delayMs / 1000));
}

/**
 * The error that the status of an answer alone tells of, where its body is no error frame (a proxy wrote it).
 *
 * @param retryAfter Value of the `Retry-After` header.
 */
export function errorOfStatus(status: number, retryAfter: string | null): SyncError {
  const message = `Cannot use answer: the peer says HTTP status ${status}`;
  if (status === 429 || status === 503) {
    const detail = { retryAfterMs: retryAfterMsOf(retryAfter) ?? DEFAULT_RETRY_AFTER_MS };
    return new SyncError(status === 429 ? "TOO_MANY_REQUESTS" : "INTERNAL", message, { detail });
  }
  if (status === 400) return new SyncError("INVALID_REQUEST", message);
  if (status === 404) return new SyncError("NOT_SERVICEABLE", message);
  if (status === 413) return new SyncError("TOO_LARGE", message);
  if (status >= 500) return new SyncError("INTERNAL", message);
  return new SyncError("CONNECTION_FAILED", message);
}

/** Milliseconds of a `Retry-After` in seconds, at most 30,000; `undefined` if it is absent or says a date. */
export function retryAfterMsOf(header: string | null): number | undefined {
  if (header === null || !/^[0-9]{1,10}$/.test(header)) return undefined;
  return Math.min(Number(header) * 1000, MAX_RETRY_AFTER_MS);
}
