/**
 * The storage service: answers requests about a ledger, with proofs, within limits.
 *
 * It judges a request first (is it allowed, is it here), reads the store once, and answers with at least one item or with
 * a typed error. It never waits: optimistic fetches, subscriptions, caches and moderation are components of their own,
 * around and beside this one.
 *
 * @module
 */
import type { ChainContext } from "../chain/hash.ts";
import { isSyncError, SyncError } from "../errors.ts";
import type { LedgerReader } from "../ledger/reader.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { type Refusal, refusalOf } from "../wire/can-service.ts";
import { isWireErrorCode } from "../wire/error-frame.ts";
import { isUnknownChain } from "../wire/frame.ts";
import { PROTOCOL_VERSION } from "../wire/limits.ts";
import type { DataRequest, GetTransactionByHash } from "../wire/request.ts";
import { type DirectRequest, isWaitingRequest } from "../wire/request-types.ts";
import type { DataResponse } from "../wire/response.ts";
import { assertStorageServiceConfig, DEFAULT_STORAGE_SERVICE_CONFIG, type StorageServiceConfig } from "./config.ts";
import { readEpochEndingAt, readEpochEndings } from "./epoch-reader.ts";
import { createLedgerViews, latestOf, type LedgerView, type LedgerViews, versionOf } from "./ledger-view.ts";
import type { AnswerLifetime } from "./lifetime.ts";
import { rangeAnswer } from "./range-answer.ts";
import { readStateChunk } from "./state-reader.ts";
import { stateValuesAnswer } from "./state-values-answer.ts";
import { readDataList } from "./transaction-reader.ts";

/** What the service is made of. */
export interface StorageServiceParts {
  /** Where the ledger is read. Stays the caller's: not closed here. */
  readonly reader: LedgerReader;
  /** Only its profile is looked at: the ledger must be of it. */
  readonly context: Pick<ChainContext, "profile">;
  /** What differs from the defaults. */
  readonly config?: Partial<StorageServiceConfig>;
  /** Tells how old the view of the ledger is. */
  readonly clock: Clock;
  /** Told of failures of our own. */
  readonly log: Log;
  /** Views of the same ledger that others look at too; of its own if absent. */
  readonly views?: LedgerViews;
}

/** An answer and how long it stays true. */
export interface Answer {
  /** What was asked for. */
  readonly response: DataResponse;
  /** For caches. */
  readonly lifetime: AnswerLifetime;
}

/** Answers requests. Methods may be called at any time, any number at once. */
export interface StorageService {
  /**
   * Answers one request.
   *
   * @throws {SyncError} `INVALID_REQUEST` if the request makes no sense, whatever is stored.
   * @throws {SyncError} `NOT_SERVICEABLE` if what it asks for is not here (yet).
   * @throws {SyncError} `PRUNED` with `detail.lowest` if it was here once; `NOT_A_CHECKPOINT` with `detail.checkpoint` if
   * the version has no state of its own; `TOO_LARGE` with `detail.limit` if one item is above the server's limit.
   * @throws {SyncError} `NETWORK_MISMATCH` if the ledger is of another profile than the service; storage codes if the store
   * fails. A client hears of these as `INTERNAL`.
   */
  handle(request: DataRequest): Promise<DataResponse>;
  /** As {@link StorageService.handle}, and tells how long the answer stays true. */
  answer(request: DataRequest): Promise<Answer>;
  /**
   * Judges a request as {@link StorageService.answer} would, and reads nothing of what it asks for.
   *
   * @returns The view in which it can be answered.
   */
  check(request: DirectRequest): Promise<LedgerView>;
  /** 32-byte genesis waypoint value of the ledger; all zeros while it is not known. */
  chain(): Promise<Uint8Array>;
  /** Where the service stands: for health reports. */
  view(): Promise<LedgerView>;
}

/**
 * Creates a storage service over a ledger that may grow meanwhile, also by another process.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if the config is out of its ranges.
 */
export function createStorageService(options: StorageServiceParts): StorageService {
  const parts: Parts = { ...options, config: { ...DEFAULT_STORAGE_SERVICE_CONFIG, ...options.config } };
  assertStorageServiceConfig(parts.config);
  const views = parts.views ?? createLedgerViews(parts);
  const logged = async <T>(request: DataRequest, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      logFailure(parts.log, request, error);
      throw error;
    }
  };
  const answer = (request: DataRequest) => logged(request, answerRequest(parts, views, request));
  return {
    answer,
    handle: async (request) => (await answer(request)).response,
    check: (request) => logged(request, checkedView(parts, views, request)),
    chain: async () => (await views.current()).chain,
    view: () => views.current(),
  };
}

type Parts = StorageServiceParts & { readonly config: StorageServiceConfig };

/** Optimistic and subscription requests do not end here, so how old the head may be for them does not matter here. */
const NO_WAITING = { maxOptimisticFetchLagSecs: 0, maxSubscriptionLagSecs: 0 };

/** Failures of our own are for the operator; refusals are for the client alone. */
function logFailure(log: Log, request: DataRequest, error: unknown): void {
  if (isSyncError(error) && isWireErrorCode(error.code)) return;
  const fields = isSyncError(error) ? { code: error.code, reason: error.message } : { reason: String(error) };
  log.error("Cannot answer request", { request: request.kind, ...fields });
}

async function answerRequest(parts: Parts, views: LedgerViews, request: DataRequest): Promise<Answer> {
  if (isWaitingRequest(request)) {
    throw new SyncError("NOT_SERVICEABLE", `Cannot answer ${request.kind}: this service does not hold requests`);
  }
  const view = await checkedView(parts, views, request);
  const answer = await readAnswer(parts, views, view, request);
  // Another server may know the chain's name, and would put it into the same answer.
  return answer.lifetime === "immutable" && isUnknownChain(view.chain) ? { ...answer, lifetime: "minute" } : answer;
}

