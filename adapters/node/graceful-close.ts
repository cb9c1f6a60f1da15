/**
 * Closes an HTTP server so that nobody who was being answered notices.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";

/** Milliseconds from one look for connections that can be closed to the next. */
const SWEEP_MS = 20;

/**
 * Stops accepting and waits for what is being answered; then, or after `graceMs`, closes every connection.
 *
 * @returns Whether everything that had begun was answered.
 */
export type GracefulClose = (graceMs: number) => Promise<boolean>;

/** Prepares a server that has had no request yet. Runs in Node and in Deno. */
export function createGracefulClose(server: Server): GracefulClose {
  const answering = new Set<ServerResponse>();
  let isClosing = false;
  // Before the server's own listener, which may have sent the headers when it returns.
  server.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
    answering.add(response);
    response.once("close", () => answering.delete(response));
    if (isClosing) response.shouldKeepAlive = false;
  });

  return (graceMs) => {
    isClosing = true;
    // A client that asks one thing after the other would keep its connection busy for ever.
    for (const response of answering) response.shouldKeepAlive = false;
    return new Promise((resolve) => {
      let answered = true;
      // Connections without a request, and those that only began to send one, are not waited for.
      const sweep = setInterval(() => answering.size === 0 && server.closeAllConnections(), SWEEP_MS);
      const deadline = setTimeout(() => {
        answered = answering.size === 0;
        server.closeAllConnections();
      }, graceMs);
      server.close(() => {
        clearInterval(sweep);
        clearTimeout(deadline);
        resolve(answered);
      });
    });
  };
}
