/**
 * What can be read from a ledger store. Implemented in this folder over any ordered key-value store.
 *
 * A reader never writes, works while another process writes, and sees that process's commits: every method reads the
 * store as it is when it is called. Answers are the store's own verified data, so they need no further check.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import type { EpochState } from "../chain/epoch-state.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import type { ProfileName } from "../chain/profile.ts";
import type { TransactionChunk } from "../chain/transaction-chunk.ts";
import type { AccumulatorRangeProof } from "../merkle/accumulator-range.ts";
import type { Accumulator } from "../merkle/accumulator.ts";
import type { SparseMerkleProof, SparseMerkleRangeProof } from "../merkle/sparse.ts";
import type { Waypoint } from "../trust/waypoint.ts";

/** Where a ledger stands. A snapshot: it does not change when the store does. */
export interface LedgerProgress {
  /** Name of the chain's profile, recorded when the store was created. */
  readonly profile: ProfileName;
  /** 32-byte value of the genesis waypoint; `ZERO_HASH` while it is not known. */
  readonly chain: Uint8Array;
  /** The waypoint that this store trusts. */
  readonly waypoint: Waypoint;
  /** Lowest version whose transaction is (or, in an empty store, will be) kept. */
  readonly firstVersion: bigint;
  /** Highest version whose transaction is written; absent in an empty store. The next chunk starts one above. */
  readonly preCommittedVersion?: bigint;
  /** Version of `latestLedgerInfo`: everything up to it is covered by a stored, signed ledger info. */
  readonly committedVersion?: bigint;
  /** Newest stored ledger info whose version is written. */
  readonly latestLedgerInfo?: LedgerInfoWithSignatures;
  /** Trusted epoch state for the version after `preCommittedVersion`; absent before the first stored epoch ending. */
  readonly epochState?: EpochState;
  /** Epoch of the first and of the last stored epoch ending; they may be ahead of the written versions. */
  readonly epochEndings?: { readonly firstEpoch: bigint; readonly lastEpoch: bigint };
  /** Newest version whose state tree is kept: the last checkpoint at or below `preCommittedVersion`. */
  readonly checkpointVersion?: bigint;
  /** Accumulator over the transaction infos up to `preCommittedVersion`. */
  readonly accumulator: Accumulator;
}

/** The version that the next chunk starts at: the one after the last one written. */
export function nextVersion(
  { firstVersion, preCommittedVersion }: {
    readonly firstVersion: bigint;
    readonly preCommittedVersion?: bigint | undefined;
  },
): bigint {
  return preCommittedVersion === undefined ? firstVersion : preCommittedVersion + 1n;
}

/** Neighbouring state items in key-hash order. */
export interface StateRun {
  /** 32-byte key hash of each, flat. */
  readonly keyHashes: Uint8Array;
  /** BCS `StateKey` of each. */
  readonly stateKeys: Column;
  /** BCS `StateValue` of each. */
  readonly stateValues: Column;
}

/** One state item or its absence, with proof against the state root of the version asked for. */
export interface StateValueWithProof {
  /** BCS `StateKey`; absent if there is no such item. */
  readonly stateKey?: Uint8Array;
  /** BCS `StateValue`; absent if there is no such item. */
  readonly stateValue?: Uint8Array;
  /** Inclusion proof if the item is there, otherwise proof of absence. */
  readonly proof: SparseMerkleProof;
}

/** A range of versions and how many bytes of it are wanted. */
export interface ChunkRequest {
  /** First version wanted. */
  readonly firstVersion: bigint;
  /** ≥ 1. */
  readonly count: number;
  /** Most item bytes over all columns together; the first item is returned whatever its size. */
  readonly maxBytes: number;
}

/** A range of state items. */
export interface StateRunsRequest {
  /** A tree version. */
  readonly version: bigint;
  /** Index of the first item wanted. */
  readonly firstIndex: bigint;
  /** ≥ 1. */
  readonly count: number;
}

/**
 * Reads a ledger.
 *
 * Every method may also throw `STORAGE_FAILED` (the backend), `STORAGE_CORRUPT` (damage), and `PRUNED` with
 * `detail.lowest` where what is asked for was there once.
 */
