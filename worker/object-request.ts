/**
 * What the front hands on to the Durable Object.
 *
 * The object learns who asks from one header that only the front writes: of what a client sent, only headers of a short
 * list go on, and nothing else can reach the object, which has no address of its own, only the binding of this Worker. The
 * front takes the address from `CF-Connecting-IP`, which Cloudflare's edge writes over whatever a client sent.
 *
 * Requests of other people's Workers all come from one address, so it names nobody: one of them that misbehaves would have
 * all of them ignored. They go on without an address, and are only limited, together.
 *
 * Source: Cloudflare HTTP headers, "CF-Connecting-IP in Worker subrequests".
 *
 * @module
 */
import { wireError } from "../adapters/http/http-status.ts";
import { bodyTooLong, readBoundedBody } from "../adapters/http/bounded-body.ts";
import { isSyncError } from "../core/errors.ts";
import { MAX_REQUEST_BYTES } from "../core/wire/limits.ts";

/** Header by which the object learns the address of a client. */
export const CLIENT_ADDRESS_HEADER = "velor-client-address";

/**
 * What `CF-Connecting-IP` says of every request that a Worker of another zone makes. Not `CF-Worker`, which such a request
 * has too: that the edge takes it from a client who is no Worker is promised nowhere, and with it he could not be ignored.
 */
const ADDRESS_OF_WORKERS = "2a06:98c0:3600::103";

/** All of a client's headers that the object reads. */
const FORWARDED_HEADERS = ["content-encoding", "content-type", "if-none-match"];

/**
 * Most bytes of a body that are read, though none above {@link MAX_REQUEST_BYTES} goes on: a client that is still sending
 * when it is refused hears of a broken connection instead of the reason.
 */
const MAX_READ_BYTES = 1024 * 1024;

/**
 * The same request, in the name of the same client. A body goes on when all of it is there: who sends slowly holds up nobody
 * but himself. That of a GET, which means nothing (RFC 9110 §9.3.1), stays behind.
 *
 * @throws {SyncError} `TOO_LARGE` if the body is longer than any request; `INVALID_REQUEST` if it breaks off.
 */
export async function forwardedRequest(request: Request): Promise<Request> {
  const { url, method } = request;
  const headers = addressOf(request);
  for (const name of FORWARDED_HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  const stream = method === "GET" || method === "HEAD" ? null : request.body;
  return new Request(url, { method, headers, body: stream === null ? null : await wholeBody(stream) });
}

/**
 * A GET for the whole answer, for all clients who ask for it: no conditions, no content coding. Nothing of the client but
 * its address goes with it, if it has one of its own.
 */
export function wholeRequest(request: Request): Request {
  return new Request(request.url, { headers: addressOf(request) });
}

function addressOf(request: Request): Record<string, string> {
  const address = request.headers.get("cf-connecting-ip");
  return address === null || address === ADDRESS_OF_WORKERS ? {} : { [CLIENT_ADDRESS_HEADER]: address };
}

async function wholeBody(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const body = await readBody(stream);
  if (body.length > MAX_REQUEST_BYTES) throw bodyTooLong("TOO_LARGE", MAX_REQUEST_BYTES, body.length);
  return body;
}

async function readBody(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const limit = { maxBytes: MAX_READ_BYTES, code: "TOO_LARGE" } as const;
    return await readBoundedBody(stream, limit) as Uint8Array<ArrayBuffer>;
  } catch (error) {
    // The limit that counts is the one of requests.
    if (isSyncError(error, "TOO_LARGE")) throw bodyTooLong("TOO_LARGE", MAX_REQUEST_BYTES, MAX_READ_BYTES + 1);
    throw wireError("INVALID_REQUEST", "Cannot read body: it breaks off");
  }
}
