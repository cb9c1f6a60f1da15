/**
 * Subscriptions: streams of requests that a client sends ahead, each answered with what comes after the answer before.
 *
 * Source: storage-service §3.4 of the reference. Streams here are known by their id alone. A stream that was closed and one
 * that has its id now are two: what was read for the one never moves the other. Every failure is answered; one while serving
 * leaves the stream where it was, until that index is asked for again.
 *
 * @module
 */
import { isSyncError, SyncError } from "../errors.ts";
import type { SubscriptionRequest } from "../wire/request-types.ts";
import type { AnswerFrame } from "./answer-frame.ts";
import { assertGeneration } from "./generation.ts";
import type { HeadWaiter } from "./head-watch.ts";
import { createHeldRequests, type HeldRequest, type HeldRequests } from "./held-request.ts";
import { type LedgerView, versionOf } from "./ledger-view.ts";
import { FAILURE, type NetworkLabel, networkLabel, requestLabel, SUCCESS } from "./metric-labels.ts";
import {
  SUBSCRIPTION_ADD,
  SUBSCRIPTION_COUNT,
  SUBSCRIPTION_EVENTS,
  SUBSCRIPTION_EXPIRE,
  SUBSCRIPTION_FAILURE,
  SUBSCRIPTION_LATENCY,
  SUBSCRIPTION_NEW_STREAM,
} from "./metrics.ts";
import { derivedRequest, newDataFrame } from "./new-data.ts";
import { createNewDataSource, type NewDataSource } from "./new-data-source.ts";
import type { Requester } from "./requester.ts";
import { type StreamEntry, StreamTable } from "./stream-table.ts";
import type { OpenStream, SentData, StreamRequest } from "./subscription-stream.ts";
import { nothingNew, serverEnds, type WaitingParts } from "./waiting-parts.ts";

/** Subscription streams of one server. */
export interface Subscriptions {
  /** Requests that wait or are being answered. */
  readonly count: number;
  /** Streams that are open. */
  readonly streamCount: number;
  /**
   * Answers a request of a stream; the first one with an id opens its stream.
   *
   * @param signal Aborting rejects with `signal.reason`. The stream stays where it is, and the index can be asked for again.
   * @throws {SyncError} `INVALID_REQUEST` if the request does not fit its stream (another start, an index that was served, too
   *   many that wait), if another one with its index came, or if the known version is not in the known epoch, which also
   *   closes the stream; `NOT_SERVICEABLE` if nothing new came in time, the server ends, or V2 is switched off;
   *   `TOO_MANY_REQUESTS` with `detail.retryAfterMs` if too many streams are open; what reading the data throws.
   */
  answer(request: SubscriptionRequest, requester: Requester, signal?: AbortSignal): Promise<AnswerFrame>;
  /** Closes all streams: refuses all that wait, and from now on all that come. Idempotent. */
  stop(): void;
}

/** Creates a server of streams, with none open. */
export function createSubscriptions(parts: WaitingParts): Subscriptions {
  return new StreamServer(parts);
}

/** A request in a stream. */
interface Call extends StreamRequest {
  readonly request: SubscriptionRequest;
  readonly held: HeldRequest;
}

type Entry = StreamEntry<Call>;

class StreamServer implements Subscriptions, HeadWaiter {
  readonly #parts: WaitingParts;
  readonly #source: NewDataSource;
  readonly #table: StreamTable<Call>;
  readonly #held: HeldRequests;
  #isStopped = false;

  constructor(parts: WaitingParts) {
    const { watch, metrics } = parts;
    this.#parts = parts;
    this.#source = createNewDataSource(parts);
    this.#table = new StreamTable(parts);
    this.#held = createHeldRequests({ watch, waiter: this, metrics, gauge: SUBSCRIPTION_COUNT });
  }

  get count(): number {
    return this.#held.count;
  }

  get streamCount(): number {
    return this.#table.size;
  }

