/**
 * Closes an HTTP server so that nobody who was being answered notices.
 *
 * `http.Server.close` alone does not: it destroys connections whose answer was handed over and is not sent yet, which cuts
 * a large answer on its way to a slow client, and it leaves connections open that never sent a request.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as SocketServer, type Socket } from "node:net";

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
  const sockets = new Set<Socket>();
  const answering = new Set<ServerResponse>();
  let isClosing = false;
  // One function for all: this is on the way of every request.
  function forget(this: ServerResponse): void {
    answering.delete(this);
  }
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  // Before the server's own listener, which may have sent the headers when it returns.
  server.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
    answering.add(response);
    response.on("close", forget);
    if (isClosing) response.shouldKeepAlive = false;
  });

  /** Those without a request, and those that only began to send one, are not waited for. */
  function closeIdle(): void {
    const busy = new Set([...answering].map(({ req }) => req.socket));
    for (const socket of sockets) {
      if (!busy.has(socket)) socket.destroySoon();
    }
  }

  return (graceMs) => {
    isClosing = true;
    announceClose(answering);
    return new Promise((resolve) => {
      let answered = true;
      const sweep = setInterval(closeIdle, SWEEP_MS);
      const deadline = setTimeout(() => {
        answered = answering.size === 0;
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      SocketServer.prototype.close.call(server, () => {
        clearInterval(sweep);
        clearTimeout(deadline);
        resolve(answered);
      });
    });
  };
}

/**
 * Tells clients not to use their connections again: one that asks one thing after the other would keep it busy for ever. Of
 * requests sent in one go only the last answer may say so, since nothing is sent behind it.
 */
function announceClose(answering: ReadonlySet<ServerResponse>): void {
  const last = new Map([...answering].map((response) => [response.req.socket, response]));
  for (const response of last.values()) response.shouldKeepAlive = false;
}
