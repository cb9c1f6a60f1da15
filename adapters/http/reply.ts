/**
 * Replies that are no answers: errors, health, and what browsers ask before they ask.
 *
 * @module
 */
import type { SyncError } from "../../core/errors.ts";
import type { StorageServer } from "../../core/storage-service/storage-server.ts";
import { encodeError, type WireErrorCode } from "../../core/wire/error-frame.ts";
import type { DataRequest } from "../../core/wire/request.ts";
import { CACHE_CONTROL, CORS_HEADERS, frameHeaders, JSON_MEDIA_TYPE } from "./answer-headers.ts";
import { retryAfterSeconds, statusOf, wireError } from "./http-status.ts";

/** A response before it is sent. */
export interface Reply {
  /** HTTP status. */
  readonly status: number;
  /** Shared by all that get the same: read only. */
  readonly headers: Readonly<Record<string, string>>;
  /** Shared likewise. */
  readonly body: Uint8Array<ArrayBuffer> | null;
  /** What was asked, where the body and not the path says it. */
  readonly request?: DataRequest;
}

/** Where nothing is found, and a method that nothing takes. */
const NOT_FOUND = 404;
const METHOD_NOT_ALLOWED = 405;
/** For the log alone: the client went away. Not a registered status; nginx made it customary. */
const CLIENT_CLOSED_REQUEST = 499;

const METHODS = "GET, HEAD, POST, OPTIONS";

/** To a preflight. */
export const PREFLIGHT_REPLY: Reply = {
  status: 204,
  headers: {
    ...CORS_HEADERS,
    "access-control-allow-methods": METHODS,
    "access-control-allow-headers": "Content-Type, If-None-Match",
    "access-control-max-age": "86400",
  },
  body: null,
};

/** To a client that hung up. Nobody reads it. */
export const GONE_REPLY: Reply = { status: CLIENT_CLOSED_REQUEST, headers: {}, body: null };

/** An error as a frame. */
export async function errorReply(
  server: Pick<StorageServer, "chain">,
  error: SyncError & { readonly code: WireErrorCode },
): Promise<Reply> {
  const body = encodeError(await chainOrUnknown(server), error);
  const status = statusOf(error);
  const retry = status === 429 ? { "retry-after": String(retryAfterSeconds(error)) } : {};
  return { status, headers: { ...frameHeaders(body.length), ...retry, "cache-control": CACHE_CONTROL.none }, body };
}

/** To a path outside the service, or a method that no path takes. */
export async function strayReply(server: Pick<StorageServer, "chain">, method: string): Promise<Reply> {
  const reply = await errorReply(server, wireError("INVALID_REQUEST", "Cannot find this path and method here"));
  if (method === "GET" || method === "HEAD" || method === "POST") return { ...reply, status: NOT_FOUND };
  return { ...reply, status: METHOD_NOT_ALLOWED, headers: { ...reply.headers, allow: METHODS } };
}

/** A JSON document about this server, which nobody keeps. */
export function jsonReply(document: unknown): Reply {
  const body = new TextEncoder().encode(JSON.stringify(document)) as Uint8Array<ArrayBuffer>;
  const headers = {
    ...frameHeaders(body.length),
    "content-type": JSON_MEDIA_TYPE,
    "cache-control": CACHE_CONTROL.none,
  };
  return { status: 200, headers, body };
}

/** A store that fails to tell its chain must not keep its error from being told. */
async function chainOrUnknown(server: Pick<StorageServer, "chain">): Promise<Uint8Array> {
  try {
    return await server.chain();
  } catch {
    return new Uint8Array(32);
  }
}
