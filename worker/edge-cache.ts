/**
 * The cache of the data centre that a client is connected to, in front of everything else: whole answers by their exact
 * URL, for as long as their `max-age` says.
 *
 * Only answers of status 200 that say they may be kept go in, always whole: what a client asks for conditionally or without
 * the body is cut from the copy. Nothing with a query is looked up or kept; `fresh=` is the one query there is.
 *
 * Source: Cache API of Workers (`match` by a URL alone evaluates no conditions; `put` keeps to `Cache-Control`).
 *
 * @module
 */

/** What is used of `caches.default`. */
export type EdgeCache = Pick<Cache, "match" | "put">;

/**
 * The header that carries `Cache-Control` through the cache. A zone's *Browser Cache TTL* (four hours, unless its owner says
 * otherwise) is written over shorter times in what comes out of the cache; clients would keep a head for as long.
 */
const OWN_CACHE_CONTROL = "velor-cache-control";

/** An answer that may be kept: `public, max-age=60`, with or without what follows. */
const KEEPABLE = /^public, max-age=[1-9]/;

/** Waiting requests are never kept. */
const WAITING_PREFIX = "/v1/new/";

/**
 * Path of a request whose answer may be in a cache or go into one, or `undefined`. There may be paths among them that mean
 * nothing: their answers are errors, which are not kept.
 */
export function keepablePath({ method, url }: Request): string | undefined {
  if (method !== "GET" && method !== "HEAD") return undefined;
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const path = url.slice(start);
  return path.startsWith("/v1/") && !path.startsWith(WAITING_PREFIX) && !path.includes("?") ? path : undefined;
}

/** Tells whether an answer may be kept. */
export function isKeepable({ status, headers }: Response): boolean {
  return status === 200 && KEEPABLE.test(headers.get("cache-control") ?? "");
}

/** The whole answer kept under `url`, or `undefined`. Its body is to be read or cancelled. */
export async function keptAnswer(cache: EdgeCache, url: string): Promise<Response | undefined> {
  const kept = await cache.match(url);
  if (kept === undefined) return undefined;
  const headers = new Headers(kept.headers);
  headers.set("cache-control", headers.get(OWN_CACHE_CONTROL) ?? "no-store");
  headers.delete(OWN_CACHE_CONTROL);
  return new Response(kept.body, { headers });
}

/**
 * Keeps an answer under `url`.
 *
 * @param answer Whole and keepable. Its body is read.
 */
export async function keepAnswer(cache: EdgeCache, url: string, answer: Response): Promise<void> {
  const headers = new Headers(answer.headers);
  headers.set(OWN_CACHE_CONTROL, headers.get("cache-control") ?? "no-store");
  await cache.put(url, new Response(answer.body, { headers }));
}
