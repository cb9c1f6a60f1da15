/**
 * Transaction outputs: everything that executing one transaction makes.
 *
 * @module
 */
import { type BcsCursor, type BcsWriter, decodeBcs, encodeBcs } from "./bcs.ts";
import { type ContractEvent, readContractEvent, writeContractEvent } from "./event.ts";
import { type ExecutionStatus, readExecutionStatus, writeExecutionStatus } from "./execution-status.ts";
import { readWriteSet, type WriteSet, writeWriteSet } from "./write-set.ts";

/** Everything that executing one transaction makes. */
export interface TransactionOutput {
  readonly writeSet: WriteSet;
  readonly events: readonly ContractEvent[];
  readonly gasUsed: bigint;
  readonly status: TransactionStatus;
}

/** What becomes of a transaction. Only kept ones are part of the ledger. */
export type TransactionStatus =
  | { readonly kind: "discard"; readonly statusCode: bigint }
  | { readonly kind: "keep"; readonly status: ExecutionStatus }
  | { readonly kind: "retry" };

const DISCARD = 0;
const KEEP = 1;
const RETRY = 2;

/**
 * Decodes an output that takes up all of `bytes`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if `bytes` are not one; `UNSUPPORTED` if this build does not know its write set.
 */
export function decodeTransactionOutput(bytes: Uint8Array): TransactionOutput {
  return decodeBcs(bytes, (cursor) => ({
    writeSet: readWriteSet(cursor),
    events: cursor.sequence(readContractEvent, 3),
    gasUsed: cursor.u64(),
    status: readTransactionStatus(cursor),
  }));
}

/**
 * BCS of an output.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if two entries of the write set have the same key.
 */
export function encodeTransactionOutput(output: TransactionOutput): Uint8Array<ArrayBuffer> {
  return encodeBcs((writer) => {
    writeWriteSet(writer, output.writeSet);
    writer.sequence(output.events, writeContractEvent).u64(output.gasUsed);
    writeTransactionStatus(writer, output.status);
  });
}

function readTransactionStatus(cursor: BcsCursor): TransactionStatus {
  switch (cursor.variant(RETRY + 1, "TransactionStatus")) {
    case DISCARD:
      return { kind: "discard", statusCode: cursor.u64() };
    case KEEP:
      return { kind: "keep", status: readExecutionStatus(cursor) };
    default:
      return { kind: "retry" };
  }
}

function writeTransactionStatus(writer: BcsWriter, status: TransactionStatus): void {
  if (status.kind === "discard") writer.uleb128(DISCARD).u64(status.statusCode);
  else if (status.kind === "keep") writeExecutionStatus(writer.uleb128(KEEP), status.status);
  else writer.uleb128(RETRY);
}
