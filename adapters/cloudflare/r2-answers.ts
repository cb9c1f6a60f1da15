/**
 * Copies of large immutable answers in an R2 bucket.
 *
 * An answer that is a function of the ledger alone is made once by the Durable Object and then read from the bucket, near
 * every client, without the one thread of the object. What is stored is checked when it is written (its SHA3-256 must be
 * its entity tag); what is read is compared with what was recorded then, without hashing it again: its name, its length,
 * and the SHA-256 that R2 itself verified when it took the bytes. Whatever does not fit is not served, and is overwritten
 * by the next copy. Whoever can write to the bucket can still forge all of it together: clients verify every answer.
 *
 * Source: R2 Workers API reference (`put` with `sha256`, `R2Object.checksums`, custom metadata).
 *
 * @module
 */
import { encodeHex } from "../../core/bytes/hex.ts";
import { SyncError } from "../../core/errors.ts";
import type { Log } from "../../core/ports/log.ts";
import { type MetricDefinition, type Metrics, NO_METRICS } from "../../core/ports/metrics.ts";
import { entityTag, type Sha3 } from "../http/entity-tag.ts";

/**
 * Least bytes of an answer that is stored: 256 KiB.
 *
 * In money a copy never pays: $4.50 a million writes and $0.36 a million reads against $0.15 a million requests to a
 * Durable Object. What it buys is the object's one thread: to read, encode and hash an answer of this size for the first
 * time takes it 12 ms, a proof 1.3 ms (test/bench/README.md), and it forgets large answers soon.
 *
 * Whoever asks for everything fills the bucket, so the caller must store only answers that the ledger bounds in number. Of
 * one kind of data in blocks of one size, the 10 GB that an object holds are at most 40,000 copies: $0.18 once, and $0.15 a
 * month. Three kinds of data in eight sizes of blocks (16 to 2,048 versions) make at most $4.32 once, and $3.60 a
 * month; epoch endings add next to nothing.
 */
export const MIN_STORED_BYTES: number = 256 * 1024;

