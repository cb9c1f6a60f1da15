/**
 * Who a client is, as far as its address can be trusted.
 *
 * A runtime knows the address of the socket and hands it to the application beside each request:
 * - Node: `serve({ fetch: (request, { incoming }) => app.fetch(request, { socketAddress: incoming.socket.remoteAddress }) })`
 * - Deno: `Deno.serve((request, { remoteAddr }) => app.fetch(request, { socketAddress: remoteAddr.hostname }))`
 * - Workers have no socket: their edge writes the header `CF-Connecting-IP`, and nobody else can.
 *
 * @module
 */
import type { Requester } from "../../core/storage-service/requester.ts";

/** What the runtime knows of the connection that a request came by. */
export interface ClientConnection {
  /** Address of the other end of the socket, as the runtime writes it; absent where there is none. */
  readonly socketAddress?: string | undefined;
}

/** Tells who asks. Must not throw. `header` gives the value of a header of the request, by its name in lower case. */
export type RequesterOf = (connection: ClientConnection, header: (name: string) => string | undefined) => Requester;
