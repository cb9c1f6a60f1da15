/**
 * Reads one stream to its end, and says what was wrong where something was.
 *
 * @module
 */
import { isUnanswered } from "../data-client/refusal.ts";
import type { SyncError } from "../errors.ts";
import type { StreamingService } from "../streaming/service.ts";
import type {
  DataNotification,
  DataPayload,
  DataStream,
  FeedbackKind,
  NotificationFeedback,
} from "../streaming/stream.ts";
import { isPeerFault } from "./parts.ts";

/** What to read, and with what. */
export interface StreamReading {
  /** The service that the stream is of. */
  readonly streaming: StreamingService;
  /** What to read. */
  readonly stream: DataStream;
  /** Verifies and uses one payload; throws if it is wrong. Never called for the end of the stream. */
  readonly handle: (payload: DataPayload) => Promise<void>;
  /** Ends the reading. */
  readonly signal: AbortSignal | undefined;
}

/**
 * How the reading of a stream ended.
 *
 * - `ended`: everything was delivered and accepted.
 * - `refused`: a payload was wrong by the fault of the peer that sent it. The peer has been blamed; another stream from the
 *   same place may have a better one.
 * - `unavailable`: no peer sends what comes next.
 */
export type StreamOutcome =
  | { readonly kind: "ended" }
  | { readonly kind: "refused"; readonly error: SyncError }
  | { readonly kind: "unavailable"; readonly error: SyncError };

/**
 * Reads a stream until it ends, a payload is refused, or nobody goes on with it; terminates it in every case.
 *
 * @throws {SyncError} A fault of the store or of the call, and failures that no other peer makes good. Aborts pass through.
 */
export async function consumeStream({ streaming, stream, handle, signal }: StreamReading): Promise<StreamOutcome> {
  let feedback: NotificationFeedback | undefined;
  try {
    for (;;) {
      const next = await nextOf(stream, signal);
      if ("error" in next) return { kind: "unavailable", error: next.error };
      const { notificationId, payload } = next;
      if (payload.kind === "endOfStream") {
        feedback = { notificationId, kind: "endOfStream" };
        return { kind: "ended" };
      }
      const error = await refusalOf(handle, payload, signal);
      if (error === undefined) continue;
      feedback = { notificationId, kind: feedbackKindOf(error), error };
      return { kind: "refused", error };
    }
  } finally {
    streaming.terminateWithFeedback(stream.streamId, feedback);
  }
}

async function nextOf(
  stream: DataStream,
  signal: AbortSignal | undefined,
): Promise<DataNotification | { readonly error: SyncError }> {
  try {
    return await stream.next(signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (isUnanswered(error)) return { error };
    throw error;
  }
}

async function refusalOf(
  handle: (payload: DataPayload) => Promise<void>,
  payload: DataPayload,
  signal: AbortSignal | undefined,
): Promise<SyncError | undefined> {
  try {
    await handle(payload);
    return undefined;
  } catch (error) {
    // Handlers stop where they are told to: that says nothing about the payload.
    signal?.throwIfAborted();
    if (isPeerFault(error)) return error;
    throw error;
  }
}

function feedbackKindOf({ code }: SyncError): FeedbackKind {
  return code === "RESPONSE_MISMATCH" ? "invalidPayloadData" : "payloadProofFailed";
}