  async answer(request: SubscriptionRequest, requester: Requester, signal?: AbortSignal): Promise<AnswerFrame> {
    signal?.throwIfAborted();
    assertGeneration(request, this.#parts.config);
    if (this.#isStopped) throw serverEnds(request);
    const network = networkLabel(requester);
    this.#event(network, SUBSCRIPTION_ADD);
    const arrivedMs = this.#parts.clock.monotonicMs();
    const entry = this.#table.find(request.stream.streamId) ?? this.#open(request, requester, arrivedMs);
    const onAbort = () => entry.stream.remove(call);
    const held = this.#held.hold(requester, { arrivedMs, signal, onAbort });
    const call: Call = { request, streamIndex: request.streamIndex, arrivedMs, held };
    if (this.#add(entry, call)) void this.#look(entry, call);
    return await held.frame;
  }

  stop(): void {
    this.#isStopped = true;
    for (const entry of this.#table.entries()) this.#close(entry, serverEnds);
  }

  headChanged(): void {
    for (const entry of this.#table.entries()) this.#pump(entry);
  }

  expire(nowMs: number): void {
    const { maxSubscriptionPeriodMs } = this.#parts.config;
    for (const { stream, network } of this.#table.closeExpired(nowMs)) {
      this.#event(network, SUBSCRIPTION_EXPIRE);
      refuseAll(stream, (request) => nothingNew(request, maxSubscriptionPeriodMs));
    }
  }

  /** @throws {SyncError} `TOO_MANY_REQUESTS`. */
  #open({ stream }: SubscriptionRequest, requester: Requester, nowMs: number): Entry {
    const network = networkLabel(requester);
    // Nothing runs while no request waits, so streams that are idle end here at the latest.
    this.expire(nowMs);
    try {
      const entry = this.#table.open(stream, requester, nowMs);
      this.#event(network, SUBSCRIPTION_NEW_STREAM);
      return entry;
    } catch (error) {
      this.#event(network, SUBSCRIPTION_FAILURE);
      throw error;
    }
  }

  /** False if the call does not fit its stream; it is refused then. */
  #add({ stream }: Entry, call: Call): boolean {
    const { network } = call.held;
    try {
      const { maxNumActiveSubscriptions: maxPending } = this.#parts.config;
      const overwritten = stream.add(call.request.stream, call, { maxPending });
      if (overwritten === undefined) return true;
      this.#event(network, SUBSCRIPTION_FAILURE);
      overwritten.held.refuse(overwrittenError(overwritten));
      return true;
    } catch (error) {
      this.#event(network, SUBSCRIPTION_FAILURE);
      call.held.refuse(error);
      return false;
    }
  }

  /** Serves the stream of a call that just came, if there is data for it already. Never rejects. */
  async #look(entry: Entry, call: Call): Promise<void> {
    try {
      await this.#parts.watch.look();
      this.#pump(entry);
    } catch (error) {
      entry.stream.remove(call);
      call.held.refuse(error);
    }
  }

  /** Begins to serve the next call of a stream, if it can be served. */
  #pump(entry: Entry): void {
    const { view } = this.#parts.watch;
    if (view?.latest === undefined) return;
    const call = entry.stream.take(versionOf(view.latest));
    if (call !== undefined) void this.#serve(entry, call, view);
  }

  /** Answers a call, then goes on with the stream. Never rejects. */
  async #serve(entry: Entry, call: Call, view: LedgerView): Promise<void> {
    const { stream } = entry;
    const { config, clock, room } = this.#parts;
    const { request } = call;
    try {
      const { known } = stream;
      const target = await this.#source.target(known, view);
      const { list } = await this.#source.list(derivedRequest(request, { ...known, target }, config));
      const maxBytes = config.maxNetworkChunkBytesV2;
      const encode = () => newDataFrame({ chain: view.chain, request, list, target, maxBytes });
      const frame = await room.turn(encode, { isUrgent: true });
      const sent: SentData = { count: list.transactions.count, target };
      if (stream.advance(call, sent, clock.monotonicMs())) {
        this.#observe(call, SUCCESS);
        call.held.answer(frame);
      }
    } catch (error) {
      this.#fail(entry, call, error);
    }
    this.#pump(entry);
  }

  #fail(entry: Entry, call: Call, error: unknown): void {
    entry.stream.remove(call);
    if (!call.held.isOver) this.#observe(call, FAILURE);
    call.held.refuse(error);
    // No request can continue from a position that does not exist.
    if (isSyncError(error, "INVALID_REQUEST")) this.#close(entry, () => error);
  }

  #close(entry: Entry, error: (request: SubscriptionRequest) => SyncError): void {
    this.#table.close(entry);
    refuseAll(entry.stream, error);
  }

  #event(network: NetworkLabel, event: string): void {
    this.#parts.metrics.increment(SUBSCRIPTION_EVENTS, [network, event]);
  }

  #observe({ request, arrivedMs, held }: Call, result: string): void {
    const { metrics, clock } = this.#parts;
    const seconds = (clock.monotonicMs() - arrivedMs) / 1000;
    metrics.observe(SUBSCRIPTION_LATENCY, [held.network, requestLabel(request), result], seconds);
  }
}

/** Refuses all calls that wait in a stream. */
function refuseAll(stream: OpenStream<Call>, error: (request: SubscriptionRequest) => SyncError): void {
  for (const { held, request } of stream.drain()) held.refuse(error(request));
}

function overwrittenError({ streamIndex, request }: Call): SyncError {
  return new SyncError(
    "INVALID_REQUEST",
    `Cannot answer ${request.kind}: a newer request for index ${streamIndex} of the stream takes its place`,
  );
}
