/**
 * What a response may say of its keeping: decided by what was asked, and by the very bytes of the answer.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { isSyncError } from "../../core/errors.ts";
import { requestOfPath } from "../../core/wire/paths.ts";
import type { DataRequest } from "../../core/wire/request.ts";
import { isWaitingRequest, type RequestKind } from "../../core/wire/request-types.ts";
import { WrongAnswer } from "./answer-oracle.ts";
import type { HttpAnswer, HttpMessage } from "./http-message.ts";

const NO_STORE = "no-store";
const ONE_SECOND = "public, max-age=1";
const KEEPABLE = [ONE_SECOND, "public, max-age=60", "public, max-age=31536000, immutable"];

/** Their answers are about the head, which moves: a second, if at all. */
const ABOUT_HEAD: readonly RequestKind[] = ["getStorageServerSummary", "getLatestLedgerInfo", "getTransactionByHash"];

/** Their answers are about this server. */
const ABOUT_SERVER: readonly RequestKind[] = ["getServerProtocolVersion", "getPeers"];

/** The whole hash, and the coding of the bytes that it goes with. */
const ENTITY_TAG = /^"[0-9a-f]{64}(-gzip)?"$/;

/**
 * Judges what an answer with data says of its keeping.
 *
 * @param frame Its bytes without content coding; absent in answer to a HEAD.
 * @throws {WrongAnswer} If it may not say so.
 */
export function judgeKeeping(message: HttpMessage, { header }: HttpAnswer, frame?: Uint8Array): void {
  const [cacheControl, tag, coding] = [header("cache-control"), header("etag"), header("content-encoding")];
  if (cacheControl === NO_STORE) {
    if (tag !== undefined) throw new WrongAnswer("an entity tag does not go with no-store");
    return;
  }
  judgeLifetime(message, cacheControl);
  if (tag === undefined || !ENTITY_TAG.test(tag)) throw new WrongAnswer(`the entity tag is ${tag}`);
  if (tag.endsWith('-gzip"') !== (coding === "gzip")) throw new WrongAnswer(`the tag is ${tag}, the coding ${coding}`);
  if (frame !== undefined && tag.slice(1, 65) !== createHash("sha3-256").update(frame).digest("hex")) {
    throw new WrongAnswer(`the entity tag ${tag} is not the hash of the answer`);
  }
  if (namesTag(message, tag)) throw new WrongAnswer("what the client has already is sent again");
}

/**
 * Judges a response without a body that says that the client has the answer already.
 *
 * @throws {WrongAnswer} If the client did not say that it has it, or may not keep it.
 */
export function judgeNotModified(message: HttpMessage, { header }: HttpAnswer): void {
  const tag = header("etag");
  if (tag === undefined || !ENTITY_TAG.test(tag)) throw new WrongAnswer(`a 304 with the entity tag ${tag}`);
  judgeLifetime(message, header("cache-control"));
  if (!namesTag(message, tag)) throw new WrongAnswer(`a 304 with ${tag}, which the client does not name`);
}

/** What the path of a GET asks for, and its token against caches. Platforms resolve `/../` and drop fragments before a handler sees it. */
export function readTarget(target: string): { readonly request: DataRequest; readonly fresh?: string } {
  const { pathname, search } = new URL(`http://service.test${target}`);
  return requestOfPath(pathname + search);
}

function judgeLifetime({ method, target }: HttpMessage, cacheControl: string | undefined): void {
  if (cacheControl === undefined || !KEEPABLE.includes(cacheControl)) {
    throw new WrongAnswer(`cache-control is ${cacheControl}`);
  }
  if (!/^(get|head)$/i.test(method)) throw new WrongAnswer(`the answer to a ${method} may be kept`);
  const { request, fresh } = targetOrWrong(target);
  if (fresh !== undefined) throw new WrongAnswer("the answer to who asks for a fresh one may be kept");
  if (isWaitingRequest(request) || ABOUT_SERVER.includes(request.kind)) {
    throw new WrongAnswer(`the answer to ${request.kind} may be kept`);
  }
  if (cacheControl !== ONE_SECOND && isAboutHead(request)) {
    throw new WrongAnswer(`${cacheControl} for ${request.kind}, which is about the head`);
  }
}

function isAboutHead(request: DataRequest): boolean {
  return ABOUT_HEAD.includes(request.kind) ||
    (request.kind === "getStateValuesByKeyHash" && request.checkpoint === undefined);
}

function targetOrWrong(target: string): ReturnType<typeof readTarget> {
  try {
    return readTarget(target);
  } catch (error) {
    if (isSyncError(error)) throw new WrongAnswer(`what is no answer of the service may be kept: ${error.message}`);
    throw error;
  }
}

/** RFC 9110 §13.1.2: any, or one of a list, weakly compared. Several such headers are one list. */
function namesTag({ headers }: HttpMessage, tag: string): boolean {
  const named = headers.filter(([name]) => name.toLowerCase() === "if-none-match").flatMap(([, value]) =>
    value.split(",")
  );
  return named.map((item) => item.trim()).some((item) => item === "*" || item === tag || item === `W/${tag}`);
}
