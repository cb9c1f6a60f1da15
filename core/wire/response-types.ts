/**
 * Answers of the wire protocol: one discriminated union.
 *
 * Everything here is a claim of a peer until a verifier in `core/trust` or `core/driver` has checked it. Every answer
 * repeats what it answers, so that a confused cache is recognised. Byte strings and columns are views of the frame.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import type { SparseMerkleProof, SparseMerkleRangeProof } from "../merkle/sparse.ts";
import type { AccumulatorRangeProof } from "../merkle/accumulator-range.ts";
import type { KnownPosition, ProvenVersions } from "./request-types.ts";
import type { StorageServerSummary } from "./summary.ts";

/** Number of each answer variant on the wire. */
export const RESPONSE_VARIANTS = {
  epochEndingLedgerInfos: 0,
  newTransactionOutputsWithProof: 1,
  newTransactionsWithProof: 2,
  numberOfStatesAtVersion: 3,
  serverProtocolVersion: 4,
  stateValueChunkWithProof: 5,
  storageServerSummary: 6,
  transactionOutputsWithProof: 7,
  transactionsWithProof: 8,
  newTransactionsOrOutputsWithProof: 9,
  transactionsOrOutputsWithProof: 10,
  transactionDataWithProof: 11,
  newTransactionDataWithProof: 12,
  stateValuesByKeyHash: 64,
  latestLedgerInfo: 65,
  transactionByHash: 66,
  epochEndingAtVersion: 67,
  peers: 68,
} as const;

/** Name of an answer variant. */
export type ResponseKind = keyof typeof RESPONSE_VARIANTS;

/**
 * Transactions from `firstVersion` on, proven in the ledger at `proofVersion`.
 *
 * `firstVersion`, `lastVersion` and `proofVersion` repeat the request; the list is a prefix of that range with as many
 * items as `transactions` has, at least one.
 */
export interface TransactionListWithProof extends ProvenVersions {
  readonly list: "transactions";
  /** BCS `Transaction` each. */
  readonly transactions: Column;
  /** BCS `TransactionInfo` each. */
  readonly infos: Column;
  /** BCS `ContractEvent*` each; absent if they were not asked for. */
  readonly events?: Column;
  /** BCS `PersistedAuxiliaryInfo` each; absent in V1 answers. */
  readonly auxiliaryInfos?: Column;
  readonly proof: AccumulatorRangeProof;
}

/** Transactions with their outputs, as {@link TransactionListWithProof}. Gas and status are those of the infos. */
export interface TransactionOutputListWithProof extends ProvenVersions {
  readonly list: "outputs";
  readonly transactions: Column;
  readonly infos: Column;
  readonly events: Column;
  /** BCS `WriteSet` each. */
  readonly writeSets: Column;
  readonly auxiliaryInfos?: Column;
  readonly proof: AccumulatorRangeProof;
}

/** Either list; `list` tells which. */
export type TransactionDataList = TransactionListWithProof | TransactionOutputListWithProof;

/** What an answer to an optimistic fetch or a subscription repeats, and the ledger info that it is proven in. */
export interface NewDataAnswer extends KnownPosition {
  /** Id of the stream and number of the answer within it, for subscriptions. */
  readonly stream?: { readonly streamId: bigint; readonly streamIndex: bigint };
  /** BCS `LedgerInfoWithSignatures`; its version is the `proofVersion` of the list. */
  readonly ledgerInfo: Uint8Array;
}

/** Answer to `getEpochEndingLedgerInfos`: a prefix of the epochs asked for, at least one. */
export interface EpochEndingLedgerInfos {
  readonly kind: "epochEndingLedgerInfos";
  readonly firstEpoch: bigint;
  readonly lastEpoch: bigint;
  /** BCS `LedgerInfoWithSignatures` each. */
  readonly ledgerInfos: Column;
}

/** New outputs, V1. */
export interface NewTransactionOutputsWithProof extends NewDataAnswer {
  readonly kind: "newTransactionOutputsWithProof";
  readonly data: TransactionOutputListWithProof;
}

/** New transactions, V1. */
export interface NewTransactionsWithProof extends NewDataAnswer {
  readonly kind: "newTransactionsWithProof";
  readonly data: TransactionListWithProof;
}

/** Number of state values at a checkpoint: an unproven claim. */
export interface NumberOfStatesAtVersion {
  readonly kind: "numberOfStatesAtVersion";
  readonly version: bigint;
  readonly count: bigint;
}

/** The protocol the server speaks. */
export interface ServerProtocolVersion {
  readonly kind: "serverProtocolVersion";
  readonly protocolVersion: bigint;
}

