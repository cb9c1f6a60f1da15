/**
 * The GET surface: every direct request as a path, and back.
 *
 * Reading is strict (decimals without leading zeros, lower-case hex, inclusive `first-last`, no query but `fresh`), so
 * that one request has one spelling in every cache. V1 requests, the reference's "transactions or outputs" of a range, and
 * subscriptions have no path: they are POSTed.
 *
 * @module
 */
import { concatBytes } from "../bytes/bytes.ts";
import { decodeHex, encodeHex } from "../bytes/hex.ts";
import { SyncError } from "../errors.ts";
import type { TransactionDataType } from "./data-type.ts";
import { GET_RESPONSE_BYTES, MAX_FRESH_TOKEN_LENGTH, MAX_PATH_KEY_HASHES, MAX_PATH_LENGTH } from "./limits.ts";
import type { DataRequest } from "./request-types.ts";

/** What a path asks for. */
export interface PathRequest {
  /** The request; transaction data with the byte limit of every GET. */
  readonly request: DataRequest;
  /** Value of `?fresh=`: the answer must neither come from a cache nor go into one. */
  readonly fresh?: string;
}

const HASH_BYTES = 32;
const NUMBER = "(0|[1-9][0-9]{0,19})";
const HASH = "([0-9a-f]{64})";
const HASHES = `[0-9a-f]{64}(?:,[0-9a-f]{64}){0,${MAX_PATH_KEY_HASHES - 1}}`;
const U64_MAX = 0xffff_ffff_ffff_ffffn;
const FRESH_TOKEN = /* @__PURE__ */ new RegExp(`^[0-9A-Za-z_-]{1,${MAX_FRESH_TOKEN_LENGTH}}$`);

const TRANSACTIONS: TransactionDataType = { kind: "transactions", includeEvents: false };
const TRANSACTIONS_WITH_EVENTS: TransactionDataType = { kind: "transactions", includeEvents: true };
const OUTPUTS: TransactionDataType = { kind: "outputs" };
const EITHER: TransactionDataType = { kind: "transactionsOrOutputs", includeEvents: true };

interface Route {
  readonly pattern: RegExp;
  read(groups: readonly string[]): DataRequest;
}

/** Every path below `/v1`. The groups of a pattern are numbers and hashes, checked by the pattern and by `number`. */
const ROUTES: readonly Route[] = [
  route("/v1/summary", () => ({ kind: "getStorageServerSummary" })),
  route("/v1/ledger-info/latest", () => ({ kind: "getLatestLedgerInfo" })),
  route(`/v1/epochs/${NUMBER}-${NUMBER}`, ([first, last]) => ({
    kind: "getEpochEndingLedgerInfos",
    firstEpoch: number(first),
    lastEpoch: number(last),
  })),
  route(`/v1/epochs/at/${NUMBER}`, ([version]) => ({ kind: "getEpochEndingAtVersion", version: number(version) })),
  dataRoute("transactions", TRANSACTIONS),
  dataRoute("transactions\\+events", TRANSACTIONS_WITH_EVENTS),
  dataRoute("outputs", OUTPUTS),
  route(`/v1/transaction/${NUMBER}@${NUMBER}`, ([version, proof]) => {
    return rangeRequest(TRANSACTIONS_WITH_EVENTS, version, version, proof);
  }),
  route(`/v1/transaction/by-hash/${HASH}`, ([hash]) => ({ kind: "getTransactionByHash", hash: hashes(hash) })),
  route(`/v1/states/${NUMBER}/count`, ([version]) => ({
    kind: "getNumberOfStatesAtVersion",
    version: number(version),
  })),
  route(`/v1/states/${NUMBER}/${NUMBER}-${NUMBER}`, ([version, first, last]) => ({
    kind: "getStateValuesWithProof",
    version: number(version),
    firstIndex: number(first),
    lastIndex: number(last),
  })),
  route(`/v1/state/latest/${HASH}`, ([hash]) => ({ kind: "getStateValuesByKeyHash", keyHashes: hashes(hash) })),
  route(`/v1/state/${NUMBER}/${HASH}@${NUMBER}`, ([checkpoint, hash, proof]) => {
    return stateRequest(checkpoint, proof, hash);
  }),
  route(`/v1/states-by-key/${NUMBER}@${NUMBER}/(${HASHES})`, ([checkpoint, proof, list]) => {
    return stateRequest(checkpoint, proof, list);
  }),
  newDataRoute("transactions", TRANSACTIONS_WITH_EVENTS),
  newDataRoute("outputs", OUTPUTS),
  newDataRoute("either", EITHER),
  route("/v1/peers", () => ({ kind: "getPeers" })),
];

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
  for (const { pattern, read } of ROUTES) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const request = read(match.slice(1));
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
      return "/v1/summary";
    case "getLatestLedgerInfo":
      return "/v1/ledger-info/latest";
    case "getPeers":
      return "/v1/peers";
    case "getEpochEndingLedgerInfos":
      return `/v1/epochs/${request.firstEpoch}-${request.lastEpoch}`;
    case "getEpochEndingAtVersion":
      return `/v1/epochs/at/${request.version}`;
    case "getNumberOfStatesAtVersion":
      return `/v1/states/${request.version}/count`;
    case "getStateValuesWithProof":
      return `/v1/states/${request.version}/${request.firstIndex}-${request.lastIndex}`;
    case "getTransactionByHash":
      return `/v1/transaction/by-hash/${encodeHex(request.hash)}`;
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
  const { dataType, firstVersion, lastVersion, proofVersion } = request;
  if (request.maxResponseBytes < GET_RESPONSE_BYTES || dataType.kind === "transactionsOrOutputs") return undefined;
  const withEvents = dataType.kind === "transactions" && dataType.includeEvents ? "+events" : "";
  return `/v1/${dataType.kind}${withEvents}/${firstVersion}-${lastVersion}@${proofVersion}`;
}

