/**
 * The portable core: formats of the chain, proofs, trust, the wire, and the ports through which a platform enters.
 *
 * The components have entries of their own: `./driver` brings a ledger to the head of its chain, `./storage-service` serves
 * one, `./light-client` reads with proofs and keeps nothing. Adapters for platforms are below `./adapters/`.
 *
 * @module
 */
export { type Column, columnItem, columnItems, decodeColumn, encodeColumn } from "./bytes/column.ts";
export { decodeHex, encodeHex } from "./bytes/hex.ts";
export type { AbortInfo, AbortLocation, ExecutionStatus } from "./chain/execution-status.ts";
export { type ChainContext, createChainContext, HASH_BYTES, type Seeds, ZERO_HASH } from "./chain/hash.ts";
export type { EpochState, ValidatorConsensusInfo } from "./chain/epoch-state.ts";
export {
  type BlockInfo,
  decodeLedgerInfoWithSignatures,
  type LedgerInfo,
  type LedgerInfoSignatures,
  type LedgerInfoWithSignatures,
  type ValidatorSignature,
} from "./chain/ledger-info.ts";
export { createNobleHasher } from "./chain/noble-hasher.ts";
export {
  APTOS_PROFILE,
  type ChainProfile,
  profileByName,
  type ProfileName,
  type ValidatorScheme,
  VELOR_PROFILE,
} from "./chain/profile.ts";
export { decodeStateKey, encodeStateKey, hashStateKey, type StateKey } from "./chain/state-key.ts";
export type { StateUpdates } from "./chain/state-updates.ts";
export { decodeStateValue, type StateValue, type StateValueMetadata } from "./chain/state-value.ts";
export { sliceTransactionChunk, type TransactionChunk } from "./chain/transaction-chunk.ts";
export { decodeTransactionInfo, type TransactionInfo, type TransactionInfoV1Hashes } from "./chain/transaction-info.ts";
export type { TransactionStatus } from "./chain/transaction-output.ts";
export {
  type FaultByCode,
  isSyncError,
  SyncError,
  type SyncErrorCode,
  type SyncErrorDetail,
  type SyncFault,
} from "./errors.ts";
export { importGenesis } from "./ledger/genesis-import.ts";
export type { LedgerCacheOptions } from "./ledger/ledger-parts.ts";
export {
  createLedger,
  type CreateLedgerOptions,
  type OpenLedgerOptions,
  openLedgerReader,
  openLedgerWriter,
} from "./ledger/open-ledger.ts";
export type {
  ChunkRequest,
  LedgerProgress,
  LedgerReader,
  StateRun,
  StateRunsRequest,
  StateValueWithProof as StoredStateValueWithProof,
} from "./ledger/reader.ts";
export type { StoreRecord } from "./ledger/store-record.ts";
export type { CommitInput, LedgerWriter, StagedState, StageStateInput, VerifiedChunk } from "./ledger/writer.ts";
export { type AccumulatorExtensionProof, verifyAccumulatorExtension } from "./merkle/accumulator-extension.ts";
export { rootFromInclusionProof } from "./merkle/accumulator-proof.ts";
export { type AccumulatorRangeProof, rootFromRangeProof } from "./merkle/accumulator-range.ts";
export type { Accumulator } from "./merkle/accumulator.ts";
export { rootFromSparseProof } from "./merkle/sparse-proof.ts";
export { rootFromSparseRange } from "./merkle/sparse-range.ts";
export type { SparseMerkleLeaf, SparseMerkleProof, SparseMerkleRangeProof } from "./merkle/sparse.ts";
export type { Clock } from "./ports/clock.ts";
export type { ExecutionInput, ExecutionOutput, Executor, StateView } from "./ports/executor.ts";
export type { Hasher } from "./ports/hasher.ts";
export { type Log, type LogFields, SILENT_LOG } from "./ports/log.ts";
export type { KvEntry, KvExpectation, KvOperation, KvRange, OrderedKv } from "./ports/ordered-kv.ts";
export type { Random } from "./ports/random.ts";
export type { Ed25519Signature, SignatureVerifier } from "./ports/signatures.ts";
export type { Transport, TransportMessage, TransportOptions } from "./ports/transport.ts";
export { type Genesis, type GenesisChunk, readGenesis, type VerifiedGenesis, verifyGenesis } from "./trust/genesis.ts";
export type { Verified } from "./trust/verified.ts";
export { formatWaypoint, parseWaypoint, type Waypoint } from "./trust/waypoint.ts";
export type { FrameLimits } from "./wire/cbor.ts";
export type { TransactionDataType } from "./wire/data-type.ts";
export { pathOfRequest, type PathRequest, requestOfPath } from "./wire/paths.ts";
export {
  type DataRequest,
  type EventsOption,
  type GetEpochEndingAtVersion,
  type GetEpochEndingLedgerInfos,
  type GetLatestLedgerInfo,
  type GetNewTransactionDataWithProof,
  type GetNewTransactionOutputsWithProof,
  type GetNewTransactionsOrOutputsWithProof,
  type GetNewTransactionsWithProof,
  type GetNumberOfStatesAtVersion,
  type GetPeers,
  type GetServerProtocolVersion,
  type GetStateValuesByKeyHash,
  type GetStateValuesWithProof,
  type GetStorageServerSummary,
  type GetTransactionByHash,
  type GetTransactionDataWithProof,
  type GetTransactionOutputsWithProof,
  type GetTransactionsOrOutputsWithProof,
  type GetTransactionsWithProof,
  type KnownPosition,
  type ProvenVersions,
  REQUEST_VARIANTS,
  type RequestKind,
  type RequestOf,
  type StreamPosition,
  type SubscribeTransactionDataWithProof,
  type SubscribeTransactionOutputsWithProof,
  type SubscribeTransactionsOrOutputsWithProof,
  type SubscribeTransactionsWithProof,
  type SubscriptionStream,
  type TransactionDataOption,
} from "./wire/request-types.ts";
export { type DecodedRequest, decodeRequest, encodeRequest } from "./wire/request.ts";
export {
  type DataResponse,
  type DecodedResponse,
  decodeResponse,
  encodeResponse,
  type EpochEndingAtVersion,
  type EpochEndingLedgerInfos,
  type LatestLedgerInfo,
  type ListAnswer,
  type NewDataAnswer,
  type NewTransactionDataWithProof,
  type NewTransactionOutputsWithProof,
  type NewTransactionsOrOutputsWithProof,
  type NewTransactionsWithProof,
  type NumberOfStatesAtVersion,
  type Peers,
  type ProvenTransactions,
  RESPONSE_VARIANTS,
  type ResponseKind,
  type ResponseOf,
  type ServerProtocolVersion,
  type StateValueChunkWithProof,
  type StateValuesByKeyHash,
  type StateValueWithProof,
  type StorageServerSummaryAnswer,
  type TransactionByHash,
  type TransactionDataList,
  type TransactionDataWithProof,
  type TransactionListWithProof,
  type TransactionOutputListWithProof,
  type TransactionOutputsWithProof,
  type TransactionsOrOutputsWithProof,
  type TransactionsWithProof,
} from "./wire/response.ts";
export type { CompleteRange, DataSummary, ProtocolMetadata, StorageServerSummary } from "./wire/summary.ts";
