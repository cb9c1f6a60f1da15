/**
 * The subscription streams of one server: known by their id alone, so many a process and so many an address.
 *
 * @module
 */
import type { Metrics } from "../ports/metrics.ts";
import type { SubscriptionStream } from "../wire/request-types.ts";
import type { StorageServiceConfig } from "./config.ts";
import { type NetworkLabel, networkLabel } from "./metric-labels.ts";
import { ACTIVE_STREAM_COUNT } from "./metrics.ts";
import type { Requester } from "./requester.ts";
import { OpenStream, type StreamRequest } from "./subscription-stream.ts";
import { tooMany } from "./waiting-parts.ts";

/** A stream in the table. Two with the same id, one after the other, are two entries. */
export interface StreamEntry<R extends StreamRequest> {
  /** The stream. */
  readonly stream: OpenStream<R>;
  /** Network of who opened it. */
  readonly network: NetworkLabel;
  /** Address that it counts against; absent if its opener is trusted or has none that is known. */
  readonly countedAddress: string | undefined;
}

/** What a table is made of. */
export interface StreamTableParts {
  /** Limits, and how long a stream may wait in vain. */
  readonly config: Pick<
    StorageServiceConfig,
    "maxActiveStreams" | "maxActiveStreamsPerPeer" | "maxSubscriptionPeriodMs"
  >;
  /** Told how many are open. */
  readonly metrics: Metrics;
}

/** Streams by id. */
export class StreamTable<R extends StreamRequest> {
  readonly #parts: StreamTableParts;
  readonly #entries = new Map<bigint, StreamEntry<R>>();
  readonly #byAddress = new Map<string, number>();
  readonly #byNetwork: Record<NetworkLabel, number> = { trusted: 0, public: 0 };

  /** Creates an empty table. */
  constructor(parts: StreamTableParts) {
    this.#parts = parts;
  }

  /** Number of streams. */
  get size(): number {
    return this.#entries.size;
  }

  /** All streams. May be closed meanwhile. */
  entries(): Iterable<StreamEntry<R>> {
    return this.#entries.values();
  }

  /** The stream with this id. */
  find(streamId: bigint): StreamEntry<R> | undefined {
    return this.#entries.get(streamId);
  }

  /**
   * Opens a stream whose id is not in use. Those of trusted requesters count like all, and are never refused.
   *
   * @param nowMs Time of the monotonic clock.
   * @throws {SyncError} `TOO_MANY_REQUESTS` with `detail.retryAfterMs` if there are as many as may be.
   */
  open(start: SubscriptionStream, requester: Requester, nowMs: number): StreamEntry<R> {
    const { maxActiveStreams, maxActiveStreamsPerPeer } = this.#parts.config;
    const countedAddress = requester.trusted ? undefined : requester.address;
    const isFull = this.#entries.size >= maxActiveStreams;
    if (isFull && !requester.trusted) throw tooMany("subscription streams", maxActiveStreams);
    if (countedAddress !== undefined && (this.#byAddress.get(countedAddress) ?? 0) >= maxActiveStreamsPerPeer) {
      throw tooMany("subscription streams of one address", maxActiveStreamsPerPeer);
    }
    const entry = { stream: new OpenStream<R>(start, nowMs), network: networkLabel(requester), countedAddress };
    this.#entries.set(start.streamId, entry);
    this.#count(entry, 1);
    return entry;
  }

  /** Closes a stream; one with the same id that was opened later stays. Idempotent. */
  close(entry: StreamEntry<R>): void {
    const { streamId } = entry.stream.start;
    if (this.#entries.get(streamId) !== entry) return;
    this.#entries.delete(streamId);
    this.#count(entry, -1);
  }

  /** Closes all streams that have waited in vain, and returns them. */
  closeExpired(nowMs: number): StreamEntry<R>[] {
    const { maxSubscriptionPeriodMs } = this.#parts.config;
    const expired = [...this.#entries.values()].filter(({ stream }) => {
      return stream.isExpired(nowMs, maxSubscriptionPeriodMs);
    });
    for (const entry of expired) this.close(entry);
    return expired;
  }

  #count({ network, countedAddress }: StreamEntry<R>, by: 1 | -1): void {
    this.#byNetwork[network] += by;
    this.#parts.metrics.set(ACTIVE_STREAM_COUNT, [network], this.#byNetwork[network]);
    if (countedAddress === undefined) return;
    const count = (this.#byAddress.get(countedAddress) ?? 0) + by;
    if (count === 0) this.#byAddress.delete(countedAddress);
    else this.#byAddress.set(countedAddress, count);
  }
}
