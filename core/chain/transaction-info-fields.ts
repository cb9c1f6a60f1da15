/**
 * The hashes in a column of transaction infos, each kind as one flat list, ready to be compared as a whole.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import { copyRange } from "../bytes/copy-range.ts";
import { BcsCursor } from "./bcs.ts";
import { skipOptionalHash } from "./bcs-skip.ts";
import { skipExecutionStatus } from "./execution-status.ts";
import { HASH_BYTES } from "./hash.ts";
import { assertPlaceholdersAbsent } from "./transaction-info.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";

/** The hashes in `count` transaction infos; every list has 32·count bytes. */
export interface TransactionInfoFields {
  /** Number of infos. */
  readonly count: number;
  readonly transactionHashes: Uint8Array;
  readonly eventRootHashes: Uint8Array;
  readonly stateChangeHashes: Uint8Array;
  /** Zeros where there is none. */
  readonly stateCheckpointHashes: Uint8Array;
  /** 1 for an info with a state checkpoint hash, otherwise 0. */
  readonly hasStateCheckpoint: Uint8Array;
  /** Zeros where there is none. */
  readonly auxiliaryInfoHashes: Uint8Array;
  /** 1 for an info with an auxiliary info hash, otherwise 0. */
  readonly hasAuxiliaryInfo: Uint8Array;
}

/**
 * Reads the hashes out of every info, making no object per info.
 *
 * Hash the infos and compare with a trusted root first: `UNSUPPORTED` blames nobody.
 *
 * @param infos BCS `TransactionInfo` each. Not kept.
 * @throws {SyncError} `MALFORMED_BCS` if an item is not a canonical info and nothing else.
 * @throws {SyncError} `UNSUPPORTED` if one is of a layout or has a field that this build does not know.
 */
export function readTransactionInfoFields(infos: Column): TransactionInfoFields {
  const { count, offsets, data } = infos;
  const list = () => new Uint8Array(count * HASH_BYTES);
  const fields = {
    count,
    transactionHashes: list(),
    eventRootHashes: list(),
    stateChangeHashes: list(),
    stateCheckpointHashes: list(),
    hasStateCheckpoint: new Uint8Array(count),
    auxiliaryInfoHashes: list(),
    hasAuxiliaryInfo: new Uint8Array(count),
  };
  const cursor = new BcsCursor(data);
  for (let i = 0; i < count; i++) {
    readInfo(cursor, i, fields);
    if (cursor.offset !== offsets[i + 1]) throw cursor.malformed(`transaction info ${i} is not as long as its item`);
  }
  return fields;
}

function readInfo(cursor: BcsCursor, i: number, fields: TransactionInfoFields): void {
  const version = cursor.uleb128();
  if (version > 1) throw unsupportedVariant("TransactionInfo", version);
  cursor.skip(8);
  skipExecutionStatus(cursor);
  const hashes = cursor.skip(3 * HASH_BYTES);
  copyHash(cursor, hashes, fields.transactionHashes, i);
  copyHash(cursor, hashes + HASH_BYTES, fields.eventRootHashes, i);
  copyHash(cursor, hashes + 2 * HASH_BYTES, fields.stateChangeHashes, i);
  fields.hasStateCheckpoint[i] = copyHash(cursor, skipOptionalHash(cursor), fields.stateCheckpointHashes, i);
  if (version === 1) skipOptionalHash(cursor);
  fields.hasAuxiliaryInfo[i] = copyHash(cursor, skipOptionalHash(cursor), fields.auxiliaryInfoHashes, i);
  if (version === 0) return;
  skipOptionalHash(cursor);
  assertPlaceholdersAbsent(cursor);
}

/** Copies the hash at `start`, or nothing if that is negative; returns how many were copied. */
function copyHash(cursor: BcsCursor, start: number, list: Uint8Array, i: number): 0 | 1 {
  if (start < 0) return 0;
  copyRange(cursor.bytes, start, start + HASH_BYTES, list, i * HASH_BYTES);
  return 1;
}
