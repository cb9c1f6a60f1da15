/**
 * What a storage service advertises. All of it is a claim: it steers where to ask, never what to believe.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import { asU64, type CborValue } from "./cbor.ts";
import type { FieldReader } from "./fields.ts";
import { MAX_SNAPSHOTS } from "./limits.ts";

/** Inclusive range; `lowest` ≤ `highest`, and its length fits u64. */
export interface CompleteRange {
  /** First value. */
  readonly lowest: bigint;
  /** Last value, inclusive. */
  readonly highest: bigint;
}

/** Most items the server puts into one answer. */
export interface ProtocolMetadata {
  /** Epoch endings. */
  readonly maxEpochChunkSize: number;
  /** State values. */
  readonly maxStateChunkSize: number;
  /** Transactions. */
  readonly maxTransactionChunkSize: number;
  /** Outputs. */
  readonly maxTransactionOutputChunkSize: number;
}

/** Which data the server holds. */
export interface DataSummary {
  /** BCS `LedgerInfoWithSignatures` up to which everything is proven. */
  readonly syncedLedgerInfo?: Uint8Array;
  /** Epochs whose ending can be read. */
  readonly epochEndingLedgerInfos?: CompleteRange;
  /** Versions whose state can be read, as far as they are checkpoints. */
  readonly states?: CompleteRange;
  /** Versions whose transaction can be read. */
  readonly transactions?: CompleteRange;
  /** Versions whose output can be read. */
  readonly transactionOutputs?: CompleteRange;
}

/** The whole advertisement. */
export interface StorageServerSummary {
  /** How much comes at once. */
  readonly protocolMetadata: ProtocolMetadata;
  /** What there is. */
  readonly dataSummary: DataSummary;
  /** Versions of state snapshots that stay served, newest first; at most 4. */
  readonly snapshots: readonly bigint[];
}

const U32_MAX = 0xffff_ffff;
const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** Tells whether lowest to highest is a range: in order, and not all 2⁶⁴ values, whose number has no u64. */
export function isCompleteRange(lowest: bigint, highest: bigint): boolean {
  return lowest <= highest && highest - lowest < U64_MAX;
}

/**
 * A range that is known to be one.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if it is out of order or holds all 2⁶⁴ values.
 */
export function completeRange(lowest: bigint, highest: bigint): CompleteRange {
  if (isCompleteRange(lowest, highest)) return { lowest, highest };
  throw new SyncError("INVALID_ARGUMENT", `Cannot use range: lowest is ${lowest}, highest is ${highest}`);
}

/** Tells whether first to last lies within `range`. */
export function rangeContains(range: CompleteRange, first: bigint, last: bigint): boolean {
  return range.lowest <= first && last <= range.highest;
}

/** The fields of a summary. */
export function summaryFields({ protocolMetadata, dataSummary, snapshots }: StorageServerSummary): CborValue[] {
  return [
    [
      protocolMetadata.maxEpochChunkSize,
      protocolMetadata.maxStateChunkSize,
      protocolMetadata.maxTransactionChunkSize,
      protocolMetadata.maxTransactionOutputChunkSize,
    ],
    dataSummary.syncedLedgerInfo ?? null,
    rangeField(dataSummary.epochEndingLedgerInfos),
    rangeField(dataSummary.states),
    rangeField(dataSummary.transactions),
    rangeField(dataSummary.transactionOutputs),
    snapshots.map((version) => asU64(version)),
  ];
}

/**
 * Reads a summary.
 *
 * @throws {SyncError} `MALFORMED_FRAME` or `LIMIT_EXCEEDED` if it is not one; a range out of order is none.
 */
export function readSummary(fields: FieldReader): StorageServerSummary {
  const protocolMetadata = fields.array("protocol metadata", (sizes) => ({
    maxEpochChunkSize: sizes.u32(U32_MAX),
    maxStateChunkSize: sizes.u32(U32_MAX),
    maxTransactionChunkSize: sizes.u32(U32_MAX),
    maxTransactionOutputChunkSize: sizes.u32(U32_MAX),
  }));
  const syncedLedgerInfo = fields.optional((field) => field.bytes());
  const epochEndingLedgerInfos = readRange(fields);
  const states = readRange(fields);
  const transactions = readRange(fields);
  const transactionOutputs = readRange(fields);
  const snapshots = fields.array("snapshots", (versions) => {
    if (versions.left > MAX_SNAPSHOTS) throw fields.malformed(`names at most ${MAX_SNAPSHOTS} snapshots`);
    return Array.from({ length: versions.left }, () => versions.u64());
  });
  return {
    protocolMetadata,
    dataSummary: {
      ...(syncedLedgerInfo === undefined ? {} : { syncedLedgerInfo }),
      ...(epochEndingLedgerInfos === undefined ? {} : { epochEndingLedgerInfos }),
      ...(states === undefined ? {} : { states }),
      ...(transactions === undefined ? {} : { transactions }),
      ...(transactionOutputs === undefined ? {} : { transactionOutputs }),
    },
    snapshots,
  };
}

function rangeField(range: CompleteRange | undefined): CborValue {
  return range === undefined ? null : [asU64(range.lowest), asU64(range.highest)];
}

function readRange(fields: FieldReader): CompleteRange | undefined {
  return fields.optional((field) =>
    field.array("range", (ends) => {
      const lowest = ends.u64();
      const highest = ends.u64();
      if (!isCompleteRange(lowest, highest)) throw ends.malformed("is not the end of a range");
      return { lowest, highest };
    })
  );
}
