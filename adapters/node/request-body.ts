/**
 * Bodies of requests that Node hands on without a bound: those of which nobody said how long they are, and what is left of
 * those that were answered before they were read whole.
 *
 * What is left is taken and thrown away, so that a client which looks for an answer after it has sent everything finds one, and
 * its connection serves what it asks next. One that does not come to an end is cut off: nothing else can be on its way there,
 * whereas a connection whose body has ended may carry the next request already, and is never closed here.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";

/** What a client may still send of a body that nobody reads. */
export interface DiscardLimits {
  /** Bytes that are taken. */
  readonly maxBytes: number;
  /** Milliseconds that they may take. */
  readonly maxMs: number;
}

const LIMITS: DiscardLimits = { maxBytes: 1024 * 1024, maxMs: 5_000 };

/**
 * Reads a body to its end, or until it is longer than `maxBytes`. Then what has come is returned, so that whoever bounds bodies
 * finds it too long; the rest waits.
 *
 * @returns `undefined` if the client hung up before.
 */
export function readUnsizedBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const take = (chunk: Uint8Array) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) end();
    };
    const end = () => {
      incoming.pause().off("data", take);
      resolve(Buffer.concat(chunks));
    };
    incoming.on("data", take).once("end", end);
    for (const event of ["error", "close"]) incoming.once(event, () => resolve(undefined));
  });
}

/** Takes what is left of a body whose request was answered. Does nothing if nothing is left. */
export function discardBody(incoming: IncomingMessage, { maxBytes, maxMs }: DiscardLimits = LIMITS): void {
  if (incoming.readableEnded || incoming.destroyed) return;
  const cutOff = () => incoming.socket.destroySoon();
  const deadline = setTimeout(cutOff, maxMs);
  deadline.unref();
  for (const event of ["end", "close", "error"]) incoming.once(event, () => clearTimeout(deadline));
  let left = maxBytes;
  incoming.on("data", (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0) cutOff();
  });
  incoming.resume();
}
