/**
 * What every HTTP response of a server must be, whatever was sent to it.
 *
 * @module
 */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { isSyncError } from "../../core/errors.ts";
import { MAX_REQUEST_BYTES } from "../../core/wire/limits.ts";
import { type DataRequest, decodeRequest } from "../../core/wire/request.ts";
import { decodeResponse } from "../../core/wire/response.ts";
import { judgeAnswer, judgeRefusal, type ServedConfig, wayOf, WrongAnswer } from "./answer-oracle.ts";
import { judgeKeeping, judgeNotModified, readTarget } from "./cache-oracle.ts";
import type { Outcome } from "./fuzzer.ts";
import type { HttpAnswer, HttpMessage } from "./http-message.ts";

/** Statuses by the code of the error frame below them. */
const STATUSES: Readonly<Record<string, readonly number[]>> = {
  INVALID_REQUEST: [400, 404, 405],
  WRONG_CHAIN: [400],
  NOT_SERVICEABLE: [404],
  NOT_A_CHECKPOINT: [404],
  PRUNED: [404],
  TOO_LARGE: [413],
  TOO_MANY_REQUESTS: [429],
  TOO_MANY_INVALID_REQUESTS: [429],
};

const TOO_LARGE = 413;

/** What is answered in JSON. */
const DOCUMENTS = ["/healthz", "/openapi.json"];

/**
 * Judges a response.
 *
 * @param message What was sent, or `undefined` where it was no request that can be read.
 * @throws {WrongAnswer} If a server may not answer so.
 */
export function judgeHttp(message: HttpMessage | undefined, answer: HttpAnswer, config: ServedConfig): Outcome {
  const { status } = answer;
  if (status >= 500) throw new WrongAnswer(`status ${status}: ${textOf(answer.body.subarray(0, 300))}`);
  if (message === undefined) return { isAnswered: false, way: `no message ${status}` };
  if (status === 204 || status === 304) return judgeEmpty(message, answer);
  const length = answer.header("content-length");
  const isHead = message.method.toUpperCase() === "HEAD";
  if (length !== undefined && !isHead && Number(length) !== answer.body.length) {
    throw new WrongAnswer(`content-length is ${length}, the body has ${answer.body.length} bytes`);
  }
  if (isHead && answer.body.length > 0) throw new WrongAnswer("a HEAD is answered with a body");
  if (status === 200) return judgeData(message, answer, config);
  if (isTooLong(message) && status !== TOO_LARGE) throw new WrongAnswer(`status ${status} to a body that is too long`);
  return judgeError(message, answer);
}

function isTooLong({ method, target, headers, body }: HttpMessage): boolean {
  const isCoded = headers.some(([name]) => name === "content-encoding");
  return method === "POST" && target === "/v1/request" && !isCoded && body.length > MAX_REQUEST_BYTES;
}

function judgeEmpty(message: HttpMessage, answer: HttpAnswer): Outcome {
  const { status, body, header } = answer;
  if (body.length > 0) throw new WrongAnswer(`status ${status} has a body`);
  if (status === 304) judgeNotModified(message, answer);
  else if (header("etag") !== undefined) throw new WrongAnswer(`status ${status} with an entity tag`);
  return { isAnswered: status === 304, way: `${message.method} ${status}` };
}

function judgeData(message: HttpMessage, answer: HttpAnswer, config: ServedConfig): Outcome {
  const cacheControl = answer.header("cache-control");
  if (message.method.toUpperCase() === "HEAD") {
    judgeKeeping(message, answer);
    return { isAnswered: true, way: `HEAD ${cacheControl}` };
  }
  if (answer.header("content-type") !== "application/cbor") return judgeDocument(message, answer);
  const frame = decodedBody(answer);
  judgeKeeping(message, answer, frame);
  const outcome = judgeAnswer(requestOf(message), frame, config);
  return { ...outcome, way: `${outcome.way} ${cacheControl}` };
}

/** Without its content coding. We have gzip alone; the edge of Workers compresses what is text, and does so in Brotli too. */
function decodedBody({ header, body }: HttpAnswer): Uint8Array {
  const coding = header("content-encoding");
  if (coding === undefined) return body;
  if (coding === "gzip") return new Uint8Array(gunzipSync(body));
  if (coding === "br") return new Uint8Array(brotliDecompressSync(body));
  throw new WrongAnswer(`content coding ${coding}, which nobody here has`);
}

/** What is for people and their tools, about this server. */
function judgeDocument({ method, target }: HttpMessage, answer: HttpAnswer): Outcome {
  const { header } = answer;
  const { pathname } = new URL(`http://service.test${target}`);
  if (method.toUpperCase() !== "GET" || !DOCUMENTS.includes(pathname)) {
    throw new WrongAnswer(`${header("content-type")} in answer to ${method} ${target}`);
  }
  if (header("cache-control") !== "no-store" || header("etag") !== undefined) {
    throw new WrongAnswer(`${pathname} may be kept`);
  }
  JSON.parse(textOf(decodedBody(answer)));
  return { isAnswered: true, way: `200 ${pathname}` };
}

function judgeError({ method }: HttpMessage, { status, header, body }: HttpAnswer): Outcome {
  if (header("cache-control") !== "no-store" || header("etag") !== undefined) {
    throw new WrongAnswer(`an error (${status}) may be kept`);
  }
  if (status === 429 && header("retry-after") === undefined) throw new WrongAnswer("a 429 does not say for how long");
  if (method.toUpperCase() === "HEAD") return { isAnswered: false, way: `HEAD ${status}` };
  const { error } = decodeResponse(body, { maxBytes: 4_096 });
  if (error === undefined) throw new WrongAnswer(`status ${status} has data`);
  judgeRefusal(undefined, error);
  if (STATUSES[error.code]?.includes(status) !== true) throw new WrongAnswer(`status ${status} says ${error.code}`);
  return { isAnswered: false, way: `${status} ${wayOf(error)}` };
}

/** What the message asks for. It was answered, so it can be read. */
function requestOf({ method, target, body }: HttpMessage): DataRequest {
  try {
    return method === "POST" ? decodeRequest(body).request : readTarget(target).request;
  } catch (error) {
    if (isSyncError(error)) throw new WrongAnswer(`there is data in answer to what is refused: ${error.message}`);
    throw error;
  }
}

function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}
