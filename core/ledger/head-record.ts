/**
 * Where a ledger stands: the one small value that every commit replaces.
 *
 * @module
 */
import { decodeBcs, encodeBcs } from "../chain/bcs.ts";
import { SyncError } from "../errors.ts";
import { type Accumulator, createAccumulator, emptyAccumulator } from "../merkle/accumulator.ts";

/** Where a ledger stands. */
export interface HeadRecord {
  readonly firstVersion: bigint;
  readonly preCommittedVersion: bigint | undefined;
  readonly checkpointVersion: bigint | undefined;
  /** Exact bytes of the newest stored ledger info whose version is written. */
  readonly latestLedgerInfo: Uint8Array | undefined;
  /** Epoch whose ending holds the trusted epoch state for the next version. */
  readonly trustedEnding: bigint | undefined;
  readonly epochEndings: { readonly firstEpoch: bigint; readonly lastEpoch: bigint } | undefined;
  readonly accumulator: Accumulator;
}

/** Where a ledger without anything stands. */
export const EMPTY_HEAD: HeadRecord = {
  firstVersion: 0n,
  preCommittedVersion: undefined,
  checkpointVersion: undefined,
  latestLedgerInfo: undefined,
  trustedEnding: undefined,
  epochEndings: undefined,
  accumulator: /* @__PURE__ */ emptyAccumulator(),
};

/** Bytes of a head record. */
export function encodeHeadRecord(head: HeadRecord): Uint8Array {
  return encodeBcs((writer) => {
    writer.u64(head.firstVersion);
    writer.option(head.preCommittedVersion, (_, version) => writer.u64(version));
    writer.option(head.checkpointVersion, (_, version) => writer.u64(version));
    writer.option(head.latestLedgerInfo, (_, bytes) => writer.byteString(bytes));
    writer.option(head.trustedEnding, (_, epoch) => writer.u64(epoch));
    writer.option(head.epochEndings, (_, { firstEpoch, lastEpoch }) => writer.u64(firstEpoch).u64(lastEpoch));
    writer.u64(head.accumulator.leafCount).byteString(head.accumulator.frozenRoots);
  });
}

/**
 * Reads a head record. `bytes` is kept as a view.
 *
 * @throws {SyncError} `STORAGE_CORRUPT` if the bytes are no record.
 */
export function decodeHeadRecord(bytes: Uint8Array): HeadRecord {
  try {
    return decodeBcs(bytes, (cursor) => ({
      firstVersion: cursor.u64(),
      preCommittedVersion: cursor.option(() => cursor.u64()),
      checkpointVersion: cursor.option(() => cursor.u64()),
      latestLedgerInfo: cursor.option(() => cursor.byteString()),
      trustedEnding: cursor.option(() => cursor.u64()),
      epochEndings: cursor.option(() => ({ firstEpoch: cursor.u64(), lastEpoch: cursor.u64() })),
      accumulator: createAccumulator(cursor.u64(), cursor.byteString()),
    }));
  } catch (error) {
    throw new SyncError("STORAGE_CORRUPT", "Cannot read ledger: its head record is broken", { cause: error });
  }
}
