/**
 * Requests of the wire protocol: one discriminated union.
 *
 * Variants 0–16 keep the numbers of the reference; 64–68 are ours. `velor-sync.cddl` lists the fields. Ranges are
 * inclusive here, as on the wire: `firstVersion` to `lastVersion`.
 *
 * @module
 */
import type { TransactionDataType } from "./data-type.ts";

/** Number of each request variant on the wire. */
export const REQUEST_VARIANTS = {
  getEpochEndingLedgerInfos: 0,
  getNewTransactionOutputsWithProof: 1,
  getNewTransactionsWithProof: 2,
  getNumberOfStatesAtVersion: 3,
  getServerProtocolVersion: 4,
  getStateValuesWithProof: 5,
  getStorageServerSummary: 6,
  getTransactionOutputsWithProof: 7,
  getTransactionsWithProof: 8,
  getNewTransactionsOrOutputsWithProof: 9,
  getTransactionsOrOutputsWithProof: 10,
  subscribeTransactionOutputsWithProof: 11,
  subscribeTransactionsOrOutputsWithProof: 12,
  subscribeTransactionsWithProof: 13,
  getTransactionDataWithProof: 14,
  getNewTransactionDataWithProof: 15,
  subscribeTransactionDataWithProof: 16,
  getStateValuesByKeyHash: 64,
  getLatestLedgerInfo: 65,
  getTransactionByHash: 66,
  getEpochEndingAtVersion: 67,
  getPeers: 68,
} as const;

/** Name of a request variant. */
export type RequestKind = keyof typeof REQUEST_VARIANTS;

/** What every request has. */
export interface RequestOf<K extends RequestKind> {
  /** Which request it is. */
  readonly kind: K;
}

/** Versions first to last, inclusive, proven in the accumulator of the ledger at `proofVersion`. */
export interface ProvenVersions {
  /** First version. */
  readonly firstVersion: bigint;
  /** Last version, inclusive. */
  readonly lastVersion: bigint;
  /** Version of the ledger info to prove them in; not below `lastVersion`. */
  readonly proofVersion: bigint;
}

/** What the client holds already. */
export interface KnownPosition {
  /** Newest version the client holds. */
  readonly knownVersion: bigint;
  /** Epoch of the version after it. */
  readonly knownEpoch: bigint;
}

/** Where a subscription stream started, and its id. */
export interface SubscriptionStream extends KnownPosition {
  /** A random u64 drawn by the client. */
  readonly streamId: bigint;
}

/** Which answer of which stream is wanted. */
export interface StreamPosition {
  /** The stream. */
  readonly stream: SubscriptionStream;
  /** Number of the answer within the stream, from 0. */
  readonly streamIndex: bigint;
}

/** Whether transactions come with their events. */
export interface EventsOption {
  /** True: one list of events for each transaction. */
  readonly includeEvents: boolean;
}

/** Which lists are wanted, and how much of them (V2). */
export interface TransactionDataOption {
  /** Transactions, outputs, or whichever fits. */
  readonly dataType: TransactionDataType;
  /** Most bytes the client wants in the answer; the server may send fewer, and one item at least. */
  readonly maxResponseBytes: number;
}

/** Epoch-ending ledger infos of the epochs first to last, inclusive. */
export interface GetEpochEndingLedgerInfos extends RequestOf<"getEpochEndingLedgerInfos"> {
  /** First epoch that ends. */
  readonly firstEpoch: bigint;
  /** Last epoch that ends, inclusive. */
  readonly lastEpoch: bigint;
}

/** Outputs after the known version, as soon as there are any. V1. */
export type GetNewTransactionOutputsWithProof = RequestOf<"getNewTransactionOutputsWithProof"> & KnownPosition;

/** Transactions after the known version, as soon as there are any. V1. */
export type GetNewTransactionsWithProof = RequestOf<"getNewTransactionsWithProof"> & KnownPosition & EventsOption;

/** Number of state values at a checkpoint: an unproven claim. */
export interface GetNumberOfStatesAtVersion extends RequestOf<"getNumberOfStatesAtVersion"> {
  /** Version of the checkpoint. */
  readonly version: bigint;
}

/** Number of the protocol the server speaks. */
export type GetServerProtocolVersion = RequestOf<"getServerProtocolVersion">;

/** State values number first to last (by order of key hash, inclusive) at a checkpoint. */
export interface GetStateValuesWithProof extends RequestOf<"getStateValuesWithProof"> {
  /** Version of the checkpoint. */
  readonly version: bigint;
  /** Index of the first value, from 0. */
  readonly firstIndex: bigint;
  /** Index of the last value, inclusive. */
  readonly lastIndex: bigint;
}

/** What the server holds and how much it sends at once. */
export type GetStorageServerSummary = RequestOf<"getStorageServerSummary">;

/** Outputs of a range. V1. */
export type GetTransactionOutputsWithProof = RequestOf<"getTransactionOutputsWithProof"> & ProvenVersions;

