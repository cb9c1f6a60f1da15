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

/** What every answer has. */
export interface ResponseOf<K extends ResponseKind> {
  /** Which answer it is. */
  readonly kind: K;
}

/** An answer that is one list with its proof. */
export interface ListAnswer<L extends TransactionDataList> {
  /** The list. */
  readonly data: L;
}

/**
 * Transactions from `firstVersion` on, proven in the ledger at `proofVersion`.
 *
 * The versions repeat the request; the list is a prefix of that range with as many items as `transactions` has, at least
 * one.
 */
export interface ProvenTransactions extends ProvenVersions {
  /** BCS `Transaction` each. */
  readonly transactions: Column;
  /** BCS `TransactionInfo` each. */
  readonly infos: Column;
  /** BCS `PersistedAuxiliaryInfo` each; absent in V1 answers. */
  readonly auxiliaryInfos?: Column;
  /** That the infos are in the accumulator, next to each other from `firstVersion` on. */
  readonly proof: AccumulatorRangeProof;
}

/** Transactions. */
export interface TransactionListWithProof extends ProvenTransactions {
  /** Which list it is. */
  readonly list: "transactions";
  /** BCS `ContractEvent*` each; absent if they were not asked for. */
  readonly events?: Column;
}

/** Transactions with what they did. Gas and status are those of the infos. */
export interface TransactionOutputListWithProof extends ProvenTransactions {
  /** Which list it is. */
  readonly list: "outputs";
  /** BCS `ContractEvent*` each. */
  readonly events: Column;
  /** BCS `WriteSet` each. */
  readonly writeSets: Column;
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
export interface EpochEndingLedgerInfos extends ResponseOf<"epochEndingLedgerInfos"> {
  /** As asked for; the first one ends it. */
  readonly firstEpoch: bigint;
  /** As asked for. */
  readonly lastEpoch: bigint;
  /** BCS `LedgerInfoWithSignatures` each. */
  readonly ledgerInfos: Column;
}

/** New outputs, V1. */
export type NewTransactionOutputsWithProof =
  & ResponseOf<"newTransactionOutputsWithProof">
  & NewDataAnswer
  & ListAnswer<TransactionOutputListWithProof>;

/** New transactions, V1. */
export type NewTransactionsWithProof =
  & ResponseOf<"newTransactionsWithProof">
  & NewDataAnswer
  & ListAnswer<TransactionListWithProof>;

/** Number of state values at a checkpoint: an unproven claim. */
export interface NumberOfStatesAtVersion extends ResponseOf<"numberOfStatesAtVersion"> {
  /** As asked for. */
  readonly version: bigint;
  /** The claim. */
  readonly count: bigint;
}

/** The protocol the server speaks. */
export interface ServerProtocolVersion extends ResponseOf<"serverProtocolVersion"> {
  /** 1, today. */
  readonly protocolVersion: bigint;
}

/** State values from `firstIndex` on: a prefix of the indexes asked for, at least one value. */
export interface StateValueChunkWithProof extends ResponseOf<"stateValueChunkWithProof"> {
  /** As asked for. */
  readonly version: bigint;
  /** As asked for; index of the first value. */
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
  /** Proves everything up to `lastKey`. */
  readonly proof: SparseMerkleRangeProof;
  /** 32-byte root of the state tree that the proof leads to. */
  readonly rootHash: Uint8Array;
}

/** What the server holds. */
export interface StorageServerSummaryAnswer extends ResponseOf<"storageServerSummary"> {
  /** The advertisement. */
  readonly summary: StorageServerSummary;
}

/** Outputs, V1. */
export type TransactionOutputsWithProof =
  & ResponseOf<"transactionOutputsWithProof">
  & ListAnswer<TransactionOutputListWithProof>;

/** Transactions, V1. */
export type TransactionsWithProof = ResponseOf<"transactionsWithProof"> & ListAnswer<TransactionListWithProof>;

/** New transactions or outputs, V1. */
export type NewTransactionsOrOutputsWithProof =
  & ResponseOf<"newTransactionsOrOutputsWithProof">
  & NewDataAnswer
  & ListAnswer<TransactionDataList>;

/** Transactions or outputs, V1. */
export type TransactionsOrOutputsWithProof =
  & ResponseOf<"transactionsOrOutputsWithProof">
  & ListAnswer<TransactionDataList>;

/** Transaction data, V2: the auxiliary infos are there. */
export type TransactionDataWithProof = ResponseOf<"transactionDataWithProof"> & ListAnswer<TransactionDataList>;

/** New transaction data, V2. */
export type NewTransactionDataWithProof =
  & ResponseOf<"newTransactionDataWithProof">
  & NewDataAnswer
  & ListAnswer<TransactionDataList>;

/** One state value, or its absence, with its proof. */
export interface StateValueWithProof {
  /** 32-byte hash of the state key, as asked for. */
  readonly keyHash: Uint8Array;
  /** BCS `StateKey`; absent with the value. */
  readonly stateKey?: Uint8Array;
  /** BCS `StateValue`; absent if there is none at this version. */
  readonly stateValue?: Uint8Array;
  /** That the value, or none, is in the state tree. */
  readonly proof: SparseMerkleProof;
}

/** Answer to `getStateValuesByKeyHash`: one item for each hash, in the order of the request. */
export interface StateValuesByKeyHash extends ResponseOf<"stateValuesByKeyHash"> {
  /** The checkpoint that was read. */
  readonly checkpoint: bigint;
  /** Version of `ledgerInfo`. */
  readonly proofVersion: bigint;
  /** One for each hash. */
  readonly values: readonly StateValueWithProof[];
  /** BCS `TransactionInfo` of the checkpoint; carries the root of the state tree. */
  readonly transactionInfo: Uint8Array;
  /** 32·n bytes: siblings of the info in the accumulator at `proofVersion`, leaf first. */
  readonly accumulatorSiblings: Uint8Array;
  /** BCS `LedgerInfoWithSignatures` at `proofVersion`. */
  readonly ledgerInfo: Uint8Array;
}

/** The newest ledger info. */
export interface LatestLedgerInfo extends ResponseOf<"latestLedgerInfo"> {
  /** BCS `LedgerInfoWithSignatures`. */
  readonly ledgerInfo: Uint8Array;
}

/** The transaction with a hash. "Not found" is a claim that nothing proves. */
export interface TransactionByHash extends ResponseOf<"transactionByHash"> {
  /** 32 bytes, as asked for. */
  readonly hash: Uint8Array;
  /** A list of one, with events and auxiliary info, and the ledger info it is proven in. */
  readonly found?: { readonly data: TransactionListWithProof; readonly ledgerInfo: Uint8Array };
}

/** The ledger info that ends the epoch of `version`. */
export interface EpochEndingAtVersion extends ResponseOf<"epochEndingAtVersion"> {
  /** As asked for. */
  readonly version: bigint;
  /** BCS `LedgerInfoWithSignatures`. */
  readonly ledgerInfo: Uint8Array;
}

/** The operator's list of peers. */
export interface Peers extends ResponseOf<"peers"> {
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
