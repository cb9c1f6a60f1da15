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
import type { Log } from "../../core/ports/log.ts";
import type { AnswerFrame } from "../../core/storage-service/answer-frame.ts";
import type { AnswerLifetime } from "../../core/storage-service/lifetime.ts";
import { type Requester, UNKNOWN_REQUESTER } from "../../core/storage-service/requester.ts";
import type { StorageServer } from "../../core/storage-service/storage-server.ts";
import { encodeError } from "../../core/wire/error-frame.ts";
import { assertSameChain } from "../../core/wire/frame.ts";
import { MAX_REQUEST_BYTES } from "../../core/wire/limits.ts";
import { requestOfPath } from "../../core/wire/paths.ts";
import { type DataRequest, decodeRequest } from "../../core/wire/request.ts";
import { CACHE_CONTROL, cacheHeaders, CORS_HEADERS, frameHeaders } from "./answer-headers.ts";
import { bodyTooLong, readBoundedBody } from "./bounded-body.ts";
import type { ClientConnection, RequesterOf } from "./client-address.ts";
import { entityTag, matchesEntityTag, type Sha3 } from "./entity-tag.ts";
import { healthOf } from "./health.ts";
import { retryAfterSeconds, statusOf, wireError, wireErrorOf } from "./http-status.ts";
import type { RequestLog } from "./request-log.ts";

/** What the application is made of. */
export interface StorageServiceAppOptions {
  /** Answers the requests. */
  readonly server: StorageServer;
  /** Hashes answers for their entity tags. */
  readonly sha3: Sha3;
  /** Milliseconds since the Unix epoch, for the age of the head in `/healthz`. */
  readonly nowMs: () => number;
  /** Told of failures of our own. */
  readonly log: Log;
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

const PREFLIGHT_HEADERS = {
  ...CORS_HEADERS,
  "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
  "access-control-allow-headers": "Content-Type, If-None-Match",
  "access-control-max-age": "86400",
};

/** Where nothing is found, and a method that nothing takes. */
const NOT_FOUND = 404;
const METHOD_NOT_ALLOWED = 405;

/** An answer before it is sent. */
interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  readonly request?: DataRequest;
}

/** Creates the application. */
export function createStorageServiceApp(options: StorageServiceAppOptions): StorageServiceApp {
  const app = new Hono<AppEnv>();
  app.options("*", (c) => send(c, options, { status: 204, headers: PREFLIGHT_HEADERS, body: null }));
  app.get("/healthz", async (c) => send(c, options, await healthReply(options)));
  app.post("/v1/request", async (c) => send(c, options, await postReply(c, options)));
  app.get("/v1/*", async (c) => send(c, options, await getReply(c, options)));
  app.notFound(async (c) => send(c, options, await strayReply(c, options)));
  return app;
}

async function getReply(c: AppContext, options: StorageServiceAppOptions): Promise<Reply> {
  return await guarded(options, async () => {
    const { request, fresh } = requestOfPath(targetOf(c.req.url));
    const { bytes, lifetime } = await answerTo(c, options, request);
    return cachedReply(c, options, bytes, fresh === undefined ? lifetime : "none");
  });
}

async function postReply(c: AppContext, options: StorageServiceAppOptions): Promise<Reply> {
  return await guarded(options, async () => {
    const { chain, request } = decodeRequest(await readRequestBody(c));
    assertSameChain(await options.server.chain(), chain);
    const reply = await guarded(options, async () => {
      const { bytes: body } = await answerTo(c, options, request);
      return { status: 200, headers: { ...frameHeaders(body.length), "cache-control": CACHE_CONTROL.none }, body };
    });
    return { ...reply, request };
  });
}

/** Asks the server, in the name of whoever asks us; what waits is given up when its client goes away. */
function answerTo(c: AppContext, options: StorageServiceAppOptions, request: DataRequest): Promise<AnswerFrame> {
  const requester = requesterOf(c, options);
  const waits = "knownVersion" in request || "stream" in request;
  return options.server.answer(request, requester, waits ? c.req.raw.signal : undefined);
}