/** Transactions of a range. V1. */
export type GetTransactionsWithProof = RequestOf<"getTransactionsWithProof"> & ProvenVersions & EventsOption;

/** Transactions or outputs after the known version, as soon as there are any. V1. */
export type GetNewTransactionsOrOutputsWithProof =
  & RequestOf<"getNewTransactionsOrOutputsWithProof">
  & KnownPosition
  & EventsOption;

/** Outputs of a range if all fit, else transactions. V1. */
export type GetTransactionsOrOutputsWithProof =
  & RequestOf<"getTransactionsOrOutputsWithProof">
  & ProvenVersions
  & EventsOption;

/** One answer of a stream of outputs. V1. */
export type SubscribeTransactionOutputsWithProof = RequestOf<"subscribeTransactionOutputsWithProof"> & StreamPosition;

/** One answer of a stream of outputs or transactions. V1. */
export type SubscribeTransactionsOrOutputsWithProof =
  & RequestOf<"subscribeTransactionsOrOutputsWithProof">
  & StreamPosition
  & EventsOption;

/** One answer of a stream of transactions. V1. */
export type SubscribeTransactionsWithProof =
  & RequestOf<"subscribeTransactionsWithProof">
  & StreamPosition
  & EventsOption;

/** Transaction data of a range, with auxiliary infos (V2). */
export type GetTransactionDataWithProof =
  & RequestOf<"getTransactionDataWithProof">
  & ProvenVersions
  & TransactionDataOption;

/** Transaction data after the known version, as soon as there is any (V2). */
export type GetNewTransactionDataWithProof =
  & RequestOf<"getNewTransactionDataWithProof">
  & KnownPosition
  & TransactionDataOption;

/** One answer of a stream of transaction data (V2). */
export type SubscribeTransactionDataWithProof =
  & RequestOf<"subscribeTransactionDataWithProof">
  & StreamPosition
  & TransactionDataOption;

/** State values, or their proven absence, by key hash. */
export interface GetStateValuesByKeyHash extends RequestOf<"getStateValuesByKeyHash"> {
  /** Version of the checkpoint to read; the newest that can be proven if absent. */
  readonly checkpoint?: bigint;
  /**
   * Version of the ledger info to prove it in. Always there: the one that ends the checkpoint's epoch. While that epoch is
   * open, and besides: one that is the newest, or was it within the last half minute. If absent, the server's choice.
   */
  readonly proofVersion?: bigint;
  /** 32·n bytes: 1 to 64 state key hashes. */
  readonly keyHashes: Uint8Array;
}

/** The newest ledger info. */
export type GetLatestLedgerInfo = RequestOf<"getLatestLedgerInfo">;

/** A transaction by its hash. */
export interface GetTransactionByHash extends RequestOf<"getTransactionByHash"> {
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** The ledger info that ends the epoch of a version. */
export interface GetEpochEndingAtVersion extends RequestOf<"getEpochEndingAtVersion"> {
  /** Any version of the epoch. */
  readonly version: bigint;
}

/** Peers that the operator lists: a hint, nothing more. */
export type GetPeers = RequestOf<"getPeers">;

/** Any request. */
export type DataRequest =
  | GetEpochEndingLedgerInfos
  | GetNewTransactionOutputsWithProof
  | GetNewTransactionsWithProof
  | GetNumberOfStatesAtVersion
  | GetServerProtocolVersion
  | GetStateValuesWithProof
  | GetStorageServerSummary
  | GetTransactionOutputsWithProof
  | GetTransactionsWithProof
  | GetNewTransactionsOrOutputsWithProof
  | GetTransactionsOrOutputsWithProof
  | SubscribeTransactionOutputsWithProof
  | SubscribeTransactionsOrOutputsWithProof
  | SubscribeTransactionsWithProof
  | GetTransactionDataWithProof
  | GetNewTransactionDataWithProof
  | SubscribeTransactionDataWithProof
  | GetStateValuesByKeyHash
  | GetLatestLedgerInfo
  | GetTransactionByHash
  | GetEpochEndingAtVersion
  | GetPeers;

/** A request that is answered from what is there. */
export type DirectRequest = Exclude<DataRequest, KnownPosition | StreamPosition>;

/** A request that may wait for what comes next: an optimistic fetch or a request of a subscription stream. */
export type WaitingRequest = Extract<DataRequest, KnownPosition | StreamPosition>;

/** A request for what comes after a known version, once. */
export type OptimisticRequest = Extract<DataRequest, KnownPosition>;

/** A request of a subscription stream. */
export type SubscriptionRequest = Extract<DataRequest, StreamPosition>;

/** Tells whether a request may wait. */
export function isWaitingRequest(request: DataRequest): request is WaitingRequest {
  return "knownVersion" in request || "stream" in request;
}

/** Tells whether a request is for transaction data of the second generation: with auxiliary infos, and a byte limit of its own. */
export function isTransactionDataV2Request(request: DataRequest): request is DataRequest & TransactionDataOption {
  return "dataType" in request;
}
