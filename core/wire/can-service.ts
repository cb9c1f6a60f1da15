/**
 * Which requests a storage service can answer, judged by what it advertises. The one home of these rules: the service
 * refuses by them, and the data client chooses peers by them.
 *
 * Source: storage-service §1.7 of the reference, with `v ∈ states ∪ snapshots` for state, and rules for our own requests.
 * Pure: the time is an argument.
 *
 * @module
 */
import type { SyncErrorCode } from "../errors.ts";
import type { DataRequest, KnownPosition, ProvenVersions, StreamPosition } from "./request-types.ts";
import { type CompleteRange, isCompleteRange, rangeContains, type StorageServerSummary } from "./summary.ts";

/** What of a ledger info the rules look at. */
export interface SyncedPosition {
  /** Version up to which everything is proven. */
  readonly version: bigint;
  /** When it was made, in microseconds since the Unix epoch. */
  readonly timestampUsecs: bigint;
}

/** What a service can be asked for. */
export interface Serviceable {
  /** Absent as long as the service has no ledger info. */
  readonly synced?: SyncedPosition;
  /** Epochs whose ending is there. */
  readonly epochEndings?: CompleteRange;
  /** Versions whose state is there, as far as they are checkpoints. */
  readonly states?: CompleteRange;
  /** Versions whose transaction is there. */
  readonly transactions?: CompleteRange;
  /** Versions whose output is there. */
  readonly outputs?: CompleteRange;
  /** Versions whose state is there besides. */
  readonly snapshots: readonly bigint[];
}

/** When the rules are applied, and how old a head may be to wait there for what comes next. */
export interface FreshnessRules {
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number;
  /** For requests that wait once. */
  readonly maxOptimisticFetchLagSecs: number;
  /** For subscriptions. */
  readonly maxSubscriptionLagSecs: number;
}

/** Why a request cannot be answered. */
export interface Refusal {
  /** Code of the error. */
  readonly code: Extract<SyncErrorCode, "INVALID_REQUEST" | "NOT_SERVICEABLE" | "PRUNED">;
  /** End of the error's message. */
  readonly reason: string;
  /** For `PRUNED`: the lowest that is kept. */
  readonly lowest?: bigint;
}

const NO_DATA: Refusal = { code: "NOT_SERVICEABLE", reason: "there is no such data here yet" };
const STALE: Refusal = { code: "NOT_SERVICEABLE", reason: "the newest ledger info here is too old to wait for more" };

/**
 * Joins a summary with the ledger info in it, which the caller has decoded.
 *
 * @param synced The version and time of `summary.dataSummary.syncedLedgerInfo`; absent if there is none.
 */
export function serviceableOf(summary: StorageServerSummary, synced: SyncedPosition | undefined): Serviceable {
  const { epochEndingLedgerInfos, states, transactions, transactionOutputs } = summary.dataSummary;
  return {
    ...(synced === undefined ? {} : { synced }),
    ...(epochEndingLedgerInfos === undefined ? {} : { epochEndings: epochEndingLedgerInfos }),
    ...(states === undefined ? {} : { states }),
    ...(transactions === undefined ? {} : { transactions }),
    ...(transactionOutputs === undefined ? {} : { outputs: transactionOutputs }),
    snapshots: summary.snapshots,
  };
}

/** Tells whether the service can answer `request`. */
export function canService(serviceable: Serviceable, request: DataRequest, freshness: FreshnessRules): boolean {
  return refusalOf(serviceable, request, freshness) === undefined;
}

/** Why the service cannot answer `request`, or `undefined` if it can. Indexes of state values are not looked at. */
export function refusalOf(
  serviceable: Serviceable,
  request: DataRequest,
  freshness: FreshnessRules,
): Refusal | undefined {
  switch (request.kind) {
    case "getServerProtocolVersion":
    case "getStorageServerSummary":
    case "getPeers":
      return undefined;
    case "getEpochEndingLedgerInfos":
      return withinRange(serviceable.epochEndings, request.firstEpoch, request.lastEpoch, "epoch");
    case "getEpochEndingAtVersion":
      return serviceable.epochEndings === undefined ? NO_DATA : undefined;
    case "getNumberOfStatesAtVersion":
      return stateRefusal(serviceable, request.version);
    case "getStateValuesWithProof":
      return orderRefusal(request.firstIndex, request.lastIndex, "index") ??
        stateRefusal(serviceable, request.version) ?? proofRefusal(serviceable, request.version);
    case "getStateValuesByKeyHash":
      return stateValuesRefusal(serviceable, request.checkpoint, request.proofVersion);
    case "getLatestLedgerInfo":
      return serviceable.synced === undefined ? NO_DATA : undefined;
    case "getTransactionByHash":
      return serviceable.transactions === undefined || serviceable.synced === undefined ? NO_DATA : undefined;
    default:
      return dataRefusal(serviceable, request, freshness);
  }
}

