/**
 * Content coding: gzip copies of answers, made once each and kept as long as their frames are, so by the response cache.
 *
 * Made by the web's `CompressionStream`, which on Node works beside the event loop, and in Deno and workerd on it: so frames
 * are compressed in pieces.
 *
 * Source: RFC 9110 §8.4 and §12.5.3.
 *
 * @module
 */
import { parseAccept } from "hono/utils/accept";
import { isSyncError } from "../../core/errors.ts";
import type { AnswerFrame } from "../../core/storage-service/answer-frame.ts";
import { readBoundedBody } from "./bounded-body.ts";

/** Compressed copies of frames. */
export interface GzipCopies {
  /**
   * The compressed bytes of a frame, or `undefined` where they are not worth it: a tiny frame, one of hashes, one that is
   * small and was never asked for before, or any while too much is being compressed. All that ask for the copy of one frame
   * at the same time share one compression.
   *
   * @returns At once if it is known. The same object as long as there is the frame.
   */
  copyOf(frame: AnswerFrame): GzipCopy | undefined | Promise<GzipCopy | undefined>;
}

/** The compressed copy of a frame. */
export interface GzipCopy {
  /** Shared: read only. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Least bytes of a frame that is compressed: below, headers and proofs (hashes, which do not shrink) are most of it. */
const MIN_BYTES = 1_024;
/**
 * Below, only what is asked for again is compressed: a compression takes 0.8 ms of CPU however small the frame, three times
 * as much as reading a proof that nobody asked for before.
 */
const MIN_COLD_BYTES = 16 * 1024;
/** Compressions at once. Each takes a quarter of a megabyte beside the frame, and a machine has few cores. */
const MAX_UNDER_WAY = 16;
/** What a copy must save of the frame to be sent, or inflating it costs the client more than it gains. */
const LEAST_SAVING = 0.1;
/** Bytes compressed at a time: what holds up the event loop for less than 10 ms. */
const PIECE_BYTES = 256 * 1024;

/** Tells whether `Accept-Encoding` prefers gzip, or takes it as gladly as anything else. */
export function prefersGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false;
  const codings = parseAccept(acceptEncoding).map(({ type, q }) => ({ type: type.toLowerCase(), q }));
  const weightOf = (...names: string[]) => codings.find(({ type }) => names.includes(type))?.q;
  const gzip = weightOf("gzip", "x-gzip") ?? weightOf("*") ?? 0;
  return gzip > 0 && gzip >= (weightOf("identity") ?? 0);
}

/** Creates an empty store of copies. All together have fewer bytes than the frames that somebody else keeps. */
export function createGzipCopies(): GzipCopies {
  const kept = new WeakMap<AnswerFrame, { readonly copy: GzipCopy | undefined }>();
  const underWay = new Map<AnswerFrame, Promise<GzipCopy | undefined>>();
  const askedFor = new WeakSet<AnswerFrame>();

  function isWorthwhile(frame: AnswerFrame): boolean {
    if (frame.bytes.length >= MIN_COLD_BYTES || askedFor.has(frame)) return underWay.size < MAX_UNDER_WAY;
    askedFor.add(frame);
    return false;
  }

  async function make(frame: AnswerFrame): Promise<GzipCopy | undefined> {
    try {
      const copy = await compressed(frame.bytes);
      kept.set(frame, { copy });
      return copy;
    } finally {
      underWay.delete(frame);
    }
  }

  return {
    copyOf(frame) {
      if (frame.bytes.length < MIN_BYTES) return undefined;
      const known = kept.get(frame);
      if (known !== undefined) return known.copy;
      const started = underWay.get(frame);
      if (started !== undefined) return started;
      if (!isWorthwhile(frame)) return undefined;
      const copy = make(frame);
      underWay.set(frame, copy);
      return copy;
    },
  };
}

/** The bytes after gzip, or `undefined` if too little is saved. */
async function compressed(bytes: Uint8Array<ArrayBuffer>): Promise<GzipCopy | undefined> {
  const stream = new CompressionStream("gzip");
  // Whatever goes wrong is seen by the reader; so is the end of a copy that is given up.
  writePieces(stream, bytes).catch(() => {});
  const maxBytes = Math.floor(bytes.length * (1 - LEAST_SAVING));
  try {
    const read = await readBoundedBody(stream.readable, { maxBytes, code: "LIMIT_EXCEEDED" });
    // What was read may sit in a larger buffer.
    return { bytes: read.slice() };
  } catch (error) {
    if (isSyncError(error, "LIMIT_EXCEEDED")) return undefined;
    throw error;
  }
}

async function writePieces({ writable }: CompressionStream, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const writer = writable.getWriter();
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    if (at > 0) await new Promise((resolve) => setTimeout(resolve));
    await writer.write(bytes.subarray(at, at + PIECE_BYTES));
  }
  await writer.close();
}
