/**
 * HTTP over one connection that is kept, one request at a time: as little work for the client as can be, so that a load of a
 * thousand clients leaves the machine to the server.
 *
 * Answers must say their length, as this project's do.
 *
 * @module
 */
import { connect, type Socket } from "node:net";

const HEAD_END = "\r\n\r\n";

/** A request. */
export interface Message {
  readonly path: string;
  /** A POST of these bytes; a GET if absent. */
  readonly body?: Uint8Array;
}

/** Opens connections. */
export interface HttpConnection {
  /**
   * Sends a request and waits for the body of the answer, whatever its status. One at a time.
   *
   * @returns A view that is the caller's.
   * @throws If the connection ends before the answer does.
   */
  exchange(message: Message): Promise<Uint8Array>;
  /** Breaks the connection; an exchange under way rejects. */
  close(): void;
}

interface Waiter {
  resolve(body: Uint8Array): void;
  reject(error: Error): void;
}

/** Opens a connection to `url` from a local address. */
export function openHttpConnection(url: string, localAddress: string): HttpConnection {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port), localAddress, noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let waiter: Waiter | undefined;

  function settle(end: (waiting: Waiter) => void): void {
    const waiting = waiter;
    waiter = undefined;
    if (waiting !== undefined) end(waiting);
  }

  socket.on("data", (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const body = bodyOf(received);
    if (body === undefined) return;
    received = Buffer.alloc(0);
    settle(({ resolve }) => resolve(body));
  });
  socket.on("error", (error) => settle(({ reject }) => reject(error)));
  socket.on("close", () => settle(({ reject }) => reject(new Error(`${url} closed the connection`))));

  return {
    exchange({ path, body }) {
      return new Promise((resolve, reject) => {
        waiter = { resolve, reject };
        if (socket.destroyed) return settle(({ reject }) => reject(new Error(`The connection to ${url} is closed`)));
        const method = body === undefined ? "GET" : "POST";
        const length = body === undefined ? "" : `content-length: ${body.length}\r\n`;
        socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${hostname}\r\n${length}\r\n`);
        if (body !== undefined) socket.write(body);
      });
    },
    close: () => void socket.destroy(),
  };
}

/** The body, once all of it is there. */
function bodyOf(received: Buffer): Uint8Array | undefined {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const [, length] = /\r\ncontent-length: (\d+)\r\n/i.exec(received.toString("latin1", 0, headEnd + 2)) ?? [];
  if (length === undefined) {
    throw new Error(`An answer does not say its length: ${received.toString("latin1", 0, headEnd)}`);
  }
  const start = headEnd + HEAD_END.length;
  return received.length < start + Number(length) ? undefined : received.subarray(start, start + Number(length));
}