function requesterOf(c: AppContext, options: StorageServiceAppOptions): Requester {
  // A caller without a runtime's connection calls `fetch(request)` alone.
  const connection: ClientConnection | undefined = c.env;
  return options.requesterOf?.(connection ?? {}, (name) => c.req.header(name)) ?? UNKNOWN_REQUESTER;
}

/** Runs `reply`; what it throws becomes an error frame. */
async function guarded(options: StorageServiceAppOptions, reply: () => Promise<Reply>): Promise<Reply> {
  try {
    return await reply();
  } catch (error) {
    return await errorReply(options, wireErrorOf(error));
  }
}

function cachedReply(
  c: AppContext,
  { sha3 }: StorageServiceAppOptions,
  body: Uint8Array,
  lifetime: AnswerLifetime,
): Reply {
  const headers = cacheHeaders(lifetime);
  if (lifetime === "none") return { status: 200, headers: { ...frameHeaders(body.length), ...headers }, body };
  const etag = entityTag(sha3(body));
  if (matchesEntityTag(c.req.header("if-none-match"), etag)) {
    return { status: 304, headers: { ...CORS_HEADERS, ...headers, etag }, body: null };
  }
  return { status: 200, headers: { ...frameHeaders(body.length), ...headers, etag }, body };
}

async function errorReply(options: StorageServiceAppOptions, error: ReturnType<typeof wireErrorOf>): Promise<Reply> {
  const body = encodeError(await chainOrUnknown(options), error);
  const status = statusOf(error);
  const retry = status === 429 ? { "retry-after": String(retryAfterSeconds(error)) } : {};
  return { status, headers: { ...frameHeaders(body.length), ...retry, "cache-control": CACHE_CONTROL.none }, body };
}

/** A path outside the service, or a method that no path takes. */
async function strayReply(c: AppContext, options: StorageServiceAppOptions): Promise<Reply> {
  const { method } = c.req;
  const known = method === "GET" || method === "HEAD" || method === "POST";
  const reply = await errorReply(options, wireError("INVALID_REQUEST", "Cannot find this path and method here"));
  if (known) return { ...reply, status: NOT_FOUND };
  return { ...reply, status: METHOD_NOT_ALLOWED, headers: { ...reply.headers, allow: "GET, HEAD, POST, OPTIONS" } };
}

async function healthReply({ server, nowMs }: StorageServiceAppOptions): Promise<Reply> {
  const body = new TextEncoder().encode(JSON.stringify(await healthOf(server, nowMs())));
  const headers = {
    ...frameHeaders(body.length),
    "content-type": "application/json",
    "cache-control": CACHE_CONTROL.none,
  };
  return { status: 200, headers, body };
}

/** The body of a POST; refused before it is read where its declared length is too long already. */
async function readRequestBody(c: AppContext): Promise<Uint8Array> {
  const coding = c.req.header("content-encoding") ?? "identity";
  if (coding !== "identity") throw wireError("INVALID_REQUEST", "Cannot read body: requests have no content coding");
  const declared = Number(c.req.header("content-length") ?? "0");
  if (declared > MAX_REQUEST_BYTES) throw bodyTooLong("TOO_LARGE", MAX_REQUEST_BYTES, declared);
  return await readBoundedBody(c.req.raw.body, { maxBytes: MAX_REQUEST_BYTES, code: "TOO_LARGE" });
}

function send(c: AppContext, { onRequest }: StorageServiceAppOptions, reply: Reply): Response {
  const { status, headers, body, request } = reply;
  const { method } = c.req;
  const bytes = method === "HEAD" ? 0 : body?.length ?? 0;
  const what = request === undefined ? {} : { request };
  onRequest?.({ method, path: targetOf(c.req.url), status, bytes, ...what });
  return new Response(body as Uint8Array<ArrayBuffer> | null, { status, headers: { ...headers } });
}

/** A store that fails to tell its chain must not keep its error from being told. */
async function chainOrUnknown({ server }: StorageServiceAppOptions): Promise<Uint8Array> {
  try {
    return await server.chain();
  } catch {
    return new Uint8Array(32);
  }
}

/** Path and query as they came, not decoded: they have one spelling. */
function targetOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  return start < 0 ? "/" : url.slice(start);
}
