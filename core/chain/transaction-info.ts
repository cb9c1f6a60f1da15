/**
 * Transaction infos: the leaves of the ledger. Each commits to one transaction and to everything it did.
 *
 * @module
 */
import { type BcsCursor, type BcsWriter, decodeBcs, encodeBcs } from "./bcs.ts";
import { type ExecutionStatus, readExecutionStatus, writeExecutionStatus } from "./execution-status.ts";
import { HASH_BYTES } from "./hash.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";

/** A decoded transaction info. Hashes are 32 bytes. */
export interface TransactionInfo {
  readonly gasUsed: bigint;
  readonly status: ExecutionStatus;
  readonly transactionHash: Uint8Array;
  readonly eventRootHash: Uint8Array;
  /** Hash of the write set. */
  readonly stateChangeHash: Uint8Array;
  /** Root of the state after this transaction; only at the end of a block. */
  readonly stateCheckpointHash?: Uint8Array | undefined;
  /** Hash of the persisted auxiliary info; absent where that is `None`. */
  readonly auxiliaryInfoHash?: Uint8Array | undefined;
  /** Present in the layout of 2026 (V1), absent in the older one (V0). */
  readonly v1?: TransactionInfoV1Hashes | undefined;
}

/** What the layout of 2026 adds. Hashes are 32 bytes. */
export interface TransactionInfoV1Hashes {
  readonly hotStateCheckpointHash?: Uint8Array | undefined;
  readonly positionStateCheckpointHash?: Uint8Array | undefined;
}

/** Optional hashes at the end of V1 that have no meaning yet and are absent. */
const V1_PLACEHOLDERS = 7;

/**
 * Reads a `TransactionInfo`. Hashes are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one.
 * @throws {SyncError} `UNSUPPORTED` if it is of a layout or has a field that this build does not know.
 */
export function readTransactionInfo(cursor: BcsCursor): TransactionInfo {
  const version = cursor.uleb128();
  if (version > 1) throw unsupportedVariant("TransactionInfo", version);
  const common = {
    gasUsed: cursor.u64(),
    status: readExecutionStatus(cursor),
    transactionHash: cursor.raw(HASH_BYTES),
    eventRootHash: cursor.raw(HASH_BYTES),
    stateChangeHash: cursor.raw(HASH_BYTES),
    stateCheckpointHash: cursor.option(readHash),
  };
  if (version === 0) return { ...common, auxiliaryInfoHash: cursor.option(readHash) };
  const hotStateCheckpointHash = cursor.option(readHash);
  const auxiliaryInfoHash = cursor.option(readHash);
  const positionStateCheckpointHash = cursor.option(readHash);
  assertPlaceholdersAbsent(cursor);
  return { ...common, auxiliaryInfoHash, v1: { hotStateCheckpointHash, positionStateCheckpointHash } };
}

/**
 * Decodes an info that takes up all of `bytes`.
 *
 * @throws {SyncError} `MALFORMED_BCS`, `UNSUPPORTED` as {@link readTransactionInfo}.
 */
export function decodeTransactionInfo(bytes: Uint8Array): TransactionInfo {
  return decodeBcs(bytes, readTransactionInfo);
}

/** Writes a `TransactionInfo`. */
function writeTransactionInfo(writer: BcsWriter, info: TransactionInfo): void {
  writer.uleb128(info.v1 === undefined ? 0 : 1).u64(info.gasUsed);
  writeExecutionStatus(writer, info.status);
  writer.raw(info.transactionHash).raw(info.eventRootHash).raw(info.stateChangeHash);
  writer.option(info.stateCheckpointHash, writeHash);
  if (info.v1 !== undefined) writer.option(info.v1.hotStateCheckpointHash, writeHash);
  writer.option(info.auxiliaryInfoHash, writeHash);
  if (info.v1 === undefined) return;
  writer.option(info.v1.positionStateCheckpointHash, writeHash);
  for (let i = 0; i < V1_PLACEHOLDERS; i++) writer.bool(false);
}

/** BCS of an info. */
export function encodeTransactionInfo(info: TransactionInfo): Uint8Array<ArrayBuffer> {
  return encodeBcs((writer) => writeTransactionInfo(writer, info));
}

/**
 * Moves past the placeholders at the end of a V1 info.
 *
 * @throws {SyncError} `UNSUPPORTED` if one is present; `MALFORMED_BCS` if the bytes are not options.
 */
export function assertPlaceholdersAbsent(cursor: BcsCursor): void {
  for (let i = 0; i < V1_PLACEHOLDERS; i++) {
    if (cursor.bool()) throw unsupportedVariant("TransactionInfo placeholder", i + 1);
  }
}

function readHash(cursor: BcsCursor): Uint8Array {
  return cursor.raw(HASH_BYTES);
}

function writeHash(writer: BcsWriter, hash: Uint8Array): void {
  writer.raw(hash);
}