function newDataPath(request: DataRequest & { kind: "getNewTransactionDataWithProof" }): string | undefined {
  const { dataType, knownVersion, knownEpoch } = request;
  const withoutEvents = dataType.kind !== "outputs" && !dataType.includeEvents;
  if (request.maxResponseBytes < GET_RESPONSE_BYTES || withoutEvents) return undefined;
  const name = dataType.kind === "transactionsOrOutputs" ? "either" : dataType.kind;
  return `/v1/new/${name}/${knownVersion}/${knownEpoch}`;
}

function statePath(request: DataRequest & { kind: "getStateValuesByKeyHash" }): string | undefined {
  const { checkpoint, proofVersion, keyHashes } = request;
  const count = keyHashes.length / HASH_BYTES;
  const text = Array.from(
    { length: count },
    (_, i) => encodeHex(keyHashes.subarray(HASH_BYTES * i, HASH_BYTES * (i + 1))),
  );
  if (checkpoint === undefined && proofVersion === undefined && count === 1) return `/v1/state/latest/${text[0]}`;
  if (checkpoint === undefined || proofVersion === undefined || count > MAX_PATH_KEY_HASHES) return undefined;
  if (count === 1) return `/v1/state/${checkpoint}/${text[0]}@${proofVersion}`;
  return `/v1/states-by-key/${checkpoint}@${proofVersion}/${text.join(",")}`;
}

function route(pattern: string, read: Route["read"]): Route {
  return { pattern: new RegExp(`^${pattern}$`), read };
}

function dataRoute(name: string, dataType: TransactionDataType): Route {
  return route(`/v1/${name}/${NUMBER}-${NUMBER}@${NUMBER}`, ([first, last, proof]) => {
    return rangeRequest(dataType, first, last, proof);
  });
}

function newDataRoute(name: string, dataType: TransactionDataType): Route {
  return route(`/v1/new/${name}/${NUMBER}/${NUMBER}`, ([version, epoch]) => ({
    kind: "getNewTransactionDataWithProof",
    dataType,
    knownVersion: number(version),
    knownEpoch: number(epoch),
    maxResponseBytes: GET_RESPONSE_BYTES,
  }));
}

function rangeRequest(
  dataType: TransactionDataType,
  first: string | undefined,
  last: string | undefined,
  proof: string | undefined,
): DataRequest {
  return {
    kind: "getTransactionDataWithProof",
    dataType,
    firstVersion: number(first),
    lastVersion: number(last),
    proofVersion: number(proof),
    maxResponseBytes: GET_RESPONSE_BYTES,
  };
}

function stateRequest(
  checkpoint: string | undefined,
  proof: string | undefined,
  list: string | undefined,
): DataRequest {
  return {
    kind: "getStateValuesByKeyHash",
    checkpoint: number(checkpoint),
    proofVersion: number(proof),
    keyHashes: hashes(list),
  };
}

function number(text: string | undefined): bigint {
  const value = BigInt(text ?? "");
  if (value > U64_MAX) throw invalid(`a number is at most 2^64 - 1, current value is ${value}`);
  return value;
}

function hashes(text: string | undefined): Uint8Array {
  return concatBytes(...(text ?? "").split(",").map((digits) => decodeHex(digits, HASH_BYTES)));
}

function freshToken(query: string): string {
  const token = query.startsWith("fresh=") ? query.slice("fresh=".length) : "";
  if (!FRESH_TOKEN.test(token)) throw invalid("the only query is fresh=<1 to 64 of 0-9, A-Z, a-z, - and _>");
  return token;
}

function invalid(reason: string): SyncError {
  return new SyncError("INVALID_REQUEST", `Cannot read path: ${reason}`);
}