/** What is used of an object in a bucket: a part of the platform's `R2ObjectBody`. */
export interface StoredObject {
  /** Bytes of `body`. */
  readonly size: number;
  /** What was recorded with it. */
  readonly customMetadata?: Record<string, string>;
  /** Checksums that R2 verified when it took the bytes; SHA-256 only if one was given then. */
  readonly checksums: { readonly sha256?: ArrayBuffer };
  /** The bytes. */
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * What is used of a bucket: a part of the platform's `R2Bucket`. Named here, so that the package needs no types of the
 * platform.
 */
export interface AnswerBucket {
  /** The object of that name, or `null`. */
  get(key: string): Promise<StoredObject | null>;
  /** Stores an object, after checking that its SHA-256 is the one given. */
  put(
    key: string,
    value: Uint8Array<ArrayBuffer>,
    options: { sha256: ArrayBuffer; customMetadata: Record<string, string> },
  ): Promise<{ readonly size: number }>;
}

/** A copy that may be served. */
export interface StoredAnswer {
  /** Entity tag of the answer. */
  readonly etag: string;
  /** Bytes of `body`. */
  readonly sizeBytes: number;
  /** The answer. To be read or cancelled. */
  readonly body: ReadableStream<Uint8Array>;
}

/** Copies of the answers of one ledger. */
export interface R2Answers {
  /**
   * The copy of the answer to `path`, or `undefined` if there is none that may be served. Costs one class B operation.
   *
   * @param path Path of a GET, without a query.
   * @throws Whatever the bucket throws.
   */
  get(path: string): Promise<StoredAnswer | undefined>;
  /**
   * Stores the answer to `path`, which has at least {@link MIN_STORED_BYTES}. Costs one class A operation, and one SHA3-256
   * and one SHA-256 of the bytes. Does nothing while this isolate stores the answer to the same path already.
   *
   * @param answer.bytes The whole answer; not changed.
   * @param answer.etag Its entity tag, as its server said.
   * @throws {SyncError} `RESPONSE_MISMATCH` if the tag is not that of the bytes: nothing is stored.
   * @throws Whatever the bucket throws.
   */
  put(path: string, answer: { readonly bytes: Uint8Array<ArrayBuffer>; readonly etag: string }): Promise<void>;
}

/** What the copies are made of. */
export interface R2AnswersParts {
  /** Where they are stored. May hold the copies of other ledgers too. */
  readonly bucket: AnswerBucket;
  /** 32-byte waypoint value that names the ledger: first part of every name in the bucket. */
  readonly chain: Uint8Array;
  /** Checks tags before anything is stored. */
  readonly sha3: Sha3;
  /** Told of copies that are not served. */
  readonly log: Log;
  /** Counts what happens. @default {NO_METRICS} */
  readonly metrics?: Metrics;
}

/** What happened to copies: `hit`, `miss`, `refused` (there, but not to be served), `stored`. */
const STORED_ANSWER_EVENTS: MetricDefinition = {
  name: "edge_stored_answer_event",
  help: "What happened to the copies of large answers in R2",
  kind: "counter",
  labels: ["event"],
};

/** Paths that one isolate remembers to be storing. One that is cut off may leave its path behind: the oldest goes first. */
const MAX_UNDER_WAY = 64;

/** Opens the copies of one ledger. */
export function createR2Answers(parts: R2AnswersParts): R2Answers {
  const { bucket, sha3, log, metrics = NO_METRICS } = parts;
  const prefix = encodeHex(parts.chain);
  const underWay = new Set<string>();
  return {
    async get(path) {
      const name = prefix + path;
      const object = await bucket.get(name);
      if (object === null) {
        metrics.increment(STORED_ANSWER_EVENTS, ["miss"]);
        return undefined;
      }
      const { customMetadata: { etag = "" } = {}, size: sizeBytes, body } = object;
      if (isAsRecorded(name, object)) {
        metrics.increment(STORED_ANSWER_EVENTS, ["hit"]);
        return { etag, sizeBytes, body };
      }
      metrics.increment(STORED_ANSWER_EVENTS, ["refused"]);
      log.warn("Cannot serve stored answer: it is not what was recorded", { name, sizeBytes });
      await body.cancel();
      return undefined;
    },
    async put(path, { bytes, etag }) {
      const name = prefix + path;
      if (underWay.has(name)) return;
      remember(underWay, name);
      try {
        assertTagged(name, bytes, { etag, sha3 });
        const sha256 = await crypto.subtle.digest("SHA-256", bytes);
        const customMetadata = { name, etag, size: String(bytes.length), sha256: encodeHex(new Uint8Array(sha256)) };
        await bucket.put(name, bytes, { sha256, customMetadata });
        metrics.increment(STORED_ANSWER_EVENTS, ["stored"]);
      } finally {
        underWay.delete(name);
      }
    },
  };
}

/** Tells whether an object is one that was stored here under this name, whole. */
function isAsRecorded(name: string, { size, customMetadata = {}, checksums }: StoredObject): boolean {
  const { sha256 } = checksums;
  return customMetadata["name"] === name && customMetadata["size"] === String(size) && size >= MIN_STORED_BYTES &&
    /^"[0-9a-f]{64}"$/.test(customMetadata["etag"] ?? "") &&
    sha256 !== undefined && customMetadata["sha256"] === encodeHex(new Uint8Array(sha256));
}

function assertTagged(name: string, bytes: Uint8Array, { etag, sha3 }: { etag: string; sha3: Sha3 }): void {
  const own = entityTag(sha3(bytes));
  if (own === etag) return;
  throw new SyncError("RESPONSE_MISMATCH", `Cannot store answer ${name}: its tag is ${own}, current value is ${etag}`);
}

function remember(names: Set<string>, name: string): void {
  for (const oldest of names) {
    if (names.size < MAX_UNDER_WAY) break;
    names.delete(oldest);
  }
  names.add(name);
}
