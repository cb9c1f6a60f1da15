/**
 * What the front hands on to the Durable Object.
 *
 * The object learns who asks from one header that only the front writes: what a client sent under its name is replaced or
 * removed, and nothing else can reach the object, which has no address of its own, only the binding of this Worker. The
 * front takes the address from `CF-Connecting-IP`, which Cloudflare's edge writes over whatever a client sent.
 *
 * @module
 */

/** Header by which the object learns the address of a client. */
export const CLIENT_ADDRESS_HEADER = "velor-client-address";

/** The same request, in the name of the same client. */
export function forwardedRequest(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.delete(CLIENT_ADDRESS_HEADER);
  return new Request(request, { headers: named(request, headers) });
}

/**
 * A GET for the whole answer, for all clients who ask for it: no conditions, no ranges, no content coding. Nothing of the
 * client but its address goes with it.
 */
export function wholeRequest(request: Request): Request {
  return new Request(request.url, { headers: named(request, new Headers()) });
}

function named(request: Request, headers: Headers): Headers {
  const address = request.headers.get("cf-connecting-ip");
  if (address !== null) headers.set(CLIENT_ADDRESS_HEADER, address);
  return headers;
}