async function checkedView(parts: Parts, views: LedgerViews, request: DirectRequest): Promise<LedgerView> {
  assertMeaningful(request);
  return await serviceableView(parts, views, request);
}

async function readAnswer(
  { reader, config }: Parts,
  views: LedgerViews,
  view: LedgerView,
  request: DirectRequest,
): Promise<Answer> {
  switch (request.kind) {
    case "getServerProtocolVersion":
      return unkept({ kind: "serverProtocolVersion", protocolVersion: BigInt(PROTOCOL_VERSION) });
    case "getPeers":
      return unkept({ kind: "peers", urls: config.peers });
    case "getStorageServerSummary":
      return { response: { kind: "storageServerSummary", summary: view.summary }, lifetime: "second" };
    case "getLatestLedgerInfo":
      return { response: { kind: "latestLedgerInfo", ledgerInfo: latestOf(view).bytes }, lifetime: "second" };
    case "getEpochEndingLedgerInfos":
      return { response: await readEpochEndings(reader, config, request), lifetime: "immutable" };
    case "getEpochEndingAtVersion":
      return { response: await readEpochEndingAt(reader, request), lifetime: "immutable" };
    case "getNumberOfStatesAtVersion":
      return numberOfStates(reader, request.version);
    case "getStateValuesWithProof":
      return await readStateChunk(reader, config, request);
    case "getStateValuesByKeyHash":
      return await stateValuesAnswer(reader, views, view, request);
    case "getTransactionByHash":
      return { response: await transactionByHash(reader, config, view, request), lifetime: "second" };
    default:
      return await rangeAnswer(reader, config, view, request);
  }
}

/** Rules that hold whatever is stored. Those about ranges and what is here are in `core/wire/can-service.ts`. */
function assertMeaningful(request: DirectRequest): void {
  if (!("lastVersion" in request)) return;
  const { firstVersion, lastVersion, proofVersion } = request;
  if (lastVersion < firstVersion || lastVersion <= proofVersion) return;
  throw new SyncError(
    "INVALID_REQUEST",
    `Cannot prove versions up to ${lastVersion}: they must not be above proof version ${proofVersion}`,
  );
}

/** The view in which `request` is serviceable; looks at the ledger again before it refuses. */
async function serviceableView(
  { clock }: Parts,
  views: LedgerViews,
  request: DataRequest,
): Promise<LedgerView> {
  const freshness = { nowMs: clock.nowMs(), ...NO_WAITING };
  const view = await views.current();
  const refusal = refusalOf(view.serviceable, request, freshness);
  if (refusal === undefined) return view;
  if (refusal.code === "INVALID_REQUEST") throw refusalError(request, refusal, view);
  const newer = await views.refreshed();
  const stillRefusal = refusalOf(newer.serviceable, request, freshness);
  if (stillRefusal !== undefined) throw refusalError(request, stillRefusal, newer);
  return newer;
}

function refusalError(request: DataRequest, refusal: Refusal, { serviceable }: LedgerView): SyncError {
  const version = stateVersionOf(request);
  const { synced, states } = serviceable;
  if (
    version !== undefined && refusal.code === "NOT_SERVICEABLE" && synced !== undefined && states !== undefined &&
    version > states.highest && version <= synced.version
  ) {
    return new SyncError(
      "NOT_A_CHECKPOINT",
      `Cannot read state: version ${version} is not a checkpoint, the one below is ${states.highest}`,
      { detail: { checkpoint: states.highest } },
    );
  }
  const detail = refusal.lowest === undefined ? {} : { lowest: refusal.lowest };
  return new SyncError(refusal.code, `Cannot answer ${request.kind}: ${refusal.reason}`, { detail });
}

function stateVersionOf(request: DataRequest): bigint | undefined {
  if (request.kind === "getStateValuesByKeyHash") return request.checkpoint;
  const ofState = request.kind === "getNumberOfStatesAtVersion" || request.kind === "getStateValuesWithProof";
  return ofState ? request.version : undefined;
}

async function numberOfStates(reader: LedgerReader, version: bigint): Promise<Answer> {
  const count = await reader.stateCount(version);
  return { response: { kind: "numberOfStatesAtVersion", version, count }, lifetime: "immutable" };
}

async function transactionByHash(
  reader: LedgerReader,
  config: StorageServiceConfig,
  view: LedgerView,
  { hash }: GetTransactionByHash,
): Promise<DataResponse> {
  const latest = latestOf(view);
  const version = await reader.transactionVersion(hash);
  if (version === undefined || version > versionOf(latest)) return { kind: "transactionByHash", hash };
  const ending = await reader.epochEndingAt(version);
  const ledgerInfo = ending !== undefined && versionOf(ending) <= versionOf(latest) ? ending : latest;
  const data = await readDataList(reader, config, {
    dataType: { kind: "transactions", includeEvents: true },
    firstVersion: version,
    lastVersion: version,
    proofVersion: versionOf(ledgerInfo),
    maxBytes: config.maxNetworkChunkBytes,
    lastReadable: version,
  });
  if (data.list !== "transactions") throw new SyncError("INTERNAL", "Cannot answer: the reader gave outputs");
  return { kind: "transactionByHash", hash, found: { data, ledgerInfo: ledgerInfo.bytes } };
}

function unkept(response: DataResponse): Answer {
  return { response, lifetime: "none" };
}
