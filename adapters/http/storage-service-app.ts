/**
 * The storage service as a web application (Hono): `POST /v1/request` takes any request, every direct one has a GET.
 *
 * Runs wherever `fetch` handlers run. Every route has one handler and no middleware, and every answer is made by
 * `new Response(bytes, { headers: a plain record })`: only so does the Node server write it without building a real
 * `Response`, at a quarter of the time.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { isSyncError } from "../../core/errors.ts";
import type { Log } from "../../core/ports/log.ts";
import type { AnswerFrame } from "../../core/storage-service/answer-frame.ts";
import { type Requester, UNKNOWN_REQUESTER } from "../../core/storage-service/requester.ts";
import type { StorageServer } from "../../core/storage-service/storage-server.ts";
import { assertSameChain } from "../../core/wire/frame.ts";
import { MAX_REQUEST_BYTES } from "../../core/wire/limits.ts";
import { requestOfPath } from "../../core/wire/paths.ts";
import { type DataRequest, decodeRequest } from "../../core/wire/request.ts";
import { isWaitingRequest } from "../../core/wire/request-types.ts";
import { bodyTooLong, readBoundedBody } from "./bounded-body.ts";
import type { ClientConnection, RequesterOf } from "./client-address.ts";
import type { Sha3 } from "./entity-tag.ts";
import { createFrameReplies, type ReplyOf } from "./frame-replies.ts";
import { healthOf } from "./health.ts";
import { wireError, wireErrorOf } from "./http-status.ts";
import { createOpenApiDocument, HEALTH_PATH, OPENAPI_PATH, REQUEST_PATH } from "./openapi.ts";
import { errorReply, GONE_REPLY, jsonReply, PREFLIGHT_REPLY, type Reply, strayReply } from "./reply.ts";
import type { RequestLog } from "./request-log.ts";

/** What the application is made of. */
export interface StorageServiceAppOptions {
  /** Answers the requests. */
  readonly server: StorageServer;
  /** Hashes answers for their entity tags. */
  readonly sha3: Sha3;
  /** Milliseconds since the Unix epoch, for the age of the head in `/healthz`. */
  readonly nowMs: () => number;
  /** Told of failures that nobody expected. */
  readonly log: Log;
  /**
   * Whether answers of a kilobyte and more go out compressed to clients that take gzip. Outputs of a chain shrink to a third,
   * for 30 ms of CPU a megabyte, once as long as the copy is kept. Off where what stands in front, such as the edge of
   * Cloudflare, compresses.
   *
   * @default {false}
   */
  readonly compression?: boolean;
  /** Tells who asks. If absent, nothing is known of anyone. */
  readonly requesterOf?: RequesterOf;
  /** Called once for each request, when its answer is known. */
  readonly onRequest?: RequestLog;
}

/** What Hono is to know: the runtime hands in what it knows of the connection. */
interface AppEnv {
  readonly Bindings: ClientConnection;
}

/** The application: `fetch(request, connection)`, which never rejects. */
export type StorageServiceApp = Hono<AppEnv>;

type AppContext = Context<AppEnv>;

/** What every request needs. */
interface Parts extends StorageServiceAppOptions {
  readonly replyOf: ReplyOf;
}

/** Creates the application. */
export function createStorageServiceApp(options: StorageServiceAppOptions): StorageServiceApp {
  const { server, sha3, nowMs, compression = false } = options;
  const parts: Parts = { ...options, replyOf: createFrameReplies({ sha3, compression }) };
  const openApiReply = jsonReply(createOpenApiDocument());
  const app = new Hono<AppEnv>();
  app.options("*", (c) => send(c, parts, PREFLIGHT_REPLY));
  app.get(OPENAPI_PATH, (c) => send(c, parts, openApiReply));
  app.get(HEALTH_PATH, async (c) => send(c, parts, jsonReply(await healthOf(server, nowMs()))));
  app.post(REQUEST_PATH, async (c) => send(c, parts, await postReply(c, parts)));
  app.get("/v1/*", async (c) => send(c, parts, await getReply(c, parts)));
  app.notFound(async (c) => send(c, parts, await strayReply(server, c.req.method)));
  return app;
}

async function getReply(c: AppContext, parts: Parts): Promise<Reply> {
  return await guarded(c, parts, async () => {
    const { request, fresh } = readable(c, parts, () => requestOfPath(targetOf(c.req.url)));
    const frame = await answerTo(c, parts, request);
    return await parts.replyOf(frame, {
      // Who waits for what is new wants it now, whatever its lifetime is for those who ask for it by its place.
      mayBeKept: fresh === undefined && !isWaitingRequest(request),
      ifNoneMatch: c.req.header("if-none-match"),
      acceptEncoding: acceptEncodingOf(c, parts),
    });
  });
}

