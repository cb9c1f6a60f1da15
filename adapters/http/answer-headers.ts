/**
 * Headers of answers, the same wherever an answer comes from: the application, or a copy that was kept in front of it.
 *
 * @module
 */
import type { AnswerLifetime } from "../../core/storage-service/lifetime.ts";

/** Media type of every frame. */
export const FRAME_MEDIA_TYPE = "application/cbor";
/** Media type of what is for people and their tools. */
export const JSON_MEDIA_TYPE = "application/json";

/** `Cache-Control` by lifetime. */
export const CACHE_CONTROL: Readonly<Record<AnswerLifetime, string>> = {
  immutable: "public, max-age=31536000, immutable",
  minute: "public, max-age=60",
  second: "public, max-age=1",
  none: "no-store",
};

/** Any page may read what anyone may read. Nothing here depends on who asks: no cookies, no credentials. */
export const CORS_HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "ETag, Retry-After, Age",
};

/** Headers of a frame of `sizeBytes` bytes, without those that say how long it may be kept. */
export function frameHeaders(sizeBytes: number): Record<string, string> {
  return { ...CORS_HEADERS, "content-type": FRAME_MEDIA_TYPE, "content-length": String(sizeBytes) };
}

/** Headers that say how long an answer may be kept. */
export function cacheHeaders(lifetime: AnswerLifetime): Record<string, string> {
  return { "cache-control": CACHE_CONTROL[lifetime], vary: "Accept-Encoding" };
}
