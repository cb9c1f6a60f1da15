/**
 * The front: answers a request from the edge cache, from the bucket of large answers, or from the Durable Object, whichever
 * comes first, and keeps what the next one can be answered from.
 *
 * Nothing is hashed or decoded on the way of an answer.
 *
 * @module
 */
import { CACHE_CONTROL, cacheHeaders, frameHeaders } from "../adapters/http/answer-headers.ts";
import { wireErrorOf } from "../adapters/http/http-status.ts";
import { MIN_STORED_BYTES, type R2Answers } from "../adapters/cloudflare/r2-answers.ts";
import type { Log } from "../core/ports/log.ts";
import type { MetricDefinition, Metrics } from "../core/ports/metrics.ts";
import { cutAnswer, wantsBody } from "./cut-answer.ts";
import { edgeError, unavailable } from "./edge-error.ts";
import { reasonOf } from "./error-reason.ts";
import { type EdgeCache, isKeepable, keepablePath, keepAnswer, keptAnswer } from "./edge-cache.ts";
import { isLargeRange } from "./large-range.ts";
import { forwardedRequest, wholeRequest } from "./object-request.ts";

/** What the front works with. */
export interface FrontParts {
  /** The edge cache. */
  readonly cache: EdgeCache;
  /** Copies of large answers; absent: there are none. */
  readonly answers?: R2Answers;
  /** Asks the Durable Object. May reject: the object was evicted, replaced or is overloaded. */
  readonly askObject: (request: Request) => Promise<Response>;
  /** Counts where answers come from. */
  readonly metrics: Metrics;
  /** Told of copies that could not be kept, and of an object that does not answer. */
  readonly log: Log;
  /** Lets work go on after the answer. */
  readonly waitUntil: (work: Promise<void>) => void;
}

/** Where answers come from: `cache`, `bucket` or `object`. */
const EDGE_ANSWERS: MetricDefinition = {
  name: "edge_answers",
  help: "Answers of the front, by where they come from",
  kind: "counter",
  labels: ["source"],
};

/** Answers one request. Never rejects. */
export async function answerAtEdge(request: Request, parts: FrontParts): Promise<Response> {
  const path = keepablePath(request);
  if (path === undefined) return await forwarded(request, parts);
  const kept = await attempt(parts, "read edge cache", () => keptAnswer(parts.cache, request.url));
  if (kept !== undefined) {
    parts.metrics.increment(EDGE_ANSWERS, ["cache"]);
    return cutAndCancel(request, kept);
  }
  const isLarge = parts.answers !== undefined && isLargeRange(path);
  const stored = isLarge ? await attempt(parts, "read stored answer", () => storedAnswer(path, parts)) : undefined;
  if (stored !== undefined) return handOn(request, stored, parts);
  const whole = await answerOfObject(wholeRequest(request), parts);
  if (isLarge) storeLarge(path, whole, parts);
  return handOn(request, whole, parts);
}

/** Hands a request on that no copy can answer. */
async function forwarded(request: Request, parts: FrontParts): Promise<Response> {
  try {
    return await answerOfObject(await forwardedRequest(request), parts);
  } catch (error) {
    return edgeError(wireErrorOf(error));
  }
}

/** The answer in the bucket, as the object would give it. */
async function storedAnswer(path: string, { answers, metrics }: FrontParts): Promise<Response | undefined> {
  const stored = await answers?.get(path);
  if (stored === undefined) return undefined;
  metrics.increment(EDGE_ANSWERS, ["bucket"]);
  const { body, sizeBytes, etag } = stored;
  return new Response(body, { headers: { ...frameHeaders(sizeBytes), ...cacheHeaders("immutable"), etag } });
}

/** Gives the client its cut, and keeps the whole if it may be kept. */
function handOn(request: Request, whole: Response, { cache, waitUntil, ...parts }: FrontParts): Response {
  if (!isKeepable(whole)) return cutAndCancel(request, whole);
  // The copy takes the body itself where the client does not want it.
  const [copy, answer] = wantsBody(request, whole) ? [whole.clone(), whole] : [whole, cutAnswer(request, whole)];
  waitUntil(attempt(parts, "keep answer", () => keepAnswer(cache, request.url, copy)));
  return answer;
}

function cutAndCancel(request: Request, whole: Response): Response {
  const cut = cutAnswer(request, whole);
  // Nobody reads it; whether its source hears of that does not matter.
  if (cut !== whole) whole.body?.cancel().catch(() => {});
  return cut;
}

/** Stores what the object answered, if it is large and immutable. Reads a clone of its body. */
function storeLarge(path: string, whole: Response, { answers, waitUntil, ...parts }: FrontParts): void {
  const { status, headers } = whole;
  const etag = headers.get("etag");
  const sizeBytes = Number(headers.get("content-length"));
  const isImmutable = status === 200 && headers.get("cache-control") === CACHE_CONTROL.immutable;
  if (answers === undefined || etag === null || !isImmutable || sizeBytes < MIN_STORED_BYTES) return;
  const copy = whole.clone();
  waitUntil(attempt(parts, "store answer", async () => {
    const bytes = new Uint8Array(await copy.arrayBuffer());
    await answers.put(path, { bytes, etag });
  }));
}

async function answerOfObject(request: Request, { askObject, metrics, log }: FrontParts): Promise<Response> {
  try {
    const answer = await askObject(request);
    metrics.increment(EDGE_ANSWERS, ["object"]);
    return answer;
  } catch (error) {
    log.warn("Cannot reach ledger's object", { reason: reasonOf(error) });
    return unavailable("the ledger's object is restarting");
  }
}

/** A cache or bucket that fails costs its use, never an answer. */
async function attempt<T>(
  { log }: Pick<FrontParts, "log">,
  what: string,
  run: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    log.warn(`Cannot ${what}`, { reason: reasonOf(error) });
    return undefined;
  }
}
