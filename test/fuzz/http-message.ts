/**
 * HTTP requests as inputs: written and read as the messages they are (RFC 9112), so that a kept one can be looked at, sent
 * over a socket, or given to a `fetch` handler. And their responses, as whoever sent them sees them.
 *
 * @module
 */
import { concatBytes, utf8Bytes } from "../../core/bytes/bytes.ts";

/** One request. */
export interface HttpMessage {
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** A response as it came. */
export interface HttpAnswer {
  readonly status: number;
  /** Value of a header, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Still under its content coding. */
  readonly body: Uint8Array;
}

const LINE_END = "\r\n";

/** Writes a request, without the headers that frame its body. */
export function encodeMessage({ method, target, headers, body }: HttpMessage): Uint8Array {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`), "", ""];
  return concatBytes(utf8Bytes(lines.join(LINE_END)), body);
}

/** Reads a request as loosely as it can be read: a mutated one is one too. `undefined` if there is no request line. */
export function decodeMessage(bytes: Uint8Array): HttpMessage | undefined {
  const end = endOfHead(bytes);
  // One character a byte, as HTTP has it.
  const [start = "", ...lines] = String.fromCharCode(...bytes.subarray(0, end)).split(LINE_END);
  const [method, target] = start.split(" ");
  if (method === undefined || target === undefined) return undefined;
  const headers = lines.filter((line) => line.includes(":")).map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  return { method, target, headers, body: bytes.slice(Math.min(bytes.length, end + 4)) };
}

/** The same message with the headers that a server on a socket needs: whose it is, and where its body ends. */
export function framedMessage(bytes: Uint8Array, host: string): Uint8Array {
  const end = endOfHead(bytes);
  const head = bytes.subarray(0, end);
  const body = bytes.subarray(Math.min(bytes.length, end + 4));
  const framing = body.length > 0 ? `content-length: ${body.length}${LINE_END}` : "";
  return concatBytes(head, utf8Bytes(`${LINE_END}host: ${host}${LINE_END}${framing}${LINE_END}`), body);
}

/** Where the empty line begins, or the end. */
function endOfHead(bytes: Uint8Array): number {
  for (let at = 0; at + 3 < bytes.length; at++) {
    if (bytes[at] === 13 && bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at;
  }
  return bytes.length;
}
