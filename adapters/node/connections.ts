/**
 * The connections of an HTTP server, and what each still waits for.
 *
 * There are only so many, and those on top are closed at once: here, since Deno tells nobody that it closed one.
 *
 * A client may send many requests without reading an answer. What that costs is bounded: requests of one connection that are
 * not answered yet, and the time that an answer may take on its way. When a connection ends, everything that waited for it
 * ends: Node and Deno tell that of the answer being sent, Deno not of those behind it.
 *
 * Closing also is done here, since `http.Server.close` alone destroys connections whose answer was handed over and is not
 * sent yet, which cuts a large answer on its way to a slow client, and leaves connections open that never sent a request.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as SocketServer, type Socket } from "node:net";

/** The connections of one server. */
export interface Connections {
  /** Calls `then` once, when an answer was handed to the system as a whole or its client is gone. Replaces a `then` before. */
  whenSent(response: ServerResponse, then: () => void): void;
  /**
   * Stops accepting and waits for what is being answered; then, or after `graceMs`, closes every connection.
   *
   * @returns Whether everything that had begun was answered.
   */
  close(graceMs: number): Promise<boolean>;
}

/** How many connections there are. */
export interface ConnectionCount {
  /** Most at once. */
  readonly maxConnections: number;
  /** Told of each that was closed because of it. */
  readonly onDrop?: () => void;
}

/** What a connection may cost. */
export interface ConnectionLimits {
  /** Most requests of a connection that are not answered: browsers and HTTP libraries send one at a time. */
  readonly maxUnanswered: number;
  /** Milliseconds that a client has to take any answer, beside those that its bytes give it. */
  readonly graceMs: number;
  /** Bytes a second that a client takes at least. Deno does not tell which part of an answer was taken already. */
  readonly minBytesPerSecond: number;
}

const LIMITS: ConnectionLimits = { maxUnanswered: 32, graceMs: 30_000, minBytesPerSecond: 64 * 1024 };

/** Milliseconds from one look for connections that can be closed to the next. */
const CLOSING_SWEEP_MS = 20;
/** Looks for answers that take too long, in the time that the smallest may take. */
const LATE_SWEEPS = 4;

/** Requests in their order, each with what to do when its answer was sent. */
type Unanswered = Map<ServerResponse, () => void>;

/** An answer on its way, and when it must be there. */
interface Sending {
  readonly response: ServerResponse;
  readonly deadlineMs: number;
}

const NOTHING = () => {};

/** Follows the connections of a server that has had none yet. Runs in Node and in Deno. */
export function followConnections(
  server: Server,
  { maxConnections, onDrop }: ConnectionCount,
  limits: ConnectionLimits = LIMITS,
): Connections {
  const connections = new Map<Socket, Unanswered>();
  let isClosing = false;

  // One function for all: this is on the way of every request.
  function sent(this: ServerResponse): void {
    const unanswered = connections.get(this.req.socket);
    const then = unanswered?.get(this);
    unanswered?.delete(this);
    then?.();
  }
  server.on("connection", (socket: Socket) => {
    if (connections.size >= maxConnections) {
      socket.destroy();
      return onDrop?.();
    }
    const unanswered: Unanswered = new Map();
    connections.set(socket, unanswered);
    socket.once("close", () => {
      for (const response of unanswered.keys()) response.emit("close");
      connections.delete(socket);
    });
  });
  // Before the server's own listener, which may have sent the headers when it returns.
  server.prependListener("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    const unanswered = connections.get(socket);
    unanswered?.set(response, NOTHING);
    response.on("close", sent);
    if (isClosing) response.shouldKeepAlive = false;
    if (unanswered !== undefined && unanswered.size > limits.maxUnanswered) socket.destroy();
  });
  const lateSweep = setInterval(lateCloser(connections, limits), limits.graceMs / LATE_SWEEPS);
  lateSweep.unref();

  return {
    whenSent(response, then) {
      const unanswered = connections.get(response.req.socket);
      if (unanswered?.has(response)) unanswered.set(response, then);
      else then();
    },
    close(graceMs) {
      isClosing = true;
      announceClose(connections);
      return new Promise((resolve) => {
        let answered = true;
        const sweep = setInterval(() => closeIdle(connections), CLOSING_SWEEP_MS);
        const deadline = setTimeout(() => {
          answered = [...connections.values()].every(({ size }) => size === 0);
          for (const socket of connections.keys()) socket.destroy();
        }, graceMs);
        SocketServer.prototype.close.call(server, () => {
          for (const timer of [sweep, lateSweep]) clearInterval(timer);
          clearTimeout(deadline);
          // Nothing is left to close, but the server's own timers hold it, and all that it serves, until it is told.
          server.close(() => resolve(answered));
        });
      });
    },
  };
}

/** Those without a request, and those that only began to send one, are not waited for. */
function closeIdle(connections: ReadonlyMap<Socket, Unanswered>): void {
  for (const [socket, { size }] of connections) if (size === 0) socket.destroySoon();
}

/** Closes, at each call, connections whose answer is late. Answers that are sent between two calls cost nothing here. */
function lateCloser(connections: ReadonlyMap<Socket, Unanswered>, limits: ConnectionLimits): () => void {
  let known = new Map<Socket, Sending>();
  return () => {
    const nowMs = performance.now();
    const sending = new Map<Socket, Sending>();
    for (const [socket, unanswered] of connections) {
      // Those behind the first cannot be taken before it, nor before it is there.
      const [response] = unanswered.keys();
      if (response?.writableEnded !== true || response.writableFinished) continue;
      const before = known.get(socket);
      const now = before?.response === response ? before : { response, deadlineMs: nowMs + takesMs(socket, limits) };
      if (now.deadlineMs <= nowMs) socket.destroy();
      else sending.set(socket, now);
    }
    known = sending;
  };
}

/** Milliseconds in which a client takes what is there for it. */
function takesMs({ writableLength }: Socket, { graceMs, minBytesPerSecond }: ConnectionLimits): number {
  return graceMs + writableLength / minBytesPerSecond * 1_000;
}

/**
 * Tells clients not to use their connections again: one that asks one thing after the other would keep it busy for ever. Of
 * requests sent in one go only the last answer may say so, since nothing is sent behind it.
 */
function announceClose(connections: ReadonlyMap<Socket, Unanswered>): void {
  for (const unanswered of connections.values()) {
    const last = [...unanswered.keys()].at(-1);
    if (last !== undefined) last.shouldKeepAlive = false;
  }
}
