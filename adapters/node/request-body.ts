/**
 * Bodies of requests that Node hands on without a bound: those of which nobody said how long they are, and what is left of
 * those that were answered before they were read whole.
 *
 * What is left is taken and thrown away, so that a client which looks for an answer after it has sent everything finds one, and
 * its connection serves what it asks next. What does not come to an end soon is cut off. A connection whose body has ended may
 * carry the next request, and is never closed here.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What a client may still send of a body that nobody reads. */
export interface DiscardLimits {
  /** Bytes that are taken. */
  readonly maxBytes: number;
  /** Milliseconds that they may take. */
  readonly maxMs: number;
}

const LIMITS: DiscardLimits = { maxBytes: 1024 * 1024, maxMs: 5_000 };

/**
 * Reads a body to its end, or until it is longer than `maxBytes`. Then the first `maxBytes` + 1 are returned, so that whoever
 * bounds bodies finds it too long; the rest waits.
 *
 * @returns `undefined` if the client hung up before.
 */
export function readUnsizedBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    // Copied, since each chunk is an object of some hundred bytes, and a client may send a byte a chunk.
    let body = Buffer.alloc(0);
    let length = 0;
    const take = (chunk: Uint8Array) => {
      const end = Math.min(length + chunk.length, maxBytes + 1);
      if (end > body.length) body = Buffer.concat([body.subarray(0, length)], Math.max(end, 2 * length));
      body.set(chunk.subarray(0, end - length), length);
      length = end;
      if (length > maxBytes) stop();
    };
    const stop = () => {
      incoming.pause().off("data", take);
      resolve(body.subarray(0, length));
    };
    incoming.on("data", take).once("end", stop);
    for (const event of ["error", "close"]) incoming.once(event, () => resolve(undefined));
  });
}

/**
 * Throws away what is left of any body when its request was answered. The server must not have sent an answer yet.
 *
 * @param limits What clients may still send.
 */
export function discardUnreadBodies(server: Server, limits: DiscardLimits = LIMITS): void {
  // One function for all: this is on the way of every request.
  function answered(this: ServerResponse): void {
    const { req, socket } = this;
    const isRead = req.complete && req.readableLength === 0 && !req.isPaused();
    if (!isRead && socket !== null) discard(req, socket, limits);
  }
  server.prependListener("request", (_, response) => {
    // Before the server's own listener, which takes what nobody read, and counts nothing.
    response.prependListener("finish", answered);
  });
}

function discard(incoming: IncomingMessage, socket: Socket, { maxBytes, maxMs }: DiscardLimits): void {
  if (incoming.readableEnded) return;
  // Given up by whoever read it, and stuck: what is left would be on the way for ever.
  if (incoming.destroyed) {
    socket.destroySoon();
    return;
  }
  let left = maxBytes;
  const take = (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0) cutOff();
  };
  const end = () => {
    clearTimeout(deadline);
    incoming.off("data", take);
  };
  const cutOff = () => {
    end();
    socket.destroySoon();
  };
  const deadline = setTimeout(cutOff, maxMs);
  deadline.unref();
  for (const event of ["end", "close", "error"]) incoming.once(event, end);
  // Whoever began to read it would pause it for ever, to be asked for more.
  incoming.removeAllListeners("data").on("data", take).resume();
}
