/**
 * Answers as replies: their headers, entity tags and content codings, worked out once for each frame.
 *
 * Hashing an answer takes longer than sending it. Everyone who asks the same gets the same frame, so what is worked out is
 * remembered by that object, and goes with it.
 *
 * @module
 */
import type { AnswerFrame } from "../../core/storage-service/answer-frame.ts";
import { cacheHeaders, CORS_HEADERS, frameHeaders } from "./answer-headers.ts";
import { type ContentCoding, entityTag, matchesEntityTag, type Sha3 } from "./entity-tag.ts";
import { createGzipCopies, type GzipCopies, type GzipCopy, prefersGzip } from "./gzip-copies.ts";
import type { Reply } from "./reply.ts";

/** What a request says of the copies its client has, and of those it can read. */
export interface Conditions {
  /** False: the answer is for this client alone, so it has no tag and may not be kept. */
  readonly mayBeKept: boolean;
  /** Value of `If-None-Match`. */
  readonly ifNoneMatch?: string | undefined;
  /** Value of `Accept-Encoding`. */
  readonly acceptEncoding?: string | undefined;
}

/** Makes a reply of an answer. */
export type ReplyOf = (frame: AnswerFrame, conditions: Conditions) => Reply | Promise<Reply>;

/** How replies are made. */
export interface FrameReplyOptions {
  /** Hashes answers for their entity tags. */
  readonly sha3: Sha3;
  /** Whether to send gzip copies to those who take them. */
  readonly compression: boolean;
}

/** Gives the tag of a frame under a coding. */
type TagOf = (frame: AnswerFrame, coding?: ContentCoding) => string;

/** Gives the reply that sends a frame, or its compressed copy. */
type WholeReplyOf = (frame: AnswerFrame, isKept: boolean, copy?: GzipCopy) => Reply;

/** Creates the maker of replies. */
export function createFrameReplies({ sha3, compression }: FrameReplyOptions): ReplyOf {
  const tagOf = rememberingTags(sha3);
  const wholeReplyOf = rememberingReplies(tagOf);
  const copies = compression ? createGzipCopies() : undefined;
  return (frame, { mayBeKept, ifNoneMatch, acceptEncoding }) => {
    const isKept = mayBeKept && frame.lifetime !== "none";
    const codings = copies !== undefined && prefersGzip(acceptEncoding) ? GZIP_OR_IDENTITY : IDENTITY;
    if (isKept && ifNoneMatch !== undefined) {
      const etag = codings.map((coding) => tagOf(frame, coding)).find((tag) => matchesEntityTag(ifNoneMatch, tag));
      if (etag !== undefined) return notModified(frame, etag);
    }
    return copies === undefined || codings === IDENTITY
      ? wholeReplyOf(frame, isKept)
      : compressedReply(frame, isKept, { copies, wholeReplyOf });
  };
}

const IDENTITY: readonly (ContentCoding | undefined)[] = [undefined];
const GZIP_OR_IDENTITY: readonly (ContentCoding | undefined)[] = ["gzip", undefined];

function compressedReply(
  frame: AnswerFrame,
  isKept: boolean,
  { copies, wholeReplyOf }: { readonly copies: GzipCopies; readonly wholeReplyOf: WholeReplyOf },
): Reply | Promise<Reply> {
  const copy = copies.copyOf(frame);
  if (copy instanceof Promise) return copy.then((made) => wholeReplyOf(frame, isKept, made));
  return wholeReplyOf(frame, isKept, copy);
}

function rememberingTags(sha3: Sha3): TagOf {
  const hashes = new WeakMap<AnswerFrame, Uint8Array>();
  return (frame, coding) => {
    let hash = hashes.get(frame);
    if (hash === undefined) {
      hash = sha3(frame.bytes);
      hashes.set(frame, hash);
    }
    return entityTag(hash, coding);
  };
}

function rememberingReplies(tagOf: TagOf): WholeReplyOf {
  // By the object whose bytes are sent, so that nothing here keeps a frame or a copy alive.
  const kept = new WeakMap<AnswerFrame | GzipCopy, Reply>();
  const unkept = new WeakMap<AnswerFrame | GzipCopy, Reply>();
  return (frame, isKept, copy) => {
    const replies = isKept ? kept : unkept;
    const known = replies.get(copy ?? frame);
    if (known !== undefined) return known;
    const coding = copy === undefined ? undefined : "gzip";
    const body = copy?.bytes ?? frame.bytes;
    const headers = {
      ...frameHeaders(body.length),
      ...cacheHeaders(isKept ? frame.lifetime : "none"),
      ...(coding === undefined ? {} : { "content-encoding": coding }),
      ...(isKept ? { etag: tagOf(frame, coding) } : {}),
    };
    const reply = { status: 200, headers, body };
    replies.set(copy ?? frame, reply);
    return reply;
  };
}

function notModified({ lifetime }: AnswerFrame, etag: string): Reply {
  return { status: 304, headers: { ...CORS_HEADERS, ...cacheHeaders(lifetime), etag }, body: null };
}
