/**
 * Connections to a server over sockets, which send any bytes: a `fetch` refuses to send most of what a server must bear.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import type { HttpAnswer } from "./http-message.ts";

/** A server reached over sockets. */
export interface HttpConnections {
  /**
   * Sends a request over a connection that is free, and reads its response.
   *
   * @param message The whole message, with its host and the length of its body.
   * @param isHead Its response has no body.
   */
  ask(message: Uint8Array, isHead: boolean): Promise<HttpAnswer>;
  /**
   * Sends any bytes over a connection of their own, says that no more will come, and reads until the other side hangs up.
   *
   * @returns The first response, or `undefined` if it hung up without a word.
   */
  shout(bytes: Uint8Array): Promise<HttpAnswer | undefined>;
  /** Hangs up. */
  close(): void;
}

/** Longer than any request may wait, and than a server waits for the rest of one. */
const SILENCE_MS = 20_000;

const HEAD_END = "\r\n\r\n";

/** Opens connections as they are needed. */
export function createHttpConnections(url: string): HttpConnections {
  const { hostname, port } = new URL(url);
  const open = () => connect(Number(port), hostname);
  const free: Socket[] = [];
  return {
    async ask(message, isHead) {
      const kept = openOne(free);
      if (kept !== undefined) {
        const answer = await exchange(kept, message, isHead);
        if (answer !== undefined) return keep(free, kept, answer);
        // The server may close a connection that it no longer needs at the very moment when it is used again.
      }
      const socket = open();
      const answer = await exchange(socket, message, isHead);
      if (answer === undefined) throw new Error("the connection ended without a response");
      return keep(free, socket, answer);
    },
    shout: (bytes) => shout(open(), bytes),
    close() {
      for (const socket of free.splice(0)) socket.destroy();
    },
  };
}

/** A kept connection that the server has not closed: on a closed one nothing would ever happen. */
function openOne(free: Socket[]): Socket | undefined {
  for (let socket = free.pop(); socket !== undefined; socket = free.pop()) {
    if (!socket.destroyed && socket.writable && !socket.readableEnded) return socket;
    socket.destroy();
  }
  return undefined;
}

function keep(free: Socket[], socket: Socket, answer: HttpAnswer): HttpAnswer {
  if (answer.header("connection")?.toLowerCase() === "close" || socket.destroyed) socket.destroy();
  else free.push(socket);
  return answer;
}

/** One request and its response. `undefined` if the connection ends before there is one. */
function exchange(socket: Socket, message: Uint8Array, isHead: boolean): Promise<HttpAnswer | undefined> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const end = (result: () => void) => {
      socket.removeAllListeners();
      socket.on("error", () => {});
      socket.setTimeout(0);
      result();
    };
    socket.on("data", (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const answer = responseIn(received, isHead);
      if (answer !== undefined) end(() => resolve(answer));
    });
    socket.on("error", () => end(() => resolve(undefined)));
    socket.on("close", () => end(() => resolve(undefined)));
    socket.setTimeout(SILENCE_MS, () => {
      socket.destroy();
      end(() => reject(new Error(`no whole response within ${SILENCE_MS} ms`)));
    });
    socket.write(message);
  });
}

function shout(socket: Socket, bytes: Uint8Array): Promise<HttpAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    // A connection that is cut while we still write ends like any other.
    socket.on("error", () => {});
    socket.on("close", () => resolve(responseIn(Buffer.concat(chunks), true)));
    socket.setTimeout(SILENCE_MS, () => {
      socket.destroy();
      reject(new Error(`the server does not hang up within ${SILENCE_MS} ms`));
    });
    socket.end(bytes);
  });
}

/** The first response in `bytes`, if it is there as a whole. */
function responseIn(bytes: Buffer, isHead: boolean): HttpAnswer | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const [start = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers = new Map(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const status = Number(start.split(" ")[1]);
  const header = (name: string) => headers.get(name);
  const rest = bytes.subarray(end + HEAD_END.length);
  if (isHead || status === 204 || status === 304) return { status, header, body: new Uint8Array(0) };
  const body = header("transfer-encoding") === "chunked"
    ? chunkedBody(rest)
    : bodyOfLength(rest, header("content-length"));
  return body === undefined ? undefined : { status, header, body: new Uint8Array(body) };
}

function bodyOfLength(rest: Buffer, length: string | undefined): Buffer | undefined {
  const wanted = Number(length ?? "0");
  return rest.length >= wanted ? rest.subarray(0, wanted) : undefined;
}

function chunkedBody(rest: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0;;) {
    const lineEnd = rest.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.toString("latin1", at, lineEnd), 16);
    const start = lineEnd + 2;
    if (rest.length < start + size + 2) return undefined;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(rest.subarray(start, start + size));
    at = start + size + 2;
  }
}
