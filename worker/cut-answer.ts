/**
 * What a client gets of a whole answer: all of it, nothing but its headers, or the word that its copy is still true.
 *
 * @module
 */
import { matchesEntityTag } from "../adapters/http/entity-tag.ts";

/** Headers that describe a body, and so do not belong to an answer that says there is no new one (RFC 9110 §15.4.5). */
const BODY_HEADERS = ["content-length", "content-type"];

/**
 * Tells whether a client gets the body of an answer.
 *
 * @param request GET or HEAD.
 */
export function wantsBody(request: Request, { headers, status }: Response): boolean {
  return request.method === "GET" && !(status === 200 && isKnown(request, headers));
}

/**
 * The answer to `request`, cut from the whole one.
 *
 * @param request GET or HEAD.
 * @param whole The answer to a GET without conditions. Its body is used only if the client gets it.
 */
export function cutAnswer(request: Request, whole: Response): Response {
  if (wantsBody(request, whole)) return whole;
  const headers = new Headers(whole.headers);
  if (whole.status !== 200 || !isKnown(request, headers)) {
    return new Response(null, { status: whole.status, headers });
  }
  for (const name of BODY_HEADERS) headers.delete(name);
  return new Response(null, { status: 304, headers });
}

function isKnown(request: Request, headers: Headers): boolean {
  const tag = headers.get("etag");
  return tag !== null && matchesEntityTag(request.headers.get("if-none-match") ?? undefined, tag);
}
