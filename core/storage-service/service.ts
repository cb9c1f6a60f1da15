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
import { type Metrics, NO_METRICS } from "../ports/metrics.ts";
import { isWireErrorCode } from "../wire/error-frame.ts";
import { isUnknownChain } from "../wire/frame.ts";
import { PROTOCOL_VERSION } from "../wire/limits.ts";
import type { DataRequest } from "../wire/request.ts";
import { type DirectRequest, isWaitingRequest } from "../wire/request-types.ts";
import type { DataResponse } from "../wire/response.ts";
import { assertStorageServiceConfig, DEFAULT_STORAGE_SERVICE_CONFIG, type StorageServiceConfig } from "./config.ts";
import { readEpochEndingAt, readEpochEndings } from "./epoch-reader.ts";
import { createLedgerViews, latestOf, type LedgerView, type LedgerViews } from "./ledger-view.ts";
import type { AnswerLifetime } from "./lifetime.ts";
import { responseLabel } from "./metric-labels.ts";
import { CHUNK_TRUNCATION } from "./metrics.ts";
import { rangeAnswer } from "./range-answer.ts";
import { createReadBudget } from "./read-budget.ts";
import type { ReadAnswer, ReadParts } from "./read-parts.ts";
import { serviceableView } from "./serviceability.ts";
import { readStateChunk, readStateCount } from "./state-reader.ts";
import { stateValuesAnswer } from "./state-values-answer.ts";
import { transactionByHashAnswer } from "./transaction-by-hash.ts";

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
  /** Told of answers that are cut short; nobody is if absent. */
  readonly metrics?: Metrics;
}

/** An answer and how long it stays true. */
export interface Answer {
  /** What was asked for. */
  readonly response: DataResponse;
  /** For caches: of the answer that is sent under {@link Answer.chain}. */
  readonly lifetime: AnswerLifetime;
  /** 32-byte name of the chain as it was known when the lifetime was judged; all zeros: not known. */
  readonly chain: Uint8Array;
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
    check: (request) => logged(request, serviceableView(request, { views, clock: parts.clock })),
    chain: async () => (await views.current()).chain,
    view: () => views.current(),
  };
}

type Parts = StorageServiceParts & { readonly config: StorageServiceConfig };

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
  const { reader, config, clock, metrics = NO_METRICS } = parts;
  const view = await serviceableView(request, { views, clock });
  const { response, lifetime, truncation } = await readAnswer(
    { reader, config, budget: createReadBudget(clock, { maxMs: config.maxStorageReadWaitTimeMs }) },
    { views, view },
    request,
  );
  if (truncation !== undefined) metrics.increment(CHUNK_TRUNCATION, [truncation, responseLabel(response.kind)]);
  // Another server may know the chain's name, and would put it into the same answer.
  const isNameless = lifetime === "immutable" && isUnknownChain(view.chain);
  return { response, lifetime: isNameless ? "minute" : lifetime, chain: view.chain };
}

async function readAnswer(
  parts: ReadParts,
  { views, view }: { readonly views: LedgerViews; readonly view: LedgerView },
  request: DirectRequest,
): Promise<ReadAnswer> {
  switch (request.kind) {
    case "getServerProtocolVersion":
      return unkept({ kind: "serverProtocolVersion", protocolVersion: BigInt(PROTOCOL_VERSION) });
    case "getPeers":
      return unkept({ kind: "peers", urls: parts.config.peers });
    case "getStorageServerSummary":
      return { response: { kind: "storageServerSummary", summary: view.summary }, lifetime: "second" };
    case "getLatestLedgerInfo":
      return { response: { kind: "latestLedgerInfo", ledgerInfo: latestOf(view).bytes }, lifetime: "second" };
    case "getEpochEndingLedgerInfos":
      return await readEpochEndings(parts, request);
    case "getEpochEndingAtVersion":
      return { response: await readEpochEndingAt(parts.reader, request), lifetime: "immutable" };
    case "getNumberOfStatesAtVersion":
      return await readStateCount(parts, request);
    case "getStateValuesWithProof":
      return await readStateChunk(parts, request);
    case "getStateValuesByKeyHash":
      return await stateValuesAnswer(parts, { views, view }, request);
    case "getTransactionByHash":
      return await transactionByHashAnswer(parts, view, request);
    default:
      return await rangeAnswer(parts, view, request);
  }
}

function unkept(response: DataResponse): ReadAnswer {
  return { response, lifetime: "none" };
}
