/**
 * Answers of the Durable Object on their way: told to the storage server until their last byte is taken.
 *
 * An isolate has 128 MB. A body that is one array of bytes stays in it until the client has read it, so large ones are sent
 * through a stream whose end is known, and only for so long.
 *
 * @module
 */
import type { StorageServiceApp } from "../http/storage-service-app.ts";

/** Bodies below are not followed: a thousand of them have less than a few large ones. */
const MIN_TRACKED_BYTES = 64 * 1024;

/** Milliseconds that a client has for an answer: 4 MiB, the largest here, at 64 KiB a second, and as long again. */
const MAX_SENDING_MS = 128_000;

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
  const piped = body.pipeTo(writable, { signal: AbortSignal.timeout(MAX_SENDING_MS) });
  // A client that goes away, or is too slow, ends it early: nobody is left to be told.
  void piped.catch(() => {}).finally(sent);
  return new Response(readable, response);
}
