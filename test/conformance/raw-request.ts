/**
 * A request on a connection of its own, so that its client can hang up in the way that a test wants.
 *
 * @module
 */
import { connect } from "node:net";

/**
 * How a client goes away. `finish` closes the connection (FIN), `reset` breaks it (RST).
 *
 * workerd's own listener takes a connection that its client closed for one whose client still listens, until it has
 * something to write; so there only a reset shows. In production Cloudflare's edge talks to clients, and tells the Worker.
 */
export type HangUp = "finish" | "reset";

/** A request under way. */
export interface RawRequest {
  /** First line of the answer; rejects if the connection ends before. */
  readonly statusLine: Promise<string>;
  /** Goes away. */
  hangUp(): void;
}

/** Sends a request. */
export function sendRaw(
  base: string,
  { path, body, hangUp }: { readonly path: string; readonly body?: Uint8Array; readonly hangUp: HangUp },
): RawRequest {
  const { hostname, port, host } = new URL(base);
  const socket = connect(Number(port), hostname);
  const method = body === undefined ? "GET" : "POST";
  const length = body === undefined ? "" : `content-length: ${body.length}\r\n`;
  socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${length}\r\n`);
  if (body !== undefined) socket.write(body);
  const statusLine = new Promise<string>((resolve, reject) => {
    socket.once("data", (chunk) => resolve(chunk.toString("latin1").split("\r\n", 1)[0] as string));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("The connection was closed")));
  });
  // Whoever hangs up does not look at the answer.
  statusLine.catch(() => {});
  return { statusLine, hangUp: () => void (hangUp === "reset" ? socket.resetAndDestroy() : socket.destroy()) };
}
