/**
 * One subscription stream: which requests of it wait, which one is next, and from where it goes on.
 *
 * Source: storage-service §3.4 of the reference. Requests come in any order and are served in the order of their indexes, one
 * at a time; each continues where the data that was really sent before ended. A request that fails leaves a gap, which blocks
 * the stream until that index is asked for again. Pure: no clock, no I/O.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { KnownPosition, SubscriptionStream } from "../wire/request-types.ts";
import { versionOf } from "./ledger-view.ts";

/** What a stream needs to know of a request. */
export interface StreamRequest {
  /** Number of the answer within the stream. */
  readonly streamIndex: bigint;
  /** When it came, by the monotonic clock. */
  readonly arrivedMs: number;
}

/** What was sent in answer to a request. */
export interface SentData {
  /** Number of items. */
  readonly count: number;
  /** The ledger info that they are proven in. */
  readonly target: LedgerInfoWithSignatures;
}

/**
 * A stream.
 *
 * The request being served is out of the queue but still the stream's own: only for it can the stream advance. So what was
 * read for a request that was overwritten or given up meanwhile changes nothing.
 */
export class OpenStream<R extends StreamRequest> {
  /** Where the stream started, and its id. */
  readonly start: SubscriptionStream;
  #known: KnownPosition;
  #nextIndex = 0n;
  #serving: R | undefined;
  /** By index, ascending. */
  readonly #pending: R[] = [];
  #updatedMs: number;

  /** @param nowMs Time of the monotonic clock. */
  constructor(start: SubscriptionStream, nowMs: number) {
    this.start = start;
    this.#known = { knownVersion: start.knownVersion, knownEpoch: start.knownEpoch };
    this.#updatedMs = nowMs;
  }

  /** Where it goes on from. */
  get known(): KnownPosition {
    return this.#known;
  }

  /** Index that is served next, or just now. */
  get nextIndex(): bigint {
    return this.#nextIndex;
  }

  /** Indexes that wait, ascending; without the one being served. */
  get pendingIndexes(): bigint[] {
    return this.#pending.map(({ streamIndex }) => streamIndex);
  }

  /**
   * Takes a request into the queue.
   *
   * @param stream What the request says of the stream.
   * @param options.maxPending Most requests in the queue. One more has room if it is the one that the others wait for:
   *   refused, it would leave a full queue behind a gap until it expires.
   * @returns The request with the same index that it takes the place of, if there is one.
   * @throws {SyncError} `INVALID_REQUEST` if it says something else of the stream, its index was served already, or the
   *   queue is full. Checked in this order; the stream stays as it was.
   */
  add(stream: SubscriptionStream, request: R, options: { readonly maxPending: number }): R | undefined {
    this.#assertAcceptable(stream, request, options.maxPending);
    this.#updatedMs = request.arrivedMs;
    const { streamIndex } = request;
    if (this.#serving?.streamIndex === streamIndex) {
      const replaced = this.#serving;
      this.#serving = undefined;
      this.#pending.unshift(request);
      return replaced;
    }
    const place = this.#pending.findIndex((other) => other.streamIndex >= streamIndex);
    if (place < 0) {
      this.#pending.push(request);
      return undefined;
    }
    const isTaken = this.#pending[place]?.streamIndex === streamIndex;
    return this.#pending.splice(place, isTaken ? 1 : 0, request)[0];
  }

  /**
   * Begins to serve the next request, if it is there, there is data for it, and none is being served.
   *
   * @param syncedVersion Version of the newest ledger info.
   */
  take(syncedVersion: bigint): R | undefined {
    const isReady = this.#serving === undefined && this.#pending[0]?.streamIndex === this.#nextIndex &&
      this.#known.knownVersion < syncedVersion;
    if (isReady) this.#serving = this.#pending.shift();
    return isReady ? this.#serving : undefined;
  }

  /**
   * Moves on behind what was sent.
   *
   * @param request What was taken.
   * @returns False, and nothing changes, if it is no longer the one being served.
   */
  advance(request: R, { count, target }: SentData, nowMs: number): boolean {
    if (this.#serving !== request) return false;
    this.#serving = undefined;
    const knownVersion = this.#known.knownVersion + BigInt(count);
    const endsEpoch = knownVersion === versionOf(target) &&
      target.ledgerInfo.commitInfo.nextEpochState !== undefined;
    this.#known = { knownVersion, knownEpoch: this.#known.knownEpoch + (endsEpoch ? 1n : 0n) };
    this.#nextIndex += 1n;
    this.#updatedMs = nowMs;
    return true;
  }

  /** Takes a request out that is not to be served, or not any more; its index can be asked for again. */
  remove(request: R): void {
    if (this.#serving === request) this.#serving = undefined;
    const place = this.#pending.indexOf(request);
    if (place >= 0) this.#pending.splice(place, 1);
  }

  /** Takes all requests out of the queue. */
  drain(): R[] {
    return this.#pending.splice(0);
  }

  /**
   * Tells whether the stream has waited in vain: since its next request came or, if it has none, since anything happened.
   *
   * The next request is the pending one with the lowest index, so a lower one that comes late gives the stream new time. While
   * a request is being served it does not wait.
   */
  isExpired(nowMs: number, periodMs: number): boolean {
    if (this.#serving !== undefined) return false;
    return nowMs - (this.#pending[0]?.arrivedMs ?? this.#updatedMs) >= periodMs;
  }

  #assertAcceptable(stream: SubscriptionStream, { streamIndex }: R, maxPending: number): void {
    const { knownVersion, knownEpoch, streamId } = this.start;
    if (stream.knownVersion !== knownVersion || stream.knownEpoch !== knownEpoch || stream.streamId !== streamId) {
      throw invalid(
        `stream ${streamId} started at version ${knownVersion} and epoch ${knownEpoch}, ` +
          `current value is ${stream.knownVersion} and ${stream.knownEpoch}`,
      );
    }
    if (streamIndex < this.#nextIndex) {
      throw invalid(`the next index is ${this.#nextIndex}, current value is ${streamIndex}`);
    }
    if (this.#pending.length >= maxPending && !this.#isMissing(streamIndex)) {
      throw invalid(`at most ${maxPending} requests of a stream wait, current value is ${this.#pending.length + 1}`);
    }
  }

  /** Whether all that wait, wait for this index. */
  #isMissing(streamIndex: bigint): boolean {
    const isNext = streamIndex === this.#nextIndex;
    return isNext && this.#serving === undefined && this.#pending[0]?.streamIndex !== streamIndex;
  }
}

function invalid(reason: string): SyncError {
  return new SyncError("INVALID_REQUEST", `Cannot add to subscription stream: ${reason}`);
}
