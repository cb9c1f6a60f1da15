/**
 * HTTP by hand over a socket: what a well-behaved client never does, and what it never sees.
 *
 * @module
 */
import { connect, type Socket } from "node:net";

/** A connection to a server. */
export interface RawConnection {
  readonly socket: Socket;
  /** Everything that came so far. */
  received(): string;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;
}

/** Connects and sends `text`, which may be nothing. */
export async function rawConnection(url: string, text = ""): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Uint8Array[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  const closed = new Promise<void>((resolve) => {
    // A connection that is cut ends too; what was received says how.
    socket.on("error", () => {});
    socket.once("close", () => resolve());
  });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  if (text !== "") socket.write(text);
  return { socket, received: () => Buffer.concat(chunks).toString("latin1"), closed };
}

/** A GET as it is written on the wire. */
export function rawGet(path: string, headers: readonly string[] = []): string {
  return [`GET ${path} HTTP/1.1`, "host: test", ...headers, "", ""].join("\r\n");
}
