/**
 * The transport over `fetch`: GET where the request has a path, else `POST /v1/request`.
 *
 * A peer is hostile until proven otherwise: redirects are refused, the body is read as a stream and dropped at the limit
 * (after the content coding, which only `fetch` itself undoes), and nothing a header says is believed beyond that.
 *
 * @module
 */
import { isSyncError, SyncError } from "../../core/errors.ts";
import type { Transport, TransportMessage, TransportOptions } from "../../core/ports/transport.ts";
import { MAX_ERROR_MESSAGE_BYTES } from "../../core/wire/limits.ts";
import { decodeResponse } from "../../core/wire/response.ts";
import { bodyTooLong, readBoundedBody } from "./bounded-body.ts";
import { errorOfStatus, retryAfterMsOf } from "./http-status.ts";
import { createSlots } from "./slots.ts";

/** Sends one HTTP request: the global `fetch`, or anything that behaves like it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Settings of the transport. */
export interface FetchTransportOptions {
  /** Must obey `signal` and `redirect: "manual"`. */
  readonly fetch: Fetch;
  /**
   * Most exchanges at once, over all peers. Workers and browsers allow 6 connections; more would wait inside `fetch`, where
   * their time runs unseen.
   *
   * @default {6}
   */
  readonly maxConcurrent?: number;
}

const DEFAULT_MAX_CONCURRENT = 6;
const MEDIA_TYPE = "application/cbor";
/** An error frame: its text, its chain, and the heads around them. */
const MAX_ERROR_FRAME_BYTES = MAX_ERROR_MESSAGE_BYTES + 128;

/** Why the time limit aborts an exchange; told apart from the caller's own abort by identity. */
interface Deadline {
  readonly signal: AbortSignal;
  readonly reason: SyncError;
  stop(): void;
}

/**
 * Creates a transport.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if `maxConcurrent` is not a positive integer.
 */
export function createFetchTransport(options: FetchTransportOptions): Transport {
  const maxConcurrent = options.maxConcurrent ?? DEFAULT_MAX_CONCURRENT;
  if (!Number.isInteger(maxConcurrent) || maxConcurrent < 1) {
    throw new SyncError("INVALID_ARGUMENT", `Cannot create transport: maxConcurrent is ${maxConcurrent}, at least 1`);
  }
  const slots = createSlots(maxConcurrent);
  return {
    async send(peer, message, sendOptions) {
      const url = urlOf(peer, message);
      const deadline = startDeadline(sendOptions);
      try {
        const release = await slots.take(deadline.signal);
        try {
          return await exchange(options.fetch, url, message, { ...sendOptions, signal: deadline.signal });
        } finally {
          release();
        }
      } catch (error) {
        throw failureOf(error, peer, deadline, sendOptions.signal);
      } finally {
        deadline.stop();
      }
    },
  };
}

async function exchange(
  fetch: Fetch,
  url: string,
  message: TransportMessage,
  options: TransportOptions & { signal: AbortSignal },
): Promise<Uint8Array> {
  const { signal, maxResponseBytes } = options;
  // While it waited for its slot, or for its turn after that, it may have been given up.
  signal.throwIfAborted();
  const response = await fetch(url, {
    ...(message.path === undefined ? postOf(message.body) : { method: "GET", headers: { accept: MEDIA_TYPE } }),
    redirect: "manual",
    signal,
  });
  if (response.status !== 200) throw await errorOf(response);
  const type = response.headers.get("content-type");
  if (type !== MEDIA_TYPE) {
    drop(response);
    throw new SyncError("MALFORMED_FRAME", `Cannot use answer: its type is ${MEDIA_TYPE}, current value is ${type}`);
  }
  const declared = declaredBytes(response);
  if (declared !== undefined && declared > maxResponseBytes) {
    drop(response);
    throw bodyTooLong("LIMIT_EXCEEDED", maxResponseBytes, declared);
  }
  const limits = { maxBytes: maxResponseBytes, code: "LIMIT_EXCEEDED", expectedBytes: declared } as const;
  return await readBoundedBody(response.body, limits);
}

function postOf(body: Uint8Array): RequestInit {
  return {
    method: "POST",
    headers: { accept: MEDIA_TYPE, "content-type": MEDIA_TYPE },
    body: body as Uint8Array<ArrayBuffer>,
  };
}

/** The error that an answer with another status than 200 is. */
async function errorOf(response: Response): Promise<SyncError> {
  const { status, headers } = response;
  // What browsers make of a redirect; the types of Workers do not know it.
  const type: string = response.type;
  if (type === "opaqueredirect" || (status >= 300 && status < 400)) {
    drop(response);
    return new SyncError("CONNECTION_FAILED", `Cannot use answer: redirects are refused, the HTTP status is ${status}`);
  }
  const retryAfter = headers.get("retry-after");
  const error = await errorFrameOf(response);
  if (error === undefined) return errorOfStatus(status, retryAfter);
  const retryAfterMs = retryAfterMsOf(retryAfter);
  if (retryAfterMs === undefined || error.detail["retryAfterMs"] !== undefined) return error;
  return new SyncError(error.code, error.message, { detail: { ...error.detail, retryAfterMs } });
}

/** The error in the body, if the body is an error frame. */
async function errorFrameOf(response: Response): Promise<SyncError | undefined> {
  try {
    const limits = { maxBytes: MAX_ERROR_FRAME_BYTES, code: "LIMIT_EXCEEDED" } as const;
    return decodeResponse(await readBoundedBody(response.body, limits), limits).error;
  } catch (error) {
    if (isSyncError(error)) return undefined;
    throw error;
  }
}

/** `Content-Length`, where it counts what will be read: not under a content coding. */
function declaredBytes({ headers }: Response): number | undefined {
  const length = headers.get("content-length");
  if (length === null || headers.get("content-encoding") !== null) return undefined;
  return /^[0-9]{1,15}$/.test(length) ? Number(length) : undefined;
}

/** Gives a body up that nobody reads. */
function drop({ body }: Response): void {
  body?.cancel().catch(() => {});
}

function startDeadline({ timeoutMs, signal }: TransportOptions): Deadline {
  const controller = new AbortController();
  const reason = new SyncError("REQUEST_TIMEOUT", `Cannot get answer: no more than ${timeoutMs} ms are allowed`, {
    detail: { timeoutMs },
  });
  const timer = setTimeout(() => controller.abort(reason), timeoutMs);
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    reason,
    stop() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
}

/** What a failed exchange is for the caller: its own abort, the time limit, an error of ours, or a broken connection. */
function failureOf(error: unknown, peer: string, deadline: Deadline, signal: TransportOptions["signal"]): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (deadline.signal.aborted) return deadline.reason;
  if (isSyncError(error)) return error;
  return new SyncError("CONNECTION_FAILED", `Cannot reach peer ${peer}`, { detail: { peer }, cause: error });
}

function urlOf(peer: string, { path }: TransportMessage): string {
  const base = peer.replace(/\/+$/, "");
  if (!/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/.test(base) || (path !== undefined && !path.startsWith("/"))) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot use peer ${peer}: it is the http or https URL of a storage service`,
    );
  }
  return base + (path ?? "/v1/request");
}
