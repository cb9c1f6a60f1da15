/**
 * Reads a body of bytes up to a limit, and not a byte more.
 *
 * @module
 */
import { SyncError, type SyncErrorCode } from "../../core/errors.ts";

/** What is allocated before anything came, however long a body says it is. */
const MAX_FIRST_ALLOCATION = 1_048_576;

/**
 * Reads a stream to its end into one buffer, which never grows above `maxBytes`.
 *
 * @param stream The body; `null` is an empty one.
 * @param options.maxBytes Most bytes. When more come, the stream is cancelled at once.
 * @param options.code Code of the error for a longer body.
 * @param options.expectedBytes What the sender says; only saves copies.
 * @throws {SyncError} `options.code` if there are more than `maxBytes`. Errors of the stream pass through.
 */
export async function readBoundedBody(
  stream: ReadableStream<Uint8Array> | null,
  options: { maxBytes: number; code: SyncErrorCode; expectedBytes?: number | undefined },
): Promise<Uint8Array> {
  if (stream === null) return new Uint8Array(0);
  const { maxBytes, code, expectedBytes = 0 } = options;
  const reader = stream.getReader();
  let buffer = new Uint8Array(Math.min(expectedBytes, maxBytes, MAX_FIRST_ALLOCATION));
  let length = 0;
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    const end = length + step.value.length;
    if (end > maxBytes) {
      // The error below says what happened; how the cancelled stream ends no longer matters.
      reader.cancel().catch(() => {});
      throw bodyTooLong(code, maxBytes, end);
    }
    buffer = withRoom(buffer, length, { needed: end, expectedBytes, maxBytes });
    buffer.set(step.value, length);
    length = end;
  }
  return buffer.subarray(0, length);
}

/** The error for a body of `value` bytes, or of at least as many. */
export function bodyTooLong(code: SyncErrorCode, limit: number, value: number): SyncError {
  return new SyncError(code, `Cannot read body: at most ${limit} bytes, current value is ${value}`, {
    detail: { limit, value },
  });
}

function withRoom(
  buffer: Uint8Array<ArrayBuffer>,
  length: number,
  { needed, expectedBytes, maxBytes }: { needed: number; expectedBytes: number; maxBytes: number },
): Uint8Array<ArrayBuffer> {
  if (needed <= buffer.length) return buffer;
  // What really came justifies twice as much, or what was announced, whichever is less.
  const doubled = Math.max(needed, 2 * buffer.length);
  const capacity = expectedBytes >= needed ? Math.min(doubled, expectedBytes) : doubled;
  const larger = new Uint8Array(Math.min(capacity, maxBytes));
  larger.set(buffer.subarray(0, length));
  return larger;
}