async function postReply(c: AppContext, parts: Parts): Promise<Reply> {
  return await guarded(c, parts, async () => {
    const body = await readRequestBody(c);
    const { chain, request } = readable(c, parts, () => decodeRequest(body));
    assertSameChain(await parts.server.chain(), chain);
    const reply = await guarded(c, parts, async () => {
      const frame = await answerTo(c, parts, request);
      return await parts.replyOf(frame, { mayBeKept: false, acceptEncoding: acceptEncodingOf(c, parts) });
    });
    return { ...reply, request };
  });
}

/** What cannot be read counts against who sent it. */
function readable<T>(c: AppContext, parts: Parts, read: () => T): T {
  try {
    return read();
  } catch (error) {
    parts.server.countUnreadable(requesterOf(c, parts));
    throw error;
  }
}

/** Not looked at where nothing depends on it. */
function acceptEncodingOf(c: AppContext, { compression = false }: Parts): string | undefined {
  return compression ? c.req.header("accept-encoding") : undefined;
}

/** Asks the server, in the name of whoever asks us; what waits is given up when its client goes away. */
async function answerTo(c: AppContext, parts: Parts, request: DataRequest): Promise<AnswerFrame> {
  const { server } = parts;
  const signal = isWaitingRequest(request) ? c.req.raw.signal : undefined;
  const requester = requesterOf(c, parts);
  const frame = await server.answer(request, requester, signal);
  connectionOf(c).whenSent?.(server.sending(frame, requester));
  return frame;
}

function requesterOf(c: AppContext, parts: Parts): Requester {
  return parts.requesterOf?.(connectionOf(c), (name) => c.req.header(name)) ?? UNKNOWN_REQUESTER;
}

/** A caller without a runtime's connection calls `fetch(request)` alone. */
function connectionOf(c: AppContext): ClientConnection {
  const connection: ClientConnection | undefined = c.env;
  return connection ?? NO_CONNECTION;
}

const NO_CONNECTION: ClientConnection = {};

/** Runs `reply`; what it throws becomes an error frame, unless nobody is there to read it. */
async function guarded(c: AppContext, { server, log }: Parts, reply: () => Promise<Reply>): Promise<Reply> {
  try {
    return await reply();
  } catch (error) {
    if (!isSyncError(error)) {
      if (c.req.raw.signal.aborted) return GONE_REPLY;
      log.error("Cannot answer HTTP request", { path: targetOf(c.req.url), reason: String(error) });
    }
    return await errorReply(server, wireErrorOf(error));
  }
}

/** The body of a POST; refused before it is read where its declared length is too long already. */
async function readRequestBody(c: AppContext): Promise<Uint8Array> {
  const coding = c.req.header("content-encoding") ?? "identity";
  if (coding !== "identity") throw wireError("INVALID_REQUEST", "Cannot read body: requests have no content coding");
  const declared = Number(c.req.header("content-length") ?? Number.NaN);
  if (declared > MAX_REQUEST_BYTES) throw bodyTooLong("TOO_LARGE", MAX_REQUEST_BYTES, declared);
  try {
    const isFramed = declared >= 0 && c.req.header("transfer-encoding") === undefined;
    return await (isFramed ? readFramedBody(c) : readBoundedBody(c.req.raw.body, BODY_LIMIT));
  } catch (error) {
    // A body that breaks off is its sender's failure, whether or not the runtime has noticed that the sender is gone.
    if (isSyncError(error) || c.req.raw.signal.aborted) throw error;
    throw wireError("INVALID_REQUEST", "Cannot read body: it breaks off");
  }
}

const BODY_LIMIT = { maxBytes: MAX_REQUEST_BYTES, code: "TOO_LARGE" } as const;

/**
 * A body of which a server hands on as many bytes as its length says. Read so, the Node server need not build a stream and a
 * whole `Request` around it, which takes four times as long as all the rest.
 */
async function readFramedBody(c: AppContext): Promise<Uint8Array> {
  const body = new Uint8Array(await c.req.raw.arrayBuffer());
  if (body.length > MAX_REQUEST_BYTES) throw bodyTooLong("TOO_LARGE", MAX_REQUEST_BYTES, body.length);
  return body;
}

function send(c: AppContext, { onRequest }: Parts, { status, headers, body: whole, request }: Reply): Response {
  const { method } = c.req;
  const body = method === "HEAD" ? null : whole;
  if (onRequest !== undefined) {
    const what = request === undefined ? {} : { request };
    onRequest({ method, path: targetOf(c.req.url), status, bytes: body?.length ?? 0, ...what });
  }
  // Workers would compress again what says that it is compressed. Other runtimes know no such setting.
  const init: ResponseInit & { encodeBody: string } = { status, headers, encodeBody: "manual" };
  return new Response(body, init);
}

/** Path and query as they came, not decoded: they have one spelling. */
function targetOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  return start < 0 ? "/" : url.slice(start);
}