/** State values from `firstIndex` on: a prefix of the indexes asked for, at least one value. */
export interface StateValueChunkWithProof {
  readonly kind: "stateValueChunkWithProof";
  readonly version: bigint;
  readonly firstIndex: bigint;
  /** As asked for; the chunk ends at `firstIndex + stateKeys.count − 1`. */
  readonly lastIndex: bigint;
  /** 32-byte hash of the first state key. */
  readonly firstKey: Uint8Array;
  /** 32-byte hash of the last state key. */
  readonly lastKey: Uint8Array;
  /** BCS `StateKey` each. */
  readonly stateKeys: Column;
  /** BCS `StateValue` each. */
  readonly stateValues: Column;
  readonly proof: SparseMerkleRangeProof;
  /** 32-byte root of the state tree that the proof leads to. */
  readonly rootHash: Uint8Array;
}

/** What the server holds. */
export interface StorageServerSummaryAnswer {
  readonly kind: "storageServerSummary";
  readonly summary: StorageServerSummary;
}

/** Outputs, V1. */
export interface TransactionOutputsWithProof {
  readonly kind: "transactionOutputsWithProof";
  readonly data: TransactionOutputListWithProof;
}

/** Transactions, V1. */
export interface TransactionsWithProof {
  readonly kind: "transactionsWithProof";
  readonly data: TransactionListWithProof;
}

/** New transactions or outputs, V1. */
export interface NewTransactionsOrOutputsWithProof extends NewDataAnswer {
  readonly kind: "newTransactionsOrOutputsWithProof";
  readonly data: TransactionDataList;
}

/** Transactions or outputs, V1. */
export interface TransactionsOrOutputsWithProof {
  readonly kind: "transactionsOrOutputsWithProof";
  readonly data: TransactionDataList;
}

/** Transaction data, V2: the auxiliary infos are there. */
export interface TransactionDataWithProof {
  readonly kind: "transactionDataWithProof";
  readonly data: TransactionDataList;
}

/** New transaction data, V2. */
export interface NewTransactionDataWithProof extends NewDataAnswer {
  readonly kind: "newTransactionDataWithProof";
  readonly data: TransactionDataList;
}

/** One state value, or its absence, with its proof. */
export interface StateValueWithProof {
  /** 32-byte hash of the state key, as asked for. */
  readonly keyHash: Uint8Array;
  /** BCS `StateKey`; absent with the value. */
  readonly stateKey?: Uint8Array;
  /** BCS `StateValue`; absent if there is none at this version. */
  readonly stateValue?: Uint8Array;
  readonly proof: SparseMerkleProof;
}

/** Answer to `getStateValuesByKeyHash`: one item for each hash, in the order of the request. */
export interface StateValuesByKeyHash {
  readonly kind: "stateValuesByKeyHash";
  /** The checkpoint that was read. */
  readonly checkpoint: bigint;
  /** Version of `ledgerInfo`. */
  readonly proofVersion: bigint;
  readonly values: readonly StateValueWithProof[];
  /** BCS `TransactionInfo` of the checkpoint; carries the root of the state tree. */
  readonly transactionInfo: Uint8Array;
  /** 32·n bytes: siblings of the info in the accumulator at `proofVersion`, leaf first. */
  readonly accumulatorSiblings: Uint8Array;
  /** BCS `LedgerInfoWithSignatures` at `proofVersion`. */
  readonly ledgerInfo: Uint8Array;
}

/** The newest ledger info. */
export interface LatestLedgerInfo {
  readonly kind: "latestLedgerInfo";
  /** BCS `LedgerInfoWithSignatures`. */
  readonly ledgerInfo: Uint8Array;
}

/** The transaction with a hash. "Not found" is a claim that nothing proves. */
export interface TransactionByHash {
  readonly kind: "transactionByHash";
  /** 32 bytes, as asked for. */
  readonly hash: Uint8Array;
  /** A list of one, with events and auxiliary info, and the ledger info it is proven in. */
  readonly found?: { readonly data: TransactionListWithProof; readonly ledgerInfo: Uint8Array };
}

/** The ledger info that ends the epoch of `version`. */
export interface EpochEndingAtVersion {
  readonly kind: "epochEndingAtVersion";
  readonly version: bigint;
  readonly ledgerInfo: Uint8Array;
}

/** The operator's list of peers. */
export interface Peers {
  readonly kind: "peers";
  /** Base URLs as the operator wrote them; not checked. */
  readonly urls: readonly string[];
}

/** Any answer that is not an error. */
export type DataResponse =
  | EpochEndingLedgerInfos
  | NewTransactionOutputsWithProof
  | NewTransactionsWithProof
  | NumberOfStatesAtVersion
  | ServerProtocolVersion
  | StateValueChunkWithProof
  | StorageServerSummaryAnswer
  | TransactionOutputsWithProof
  | TransactionsWithProof
  | NewTransactionsOrOutputsWithProof
  | TransactionsOrOutputsWithProof
  | TransactionDataWithProof
  | NewTransactionDataWithProof
  | StateValuesByKeyHash
  | LatestLedgerInfo
  | TransactionByHash
  | EpochEndingAtVersion
  | Peers;
