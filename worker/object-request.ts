/**
 * What the front hands on to the Durable Object.
 *
 * The object learns who asks from one header that only the front writes: of what a client sent, only headers of a short
 * list go on, and nothing else can reach the object, which has no address of its own, only the binding of this Worker. The
 * front takes the address from `CF-Connecting-IP`, which Cloudflare's edge writes over whatever a client sent.
 *
 * @module
 */

/** Header by which the object learns the address of a client. */
export const CLIENT_ADDRESS_HEADER = "velor-client-address";

/** All of a client's headers that the object reads. */
const FORWARDED_HEADERS = ["content-encoding", "content-length", "content-type", "if-none-match"];

/** The same request, in the name of the same client. */
export function forwardedRequest(request: Request): Request {
  const headers = addressOf(request);
  for (const name of FORWARDED_HEADERS) {
    const value = request.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  return new Request(request, { headers });
}

/**
 * A GET for the whole answer, for all clients who ask for it: no conditions, no content coding. Nothing of the client but
 * its address goes with it.
 */
export function wholeRequest(request: Request): Request {
  return new Request(request.url, { headers: addressOf(request) });
}

function addressOf(request: Request): Record<string, string> {
  const address = request.headers.get("cf-connecting-ip");
  return address === null ? {} : { [CLIENT_ADDRESS_HEADER]: address };
}