export interface LedgerReader {
  /** Where the ledger stands now. One small read. */
  progress(): Promise<LedgerProgress>;
  /**
   * Epoch-ending ledger infos of consecutive epochs.
   *
   * @param firstEpoch Epoch that the first one ends.
   * @param count ≥ 1; fewer come back where the store has no more, none if it does not hold `firstEpoch`.
   */
  epochEndings(firstEpoch: bigint, count: number): Promise<LedgerInfoWithSignatures[]>;
  /**
   * The ledger info that ends the epoch of `version`, or `undefined` if that epoch is open or its bounds are not known
   * here (the ending of the epoch before is not stored).
   */
  epochEndingAt(version: bigint): Promise<LedgerInfoWithSignatures | undefined>;
  /**
   * Transactions from `firstVersion` on: a prefix of the range of at least one item, in one pass over the store. Never
   * reaches beyond the epoch of `firstVersion`. The columns are fresh or views of fresh bytes.
   *
   * @throws {SyncError} `NOT_SERVICEABLE` if `firstVersion` is above `preCommittedVersion`.
   * @throws {SyncError} `INVALID_ARGUMENT` if `count` is below 1.
   */
  readChunk(request: ChunkRequest): Promise<TransactionChunk>;
  /**
   * Transactions as {@link LedgerReader.readChunk} reads them, in runs: one pass over the store that goes as far as runs are
   * asked for. A run has some hundred KiB at most, more where a single transaction is large. The iteration throws as
   * `readChunk` does.
   */
  transactionRuns(request: Omit<ChunkRequest, "maxBytes">): AsyncIterable<TransactionChunk>;
  /**
   * Proof that the infos of `count` versions from `firstVersion` are in the accumulator of `proofVersion + 1` leaves.
   *
   * @throws {SyncError} `NOT_SERVICEABLE` if `proofVersion` is above `preCommittedVersion`.
   * @throws {SyncError} `INVALID_ARGUMENT` if the range is empty or ends above `proofVersion`.
   */
  rangeProof(
    request: { firstVersion: bigint; count: number; proofVersion: bigint },
  ): Promise<AccumulatorRangeProof>;
  /**
   * Siblings, leaf first, that prove the info of `version` in the accumulator of `proofVersion + 1` leaves.
   *
   * @returns 32·n bytes, n ≤ 63.
   * @throws {SyncError} `NOT_SERVICEABLE` if `proofVersion` is above `preCommittedVersion`.
   * @throws {SyncError} `INVALID_ARGUMENT` if `version` is above `proofVersion`.
   */
  inclusionProof(version: bigint, proofVersion: bigint): Promise<Uint8Array>;
  /**
   * The accumulator over the infos of the first `leafCount` versions.
   *
   * @throws {SyncError} `NOT_SERVICEABLE` if there are fewer.
   */
  accumulatorAt(leafCount: bigint): Promise<Accumulator>;
  /** The newest tree version at or below `version`, or `undefined` if there is none. */
  checkpointAtOrBelow(version: bigint): Promise<bigint | undefined>;
  /**
   * 32-byte root of the state tree at `version`.
   *
   * @throws {SyncError} `NOT_A_CHECKPOINT` with `detail.checkpoint` (the tree version at or below, if any) if `version` is
   * not a tree version; so do the four below.
   */
  stateRoot(version: bigint): Promise<Uint8Array>;
  /** Number of state items at a tree version. */
  stateCount(version: bigint): Promise<bigint>;
  /**
   * State items in key-hash order from `firstIndex` on, in runs: at least one item in all. One pass over the store that goes
   * as far as runs are asked for; a run has some hundred KiB at most, more where single items are large.
   *
   * The iteration throws `NOT_SERVICEABLE` if there is no item at `firstIndex`, `INVALID_ARGUMENT` if `count` is below 1.
   */
  stateRuns(request: StateRunsRequest): AsyncIterable<StateRun>;
  /**
   * Proof that none of the items up to and with that of `lastKey` is missing.
   *
   * @param lastKey 32-byte hash of a key that is there.
   * @throws {SyncError} `INVALID_ARGUMENT` if there is no such item.
   */
  stateRangeProof(version: bigint, lastKey: Uint8Array): Promise<SparseMerkleRangeProof>;
  /** The state item with the 32-byte `keyHash` at tree version `version`, or the proof that there is none. */
  stateValue(version: bigint, keyHash: Uint8Array): Promise<StateValueWithProof>;
  /** Version of the transaction with this 32-byte hash, or `undefined`. */
  transactionVersion(hash: Uint8Array): Promise<bigint | undefined>;
  /** Closes the store behind this reader. */
  close(): Promise<void>;
}
