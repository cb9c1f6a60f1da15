/**
 * The streaming service: opens streams, numbers what they deliver, and passes the consumer's verdict on to the data client.
 *
 * It verifies nothing and tries nothing again: the first is the consumer's, the second the data client's.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { AnswerContext } from "../data-client/answer.ts";
import type { DataClient } from "../data-client/client.ts";
import { isUnanswered } from "../data-client/refusal.ts";
import type { StreamEngine, StreamRequestKind } from "./engines/engine.ts";
import { createEpochEndingEngine } from "./engines/epochs.ts";
import { createContinuousOutputsEngine, createOutputsEngine, type OutputsRange } from "./engines/outputs.ts";
import type { DataNotification, DataStream, NotificationFeedback } from "./stream.ts";

/** Most notifications of one stream that can still be judged; older ones are forgotten. As in the reference. */
export const MAX_NOTIFICATION_ID_MAPPINGS = 300;

/** Opens and ends streams. */
export interface StreamingService {
  /** All epoch-ending ledger infos from `firstEpoch` to the last one that some peer advertises now. */
  epochEndings(request: { readonly firstEpoch: bigint }): DataStream;
  /** Outputs of an epoch that has ended, proven at its last version. */
  outputs(request: OutputsRange): DataStream;
  /**
   * Outputs after `knownVersion` up to the version of `target`, which lies in the same epoch, or up to `lastVersion`.
   */
  continuousOutputs(request: ContinuousOutputsRequest): DataStream;
  /**
   * Ends a stream. What was wrong with a notification is held against the peer that it came from.
   *
   * @throws {SyncError} `INVALID_ARGUMENT` if there is no such stream, or `feedback` names a notification that it did not
   * deliver lately. The stream is gone in the second case.
   */
  terminateWithFeedback(streamId: bigint, feedback?: NotificationFeedback): void;
}

/** What to follow. */
export interface ContinuousOutputsRequest {
  /** Highest version that the consumer has; −1 if it has none. */
  readonly knownVersion: bigint;
  /** Where to follow to; verified by the consumer. */
  readonly target: LedgerInfoWithSignatures;
  /** Stop here, before the target. */
  readonly lastVersion?: bigint;
}

/** What a streaming service is made of. */
export interface StreamingServiceOptions {
  /** Who is asked. */
  readonly dataClient: DataClient;
}

/** Creates a streaming service. */
export function createStreamingService({ dataClient }: StreamingServiceOptions): StreamingService {
  const streams = new Map<bigint, ServiceStream<StreamRequestKind>>();
  let lastId = 0n;
  const nextId = () => ++lastId;
  const open = <K extends StreamRequestKind>(engine: StreamEngine<K>): DataStream => {
    const stream = new ServiceStream(engine, { dataClient, nextId });
    streams.set(stream.streamId, stream as unknown as ServiceStream<StreamRequestKind>);
    return stream;
  };
  return {
    epochEndings({ firstEpoch }) {
      const lastEpoch = dataClient.globalSummary().highestEpochEnding ?? firstEpoch - 1n;
      return open(createEpochEndingEngine({ firstEpoch, lastEpoch }));
    },
    outputs: (range) => open(createOutputsEngine(range)),
    continuousOutputs({ knownVersion, target, lastVersion }) {
      const last = lastVersion ?? target.ledgerInfo.commitInfo.version;
      return open(createContinuousOutputsEngine({ firstVersion: knownVersion + 1n, lastVersion: last }, target));
    },
    terminateWithFeedback(streamId, feedback) {
      const stream = streams.get(streamId);
      if (stream === undefined) throw unknown("stream", streamId);
      streams.delete(streamId);
      if (feedback !== undefined) stream.judge(feedback);
    },
  };
}

class ServiceStream<K extends StreamRequestKind> implements DataStream {
  readonly streamId: bigint;
  readonly #engine: StreamEngine<K>;
  readonly #dataClient: DataClient;
  readonly #nextId: () => bigint;
  /** Who sent each notification; `undefined` for the end of the stream, which nobody sent. */
  readonly #senders = new Map<bigint, AnswerContext | undefined>();

  constructor(engine: StreamEngine<K>, options: { dataClient: DataClient; nextId: () => bigint }) {
    this.#engine = engine;
    this.#dataClient = options.dataClient;
    this.#nextId = options.nextId;
    this.streamId = this.#nextId();
  }

  async next(signal?: AbortSignal): Promise<DataNotification> {
    for (;;) {
      const request = this.#engine.nextRequest();
      if (request === undefined) return this.#notify({ kind: "endOfStream" }, undefined);
      try {
        const { payload, context } = await this.#dataClient.request<K>(request, signal);
        return this.#notify(this.#engine.accept(payload), context);
      } catch (error) {
        signal?.throwIfAborted();
        if (!isUnanswered(error) || !this.#engine.shorten()) throw error;
      }
    }
  }

  judge(feedback: NotificationFeedback): void {
    const { notificationId } = feedback;
    if (!this.#senders.has(notificationId)) throw unknown("notification", notificationId);
    const sender = this.#senders.get(notificationId);
    if (feedback.kind !== "endOfStream") sender?.blame(feedback.error);
  }

  #notify(payload: DataNotification["payload"], sender: AnswerContext | undefined): DataNotification {
    const notificationId = this.#nextId();
    this.#senders.set(notificationId, sender);
    const [oldest] = this.#senders.keys();
    if (this.#senders.size > MAX_NOTIFICATION_ID_MAPPINGS && oldest !== undefined) this.#senders.delete(oldest);
    return { notificationId, payload };
  }
}

function unknown(what: string, id: bigint): SyncError {
  return new SyncError("INVALID_ARGUMENT", `Cannot judge ${what}: there is none with id ${id}`);
}
