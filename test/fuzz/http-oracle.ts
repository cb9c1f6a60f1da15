/**
 * What every HTTP response of a server must be, whatever was sent to it.
 *
 * @module
 */
import { gunzipSync } from "node:zlib";
import { isSyncError } from "../../core/errors.ts";
import { MAX_REQUEST_BYTES } from "../../core/wire/limits.ts";
import { requestOfPath } from "../../core/wire/paths.ts";
import { type DataRequest, decodeRequest } from "../../core/wire/request.ts";
import { decodeResponse } from "../../core/wire/response.ts";
import { judgeAnswer, judgeRefusal, type ServedConfig, wayOf, WrongAnswer } from "./answer-oracle.ts";
import type { Outcome } from "./fuzzer.ts";
import type { HttpMessage } from "./http-message.ts";

/** A response as it came. */
export interface HttpAnswer {
  readonly status: number;
  /** Value of a header, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Still under its content coding. */
  readonly body: Uint8Array;
}

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
const JSON_PATH = /^\/[a-z.]+/;

const CACHE_CONTROLS = ["public, max-age=31536000, immutable", "public, max-age=60", "public, max-age=1", "no-store"];

/**
 * Judges a response.
 *
 * @param message What was sent, or `undefined` where it was no request that can be read.
 * @throws {WrongAnswer} If a server may not answer so.
 */
export function judgeHttp(message: HttpMessage | undefined, answer: HttpAnswer, config: ServedConfig): Outcome {
  const { status } = answer;
  if (status >= 500) throw new WrongAnswer(`status ${status}: ${textOf(answer.body)}`);
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

function judgeEmpty({ method }: HttpMessage, { status, body, header }: HttpAnswer): Outcome {
  if (body.length > 0) throw new WrongAnswer(`status ${status} has a body`);
  if (status === 304 && header("etag") === undefined) throw new WrongAnswer("a 304 without an entity tag");
  return { isAnswered: status === 304, way: `${method} ${status}` };
}

function judgeData(message: HttpMessage, answer: HttpAnswer, config: ServedConfig): Outcome {
  const cacheControl = answer.header("cache-control");
  if (cacheControl === undefined || !CACHE_CONTROLS.includes(cacheControl)) {
    throw new WrongAnswer(`cache-control is ${cacheControl}`);
  }
  if ((answer.header("etag") === undefined) !== (cacheControl === "no-store")) {
    throw new WrongAnswer(`an entity tag does not go with ${cacheControl}`);
  }
  if (message.method.toUpperCase() === "HEAD") return { isAnswered: true, way: `HEAD ${cacheControl}` };
  if (answer.header("content-type") !== "application/cbor") {
    return { isAnswered: true, way: `200 ${JSON_PATH.exec(message.target)}` };
  }
  const frame = answer.header("content-encoding") === "gzip" ? gunzipSync(answer.body) : answer.body;
  const outcome = judgeAnswer(requestOf(message), new Uint8Array(frame), config);
  return { ...outcome, way: `${outcome.way} ${cacheControl}` };
}

function judgeError({ method }: HttpMessage, { status, header, body }: HttpAnswer): Outcome {
  if (header("cache-control") !== "no-store") throw new WrongAnswer(`an error (${status}) may be kept`);
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
    return method === "POST" ? decodeRequest(body).request : requestOfTarget(target);
  } catch (error) {
    if (isSyncError(error)) throw new WrongAnswer(`there is data in answer to what is refused: ${error.message}`);
    throw error;
  }
}

/** Platforms resolve `/../` and drop fragments, as the URL standard has it, before a handler sees a path. */
function requestOfTarget(target: string): DataRequest {
  const { pathname, search } = new URL(`http://service.test${target}`);
  return requestOfPath(pathname + search).request;
}

function textOf(body: Uint8Array): string {
  return String.fromCharCode(...body.subarray(0, 300));
}
