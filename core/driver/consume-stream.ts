/**
 * Reads one stream to its end, and says what was wrong where something was.
 *
 * @module
 */
import type { SyncError } from "../errors.ts";
import type { StreamingService } from "../streaming/service.ts";
import { isPeerFault } from "./parts.ts";
import type {
  DataNotification,
  DataPayload,
  DataStream,
  FeedbackKind,
  NotificationFeedback,
} from "../streaming/stream.ts";

/** What to read, and with what. */
export interface StreamReading {
  readonly streaming: StreamingService;
  readonly stream: DataStream;
  /** Verifies and uses one payload; throws if it is wrong. Never called for the end of the stream. */
  readonly handle: (payload: DataPayload) => Promise<void>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads a stream until it ends or a payload is refused, and terminates it in every case.
 *
 * @returns Why the last payload was refused, if that is the fault of the peer that sent it; the peer has been blamed, and
 * another stream from the same place may have a better one. `undefined` at the end of the stream.
 * @throws {SyncError} Anything else: no peer could answer, the store failed, the call was wrong. Aborts pass through.
 */
export async function consumeStream(reading: StreamReading): Promise<SyncError | undefined> {
  const { streaming, stream, handle, signal } = reading;
  let feedback: NotificationFeedback | undefined;
  let refusal: SyncError | undefined;
  try {
    for (;;) {
      const notification = await stream.next(signal);
      if (notification.payload.kind === "endOfStream") {
        feedback = { notificationId: notification.notificationId, kind: "endOfStream" };
        return undefined;
      }
      refusal = await refusalOf(handle, notification.payload);
      if (refusal === undefined) continue;
      feedback = feedbackOn(notification, refusal);
      return refusal;
    }
  } finally {
    streaming.terminateWithFeedback(stream.streamId, feedback);
  }
}

async function refusalOf(
  handle: (payload: DataPayload) => Promise<void>,
  payload: DataPayload,
): Promise<SyncError | undefined> {
  try {
    await handle(payload);
    return undefined;
  } catch (error) {
    if (isPeerFault(error)) return error;
    throw error;
  }
}

function feedbackOn({ notificationId }: DataNotification, error: SyncError): NotificationFeedback {
  const kind: FeedbackKind = error.code === "RESPONSE_MISMATCH" ? "invalidPayloadData" : "payloadProofFailed";
  return { notificationId, kind, error };
}
