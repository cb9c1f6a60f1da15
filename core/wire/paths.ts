/**
 * The GET surface: every direct request as a path, and back.
 *
 * Reading is strict (decimals without leading zeros, lower-case hex, inclusive `first-last`, no query but `fresh`), so
 * that a path has one spelling in every cache. Two requests have two paths, a short one for people besides that of a list:
 * `/v1/transaction/5@9` asks what `/v1/transactions+events/5-5@9` asks, and `/v1/state/5/<hash>@9` what
 * `/v1/states-by-key/5@9/<hash>` asks. {@link pathOfRequest} always writes the same one of the two. V1 requests, the
 * reference's "transactions or outputs" of a range, and subscriptions have no path: they are POSTed.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import { WIRE_HASH_BYTES } from "./fields.ts";
import { GET_RESPONSE_BYTES, MAX_FRESH_TOKEN_LENGTH, MAX_PATH_KEY_HASHES, MAX_PATH_LENGTH } from "./limits.ts";
import { fillPath, PATH_ROUTES, type PathRoute } from "./path-routes.ts";
import type { DataRequest } from "./request-types.ts";

/** What a path asks for. */
export interface PathRequest {
  /** The request; transaction data with the byte limit of every GET. */
  readonly request: DataRequest;
  /** Value of `?fresh=`: the answer must neither come from a cache nor go into one. */
  readonly fresh?: string;
}

const FRESH_TOKEN = /* @__PURE__ */ new RegExp(`^[0-9A-Za-z_-]{1,${MAX_FRESH_TOKEN_LENGTH}}$`);

/** Routes by the first step of their path below `/v1`, so that a path is compared with few patterns. */
const ROUTES_BY_STEP: ReadonlyMap<string, readonly PathRoute[]> = /* @__PURE__ */ routesByStep();

/**
 * Reads a path with its query.
 *
 * @param target Path and query as they stand in the request line, such as `/v1/outputs/0-2047@5000`; not percent-decoded.
 * @throws {SyncError} `INVALID_REQUEST` if it is not exactly one of the paths above.
 */
export function requestOfPath(target: string): PathRequest {
  if (target.length > MAX_PATH_LENGTH) {
    throw invalid(`at most ${MAX_PATH_LENGTH} characters, current value is ${target.length}`);
  }
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  for (const { pattern, read } of ROUTES_BY_STEP.get(firstStep(path)) ?? []) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const request = read(match);
    return mark < 0 ? { request } : { request, fresh: freshToken(target.slice(mark + 1)) };
  }
  throw invalid("it is none of the paths of this service, spelt as they are");
}

/**
 * The path that asks the same as `request`, or `undefined` where there is none and it must be POSTed.
 *
 * Transaction data has a path only if `maxResponseBytes` is at least the size at which every server cuts the answer to a
 * GET; so the answer never has more bytes than the request allows.
 *
 * @param options.fresh Token for `?fresh=`: 1 to 64 letters, digits, `-`, `_`; a new one for every attempt.
 * @throws {SyncError} `INVALID_ARGUMENT` if the token is anything else.
 */
export function pathOfRequest(request: DataRequest, options: { fresh?: string } = {}): string | undefined {
  const path = plainPath(request);
  if (path === undefined || options.fresh === undefined) return path;
  if (!FRESH_TOKEN.test(options.fresh)) {
    throw new SyncError("INVALID_ARGUMENT", "Cannot write path: a fresh token has 1 to 64 of 0-9, A-Z, a-z, - and _");
  }
  return `${path}?fresh=${options.fresh}`;
}

function plainPath(request: DataRequest): string | undefined {
  switch (request.kind) {
    case "getStorageServerSummary":
      return fillPath("summary", {});
    case "getLatestLedgerInfo":
      return fillPath("latestLedgerInfo", {});
    case "getPeers":
      return fillPath("peers", {});
    case "getEpochEndingLedgerInfos":
      return fillPath("epochEndings", request);
    case "getEpochEndingAtVersion":
      return fillPath("epochEndingAtVersion", request);
    case "getNumberOfStatesAtVersion":
      return fillPath("stateCount", request);
    case "getStateValuesWithProof":
      return fillPath("stateChunk", request);
    case "getTransactionByHash":
      return fillPath("transactionByHash", { transactionHash: request.hash });
    case "getTransactionDataWithProof":
      return rangePath(request);
    case "getNewTransactionDataWithProof":
      return newDataPath(request);
    case "getStateValuesByKeyHash":
      return statePath(request);
    default:
      return undefined;
  }
}

function rangePath(request: DataRequest & { kind: "getTransactionDataWithProof" }): string | undefined {
  const { dataType } = request;
  if (request.maxResponseBytes < GET_RESPONSE_BYTES || dataType.kind === "transactionsOrOutputs") return undefined;
  if (dataType.kind === "outputs") return fillPath("outputs", request);
  return fillPath(dataType.includeEvents ? "transactionsWithEvents" : "transactions", request);
}

const NEW_DATA_ROUTES = {
  transactions: "newTransactions",
  outputs: "newOutputs",
  transactionsOrOutputs: "newTransactionsOrOutputs",
} as const;

function newDataPath(request: DataRequest & { kind: "getNewTransactionDataWithProof" }): string | undefined {
  const { dataType } = request;
  const withoutEvents = dataType.kind !== "outputs" && !dataType.includeEvents;
  if (request.maxResponseBytes < GET_RESPONSE_BYTES || withoutEvents) return undefined;
  return fillPath(NEW_DATA_ROUTES[dataType.kind], request);
}

function statePath(request: DataRequest & { kind: "getStateValuesByKeyHash" }): string | undefined {
  const { checkpoint, proofVersion, keyHashes } = request;
  const count = keyHashes.length / WIRE_HASH_BYTES;
  if (checkpoint === undefined && proofVersion === undefined && count === 1) {
    return fillPath("latestState", { keyHash: keyHashes });
  }
  if (checkpoint === undefined || proofVersion === undefined || count > MAX_PATH_KEY_HASHES) return undefined;
  if (count === 1) return fillPath("state", { checkpoint, proofVersion, keyHash: keyHashes });
  return fillPath("statesByKey", { checkpoint, proofVersion, keyHashes });
}

function routesByStep(): Map<string, PathRoute[]> {
  const byStep = new Map<string, PathRoute[]>();
  for (const route of Object.values(PATH_ROUTES)) {
    const step = firstStep(route.template);
    byStep.set(step, [...byStep.get(step) ?? [], route]);
  }
  return byStep;
}

/** What stands between `/v1/` and the next slash. */
function firstStep(path: string): string {
  const start = "/v1/".length;
  const end = path.indexOf("/", start);
  return path.slice(start, end < 0 ? undefined : end);
}

function freshToken(query: string): string {
  const token = query.startsWith("fresh=") ? query.slice("fresh=".length) : "";
  if (!FRESH_TOKEN.test(token)) throw invalid("the only query is fresh=<1 to 64 of 0-9, A-Z, a-z, - and _>");
  return token;
}

function invalid(reason: string): SyncError {
  return new SyncError("INVALID_REQUEST", `Cannot read path: ${reason}`);
}
