/**
 * Transactions of every kind.
 *
 * @module
 */
import { isSyncError } from "../errors.ts";
import { BcsCursor, type BcsWriter, decodeBcs, encodeBcs } from "./bcs.ts";
import { type BlockEpilogue, readBlockEpilogue, writeBlockEpilogue } from "./block-epilogue.ts";
import {
  type BlockMetadata,
  type BlockMetadataExt,
  readBlockMetadata,
  readBlockMetadataExt,
  writeBlockMetadata,
  writeBlockMetadataExt,
} from "./block-metadata.ts";
import { HASH_BYTES } from "./hash.ts";
import { readSignedTransaction, type SignedTransaction, writeSignedTransaction } from "./signed-transaction.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";
import {
  readValidatorTransaction,
  type ValidatorTransaction,
  writeValidatorTransaction,
} from "./validator-transaction.ts";
import { readWriteSetPayload, type WriteSetPayload, writeWriteSetPayload } from "./write-set-payload.ts";

/** A transaction whose layout this build knows. */
export type KnownTransaction =
  | { readonly kind: "user"; readonly transaction: SignedTransaction }
  | { readonly kind: "genesis"; readonly payload: WriteSetPayload }
  | { readonly kind: "blockMetadata"; readonly metadata: BlockMetadata }
  | { readonly kind: "stateCheckpoint"; /** 32-byte id of the block. */ readonly id: Uint8Array }
  | { readonly kind: "validator"; readonly transaction: ValidatorTransaction }
  | { readonly kind: "blockMetadataExt"; readonly metadata: BlockMetadataExt }
  | { readonly kind: "blockEpilogue"; readonly epilogue: BlockEpilogue };

/** Any transaction. One that this build does not know, in whole or in part, is carried as it is. */
export type Transaction =
  | KnownTransaction
  | {
    readonly kind: "unknown";
    readonly variant: number; /** All of it, variant included. */
    readonly bytes: Uint8Array;
  };

const USER = 0;
const GENESIS = 1;
const BLOCK_METADATA = 2;
const STATE_CHECKPOINT = 3;
const VALIDATOR = 4;
const BLOCK_METADATA_EXT = 5;
const BLOCK_EPILOGUE = 6;

/**
 * Reads a `Transaction` whose end is not known otherwise. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know a variant in it.
 */
export function readTransaction(cursor: BcsCursor): KnownTransaction {
  const variant = cursor.uleb128();
  switch (variant) {
    case USER:
      return { kind: "user", transaction: readSignedTransaction(cursor) };
    case GENESIS:
      return { kind: "genesis", payload: readWriteSetPayload(cursor) };
    case BLOCK_METADATA:
      return { kind: "blockMetadata", metadata: readBlockMetadata(cursor) };
    case STATE_CHECKPOINT:
      return { kind: "stateCheckpoint", id: cursor.raw(HASH_BYTES) };
    case VALIDATOR:
      return { kind: "validator", transaction: readValidatorTransaction(cursor) };
    case BLOCK_METADATA_EXT:
      return { kind: "blockMetadataExt", metadata: readBlockMetadataExt(cursor) };
    case BLOCK_EPILOGUE:
      return { kind: "blockEpilogue", epilogue: readBlockEpilogue(cursor) };
    default:
      throw unsupportedVariant("Transaction", variant);
  }
}

/**
 * Decodes a transaction that takes up all of `bytes`. Never refuses one for being new: its hash vouches for it.
 *
 * @throws {SyncError} `MALFORMED_BCS` if `bytes` are not canonical as far as they are known.
 */
export function decodeTransaction(bytes: Uint8Array): Transaction {
  try {
    return decodeBcs(bytes, readTransaction);
  } catch (error) {
    if (!isSyncError(error, "UNSUPPORTED")) throw error;
    return { kind: "unknown", variant: new BcsCursor(bytes).uleb128(), bytes };
  }
}

/**
 * Writes a `Transaction`.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if it repeats a key where keys are unique.
 */
function writeTransaction(writer: BcsWriter, transaction: Transaction): void {
  switch (transaction.kind) {
    case "user":
      writeSignedTransaction(writer.uleb128(USER), transaction.transaction);
      return;
    case "genesis":
      writeWriteSetPayload(writer.uleb128(GENESIS), transaction.payload);
      return;
    case "blockMetadata":
      writeBlockMetadata(writer.uleb128(BLOCK_METADATA), transaction.metadata);
      return;
    case "stateCheckpoint":
      writer.uleb128(STATE_CHECKPOINT).raw(transaction.id);
      return;
    case "validator":
      writeValidatorTransaction(writer.uleb128(VALIDATOR), transaction.transaction);
      return;
    case "blockMetadataExt":
      writeBlockMetadataExt(writer.uleb128(BLOCK_METADATA_EXT), transaction.metadata);
      return;
    case "blockEpilogue":
      writeBlockEpilogue(writer.uleb128(BLOCK_EPILOGUE), transaction.epilogue);
      return;
    case "unknown":
      writer.raw(transaction.bytes);
  }
}

/**
 * BCS of a transaction.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if it repeats a key where keys are unique.
 */
export function encodeTransaction(transaction: Transaction): Uint8Array<ArrayBuffer> {
  return encodeBcs((writer) => writeTransaction(writer, transaction));
}
