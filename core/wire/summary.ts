/**
 * What a storage service advertises. All of it is a claim: it steers where to ask, never what to believe.
 *
 * @module
 */

/** Inclusive range; `lowest` ≤ `highest`, and its length fits u64. */
export interface CompleteRange {
  readonly lowest: bigint;
  readonly highest: bigint;
}

/** Most items the server puts into one answer. */
export interface ProtocolMetadata {
  readonly maxEpochChunkSize: number;
  readonly maxStateChunkSize: number;
  readonly maxTransactionChunkSize: number;
  readonly maxTransactionOutputChunkSize: number;
}

/** Which data the server holds. */
export interface DataSummary {
  /** BCS `LedgerInfoWithSignatures` up to which everything is proven. */
  readonly syncedLedgerInfo?: Uint8Array;
  readonly epochEndingLedgerInfos?: CompleteRange;
  /** Versions whose state can be read, as far as they are checkpoints. */
  readonly states?: CompleteRange;
  readonly transactions?: CompleteRange;
  readonly transactionOutputs?: CompleteRange;
}

/** The whole advertisement. */
export interface StorageServerSummary {
  readonly protocolMetadata: ProtocolMetadata;
  readonly dataSummary: DataSummary;
  /** Versions of state snapshots that stay served, newest first; at most 4. */
  readonly snapshots: readonly bigint[];
}
