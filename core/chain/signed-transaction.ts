/**
 * User transactions: what an account wants done, and its signature.
 *
 * @module
 */
import { concatBytes } from "../bytes/bytes.ts";
import { ADDRESS_BYTES } from "./address.ts";
import { type BcsCursor, type BcsWriter, decodeBcs, encodeBcs } from "./bcs.ts";
import type { ChainContext } from "./hash.ts";
import {
  readTransactionAuthenticator,
  type TransactionAuthenticator,
  writeTransactionAuthenticator,
} from "./transaction-authenticator.ts";
import { readTransactionPayload, type TransactionPayload, writeTransactionPayload } from "./transaction-payload.ts";

/** What an account wants done. */
export interface RawTransaction {
  /** 32-byte address. */
  readonly sender: Uint8Array;
  readonly sequenceNumber: bigint;
  readonly payload: TransactionPayload;
  /** Most gas units to spend. */
  readonly maxGasAmount: bigint;
  /** Octas a gas unit. */
  readonly gasUnitPrice: bigint;
  /** Seconds since 1970 after which it is void. */
  readonly expirationTimestampSecs: bigint;
  /** 0 to 255. */
  readonly chainId: number;
}

/** A transaction and everyone's word for it. */
export interface SignedTransaction {
  readonly raw: RawTransaction;
  readonly authenticator: TransactionAuthenticator;
}

/**
 * Reads a `RawTransaction`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know a variant in it.
 */
function readRawTransaction(cursor: BcsCursor): RawTransaction {
  return {
    sender: cursor.raw(ADDRESS_BYTES),
    sequenceNumber: cursor.u64(),
    payload: readTransactionPayload(cursor),
    maxGasAmount: cursor.u64(),
    gasUnitPrice: cursor.u64(),
    expirationTimestampSecs: cursor.u64(),
    chainId: cursor.u8(),
  };
}

/** Writes a `RawTransaction`. */
export function writeRawTransaction(writer: BcsWriter, raw: RawTransaction): void {
  writer.raw(raw.sender).u64(raw.sequenceNumber);
  writeTransactionPayload(writer, raw.payload);
  writer.u64(raw.maxGasAmount).u64(raw.gasUnitPrice).u64(raw.expirationTimestampSecs).u8(raw.chainId);
}

/**
 * What the sender of a transaction signs where nobody else does: the seed and the transaction, not hashed.
 *
 * Transactions with secondary signers or a fee payer sign another message.
 */
export function rawTransactionSigningMessage(context: ChainContext, raw: RawTransaction): Uint8Array<ArrayBuffer> {
  return concatBytes(context.seeds.rawTransaction, encodeBcs((writer) => writeRawTransaction(writer, raw)));
}

/**
 * Reads a `SignedTransaction`. Byte strings are views. Checks no signature.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know a variant in it.
 */
export function readSignedTransaction(cursor: BcsCursor): SignedTransaction {
  return { raw: readRawTransaction(cursor), authenticator: readTransactionAuthenticator(cursor) };
}

/**
 * Decodes a transaction that takes up all of `bytes`.
 *
 * @throws {SyncError} `MALFORMED_BCS`, `UNSUPPORTED` as {@link readSignedTransaction}.
 */
export function decodeSignedTransaction(bytes: Uint8Array): SignedTransaction {
  return decodeBcs(bytes, readSignedTransaction);
}

/** Writes a `SignedTransaction`. */
export function writeSignedTransaction(writer: BcsWriter, transaction: SignedTransaction): void {
  writeRawTransaction(writer, transaction.raw);
  writeTransactionAuthenticator(writer, transaction.authenticator);
}

/** BCS of a transaction. */
export function encodeSignedTransaction(transaction: SignedTransaction): Uint8Array<ArrayBuffer> {
  return encodeBcs((writer) => writeSignedTransaction(writer, transaction));
}
