/**
 * A run of transactions with everything they did, as columns of exact BCS.
 *
 * @module
 */
import { type Column, sliceColumn } from "../bytes/column.ts";
import { SyncError } from "../errors.ts";

/**
 * Transactions `firstVersion` to `firstVersion + count − 1`.
 *
 * Gas and status of an output equal those of its info by rule, so they neither travel nor are stored a second time. The
 * type says nothing about trust: every column may be a claim.
 */
export interface TransactionChunk {
  readonly firstVersion: bigint;
  /** Number of items of every column. */
  readonly count: number;
  /** BCS `Transaction` each. */
  readonly transactions: Column;
  /** BCS `TransactionInfo` each. */
  readonly infos: Column;
  /** BCS `ContractEvent*` each: all events of one transaction. */
  readonly events: Column;
  /** BCS `WriteSet` each. */
  readonly writeSets: Column;
  /** BCS `PersistedAuxiliaryInfo` each. */
  readonly auxiliaryInfos: Column;
}

/**
 * Demands that every column has `count` items.
 *
 * @throws {SyncError} `RESPONSE_MISMATCH` if one has more or fewer.
 */
export function assertChunkShape(chunk: TransactionChunk): void {
  for (const name of ["transactions", "infos", "events", "writeSets", "auxiliaryInfos"] as const) {
    const { count } = chunk[name];
    if (count === chunk.count) continue;
    throw new SyncError(
      "RESPONSE_MISMATCH",
      `Cannot use transaction chunk: ${name} must have ${chunk.count} items, current value is ${count}`,
    );
  }
}

/**
 * Items [first, first + count) of `chunk` as a chunk of their own. O(bytes copied).
 *
 * @param first Index within the chunk.
 * @throws {SyncError} `INVALID_ARGUMENT` if the range is outside the chunk.
 */
export function sliceTransactionChunk(chunk: TransactionChunk, first: number, count: number): TransactionChunk {
  return {
    firstVersion: chunk.firstVersion + BigInt(first),
    count,
    transactions: sliceColumn(chunk.transactions, first, count),
    infos: sliceColumn(chunk.infos, first, count),
    events: sliceColumn(chunk.events, first, count),
    writeSets: sliceColumn(chunk.writeSets, first, count),
    auxiliaryInfos: sliceColumn(chunk.auxiliaryInfos, first, count),
  };
}
