/**
 * Answers of the Durable Object on their way: told to the storage server until their last byte is taken.
 *
 * An isolate has 128 MB. A body that is one array of bytes stays in it until the client has read it, so large ones are sent
 * through a stream whose end is known, and only for so long.
 *
 * @module
 */
import type { StorageServiceApp } from "../http/storage-service-app.ts";

/** Bodies below are not followed: a thousand of them, as many as are answered at once, have 16 MiB. */
const MIN_TRACKED_BYTES = 16 * 1024;

/** Milliseconds that a client has to take any answer, and bytes a second that it takes at least: as on Node. */
const GRACE_MS = 30_000;
const MIN_BYTES_PER_SECOND = 64 * 1024;

/** Answers a request, and tells the server behind the application when the answer was sent or given up. */
export async function trackedAnswer(app: Pick<StorageServiceApp, "fetch">, request: Request): Promise<Response> {
  let sent = () => {};
  const response = await app.fetch(request, { whenSent: (then) => sent = then });
  const { body, headers } = response;
  const length = Number(headers.get("content-length"));
  if (body === null || !(length >= MIN_TRACKED_BYTES)) {
    sent();
    return response;
  }
  const { readable, writable } = new FixedLengthStream(length);
  const timeoutMs = GRACE_MS + length / MIN_BYTES_PER_SECOND * 1_000;
  const piped = body.pipeTo(writable, { signal: AbortSignal.timeout(timeoutMs) });
  // A client that goes away, or is too slow, ends it early: nobody is left to be told.
  void piped.catch(() => {}).finally(sent);
  return new Response(readable, response);
}
