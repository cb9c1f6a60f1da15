/**
 * Streams: everything from here to there, in order, one notification at a time.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import type { SyncError } from "../errors.ts";
import type { TransactionOutputListWithProof } from "../wire/response-types.ts";

/** What a notification carries. All of it is a claim of one peer. */
export type DataPayload =
  /** BCS of consecutive epoch-ending ledger infos, at least one. */
  | { readonly kind: "epochEndings"; readonly ledgerInfos: Column }
  /** Consecutive outputs, at least one. */
  | { readonly kind: "outputs"; readonly outputs: TransactionOutputListWithProof }
  /** The same, with the ledger info that the proof leads to. */
  | {
    readonly kind: "continuousOutputs";
    readonly outputs: TransactionOutputListWithProof;
    readonly ledgerInfo: LedgerInfoWithSignatures;
  }
  /** Nothing more will come. */
  | { readonly kind: "endOfStream" };

/** One step of a stream. */
export interface DataNotification {
  /** Unique among all streams of the service, ascending. */
  readonly notificationId: bigint;
  /** What there is. */
  readonly payload: DataPayload;
}

/** What the consumer found wrong with a notification. */
export type FeedbackKind = "emptyPayloadData" | "invalidPayloadData" | "payloadProofFailed" | "payloadTypeIsIncorrect";

/** What the consumer tells when it ends a stream: that it read it to the end, or what was wrong with which notification. */
export type NotificationFeedback =
  | { readonly notificationId: bigint; readonly kind: "endOfStream" }
  | { readonly notificationId: bigint; readonly kind: FeedbackKind; readonly error: SyncError };

/**
 * A stream that is pulled: nothing is fetched before it is asked for, and there is one request at a time.
 *
 * `next` must not be called again before it settled. After `endOfStream`, or after a failure, terminate the stream.
 */
export interface DataStream {
  /** Unique among all streams of the service. */
  readonly streamId: bigint;
  /**
   * The next notification.
   *
   * @throws {SyncError} What the data client throws when no peer can answer.
   */
  next(signal?: AbortSignal): Promise<DataNotification>;
}
