/**
 * Requests of the wire protocol: one discriminated union, and their frames `[protocol, chain, variant, …fields]`.
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

/** Versions first to last, inclusive, proven in the accumulator of the ledger at `proofVersion`. */
export interface ProvenVersions {
  readonly firstVersion: bigint;
  readonly lastVersion: bigint;
  readonly proofVersion: bigint;
}

/** What the client holds already: its newest version and the epoch of the next one. */
export interface KnownPosition {
  readonly knownVersion: bigint;
  readonly knownEpoch: bigint;
}

/** Where a subscription stream started, and its id: a random u64 drawn by the client. */
export interface SubscriptionStream {
  readonly knownVersion: bigint;
  readonly knownEpoch: bigint;
  readonly streamId: bigint;
}

/** Epoch-ending ledger infos of the epochs first to last, inclusive. */
export interface GetEpochEndingLedgerInfos {
  readonly kind: "getEpochEndingLedgerInfos";
  readonly firstEpoch: bigint;
  readonly lastEpoch: bigint;
}

/** Outputs after the known version, as soon as there are any. V1. */
export interface GetNewTransactionOutputsWithProof extends KnownPosition {
  readonly kind: "getNewTransactionOutputsWithProof";
}

/** Transactions after the known version, as soon as there are any. V1. */
export interface GetNewTransactionsWithProof extends KnownPosition {
  readonly kind: "getNewTransactionsWithProof";
  readonly includeEvents: boolean;
}

/** Number of state values at a checkpoint: an unproven claim. */
export interface GetNumberOfStatesAtVersion {
  readonly kind: "getNumberOfStatesAtVersion";
  readonly version: bigint;
}

/** Number of the protocol the server speaks. */
export interface GetServerProtocolVersion {
  readonly kind: "getServerProtocolVersion";
}

/** State values number first to last (by order of key hash, inclusive) at a checkpoint. */
export interface GetStateValuesWithProof {
  readonly kind: "getStateValuesWithProof";
  readonly version: bigint;
  readonly firstIndex: bigint;
  readonly lastIndex: bigint;
}

/** What the server holds and how much it sends at once. */
export interface GetStorageServerSummary {
  readonly kind: "getStorageServerSummary";
}

/** Outputs of a range. V1. */
export interface GetTransactionOutputsWithProof extends ProvenVersions {
  readonly kind: "getTransactionOutputsWithProof";
}

/** Transactions of a range. V1. */
export interface GetTransactionsWithProof extends ProvenVersions {
  readonly kind: "getTransactionsWithProof";
  readonly includeEvents: boolean;
}

/** Transactions or outputs after the known version, as soon as there are any. V1. */
export interface GetNewTransactionsOrOutputsWithProof extends KnownPosition {
  readonly kind: "getNewTransactionsOrOutputsWithProof";
  readonly includeEvents: boolean;
}

/** Outputs of a range if all fit, else transactions. V1. */
export interface GetTransactionsOrOutputsWithProof extends ProvenVersions {
  readonly kind: "getTransactionsOrOutputsWithProof";
  readonly includeEvents: boolean;
}

/** The answer number `streamIndex` of a stream of outputs. V1. */
export interface SubscribeTransactionOutputsWithProof {
  readonly kind: "subscribeTransactionOutputsWithProof";
  readonly stream: SubscriptionStream;
  readonly streamIndex: bigint;
}

/** The answer number `streamIndex` of a stream of outputs or transactions. V1. */
export interface SubscribeTransactionsOrOutputsWithProof {
  readonly kind: "subscribeTransactionsOrOutputsWithProof";
  readonly stream: SubscriptionStream;
  readonly streamIndex: bigint;
  readonly includeEvents: boolean;
}

/** The answer number `streamIndex` of a stream of transactions. V1. */
export interface SubscribeTransactionsWithProof {
  readonly kind: "subscribeTransactionsWithProof";
  readonly stream: SubscriptionStream;
  readonly streamIndex: bigint;
  readonly includeEvents: boolean;
}

/** Transaction data of a range, with auxiliary infos (V2). */
export interface GetTransactionDataWithProof extends ProvenVersions {
  readonly kind: "getTransactionDataWithProof";
  readonly dataType: TransactionDataType;
  /** Most bytes the client wants in the answer; the server may send fewer, and one item at least. */
  readonly maxResponseBytes: number;
}

/** Transaction data after the known version, as soon as there is any (V2). */
export interface GetNewTransactionDataWithProof extends KnownPosition {
  readonly kind: "getNewTransactionDataWithProof";
  readonly dataType: TransactionDataType;
  readonly maxResponseBytes: number;
}

/** The answer number `streamIndex` of a stream of transaction data (V2). */
export interface SubscribeTransactionDataWithProof {
  readonly kind: "subscribeTransactionDataWithProof";
  readonly dataType: TransactionDataType;
  readonly stream: SubscriptionStream;
  readonly streamIndex: bigint;
  readonly maxResponseBytes: number;
}

/** State values, or their proven absence, by key hash. */
export interface GetStateValuesByKeyHash {
  readonly kind: "getStateValuesByKeyHash";
  /** Version of the checkpoint to read; the newest if absent. */
  readonly checkpoint?: bigint;
  /** Version of the ledger info to prove it in: the one that ends the checkpoint's epoch, or the newest; the server's choice if absent. */
  readonly proofVersion?: bigint;
  /** 32·n bytes: 1 to 64 state key hashes. */
  readonly keyHashes: Uint8Array;
}

/** The newest ledger info. */
export interface GetLatestLedgerInfo {
  readonly kind: "getLatestLedgerInfo";
}

/** The transaction with this 32-byte hash. */
export interface GetTransactionByHash {
  readonly kind: "getTransactionByHash";
  readonly hash: Uint8Array;
}

/** The ledger info that ends the epoch of `version`. */
export interface GetEpochEndingAtVersion {
  readonly kind: "getEpochEndingAtVersion";
  readonly version: bigint;
}

/** Peers that the operator lists: a hint, nothing more. */
export interface GetPeers {
  readonly kind: "getPeers";
}

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