type DataKind = Extract<DataRequest, ProvenVersions | KnownPosition | StreamPosition>;

/** Requests for transaction data: of a range, or of whatever comes next. */
function dataRefusal(serviceable: Serviceable, request: DataKind, freshness: FreshnessRules): Refusal | undefined {
  if ("stream" in request) return staleRefusal(serviceable, freshness, freshness.maxSubscriptionLagSecs);
  if ("knownVersion" in request) return staleRefusal(serviceable, freshness, freshness.maxOptimisticFetchLagSecs);
  const { firstVersion, lastVersion, proofVersion } = request;
  const needs = neededLists(request);
  return (needs.transactions
    ? withinRange(serviceable.transactions, firstVersion, lastVersion, "version")
    : undefined) ??
    (needs.outputs ? withinRange(serviceable.outputs, firstVersion, lastVersion, "version") : undefined) ??
    proofRefusal(serviceable, proofVersion);
}

function neededLists(request: DataKind): { transactions: boolean; outputs: boolean } {
  switch (request.kind) {
    case "getTransactionOutputsWithProof":
      return { transactions: false, outputs: true };
    case "getTransactionsWithProof":
      return { transactions: true, outputs: false };
    case "getTransactionDataWithProof":
      return {
        transactions: request.dataType.kind !== "outputs",
        outputs: request.dataType.kind !== "transactions",
      };
    default:
      return { transactions: true, outputs: true };
  }
}

function stateValuesRefusal(
  serviceable: Serviceable,
  checkpoint: bigint | undefined,
  proofVersion: bigint | undefined,
): Refusal | undefined {
  if (serviceable.synced === undefined || (checkpoint === undefined && serviceable.states === undefined)) {
    return NO_DATA;
  }
  if (checkpoint !== undefined && proofVersion !== undefined && proofVersion < checkpoint) {
    return { code: "INVALID_REQUEST", reason: `proof version ${proofVersion} is below checkpoint ${checkpoint}` };
  }
  return (checkpoint === undefined ? undefined : stateRefusal(serviceable, checkpoint)) ??
    proofRefusal(serviceable, proofVersion ?? checkpoint ?? 0n);
}

function stateRefusal({ states, snapshots }: Serviceable, version: bigint): Refusal | undefined {
  if (snapshots.includes(version)) return undefined;
  return withinRange(states, version, version, "version");
}

function proofRefusal({ synced }: Serviceable, proofVersion: bigint): Refusal | undefined {
  if (synced === undefined) return NO_DATA;
  if (proofVersion <= synced.version) return undefined;
  return {
    code: "NOT_SERVICEABLE",
    reason: `proofs reach up to version ${synced.version}, proof version ${proofVersion} is wanted`,
  };
}

function staleRefusal({ synced }: Serviceable, { nowMs }: FreshnessRules, lagSecs: number): Refusal | undefined {
  if (synced === undefined) return NO_DATA;
  const nowUsecs = BigInt(Math.floor(nowMs)) * 1000n;
  return synced.timestampUsecs + BigInt(lagSecs) * 1_000_000n > nowUsecs ? undefined : STALE;
}

function orderRefusal(first: bigint, last: bigint, what: string): Refusal | undefined {
  if (isCompleteRange(first, last)) return undefined;
  return { code: "INVALID_REQUEST", reason: `${what} ${first} to ${last} is no range` };
}

function withinRange(range: CompleteRange | undefined, first: bigint, last: bigint, what: string): Refusal | undefined {
  const disorder = orderRefusal(first, last, what);
  if (disorder !== undefined) return disorder;
  if (range === undefined) return NO_DATA;
  if (rangeContains(range, first, last)) return undefined;
  const { lowest, highest } = range;
  if (first < lowest) {
    return { code: "PRUNED", reason: `the lowest ${what} kept is ${lowest}, ${first} is wanted`, lowest };
  }
  return { code: "NOT_SERVICEABLE", reason: `the highest ${what} here is ${highest}, ${last} is wanted` };
}
