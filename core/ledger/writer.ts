/**
 * What can be written to a ledger store: verified chunks, verified epoch endings, nothing else.
 *
 * There is one writer at a time. Every commit is atomic, durable when its promise resolves, and expects the writer's
 * fence value, so a writer that lost its place changes nothing.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import type { TransactionChunk } from "../chain/transaction-chunk.ts";
import type { Verified } from "../trust/verified.ts";
import type { LedgerProgress, LedgerReader } from "./reader.ts";

/** A chunk of transactions, each item matched with its info and the infos proven, and the infos' hashes. */
export type VerifiedChunk = Verified<TransactionChunk & { readonly infoHashes: Uint8Array }>;

/**
 * The state tree at one version, computed and kept in memory, not stored. Belongs to the writer that staged it and to the
 * progress it was staged on: a commit makes every staged state before it useless.
 */
export interface StagedState {
  /** The tree version. */
  readonly version: bigint;
  /** 32-byte root of the state tree. */
  readonly rootHash: Uint8Array;
  /** Number of state items. */
  readonly leafCount: bigint;
}

/** What to stage. */
export interface StageStateInput {
  /** The new tree version: above `checkpointVersion` and at or above `preCommittedVersion + 1`. */
  readonly version: bigint;
  /**
   * BCS write sets of the versions from `preCommittedVersion + 1` on, in order, up to `version` at least; those after
   * `version` are ignored, so the column of a whole chunk can be given. The store adds committed ones that are pending.
   */
  readonly writeSets: readonly Column[];
}

/** What to commit, all of it or nothing. */
export interface CommitInput {
  /** The versions from `preCommittedVersion + 1` on; at least one, all of one epoch. */
  readonly chunk: VerifiedChunk;
  /**
   * The tree at the chunk's last checkpoint (the last info with a state checkpoint hash). Required if the chunk has a
   * checkpoint, refused if it has none.
   */
  readonly state?: StagedState;
  /**
   * Ledger info at the chunk's last version. May be left out: then the chunk is pre-committed only. Where the chunk ends
   * an epoch it may be left out only if that epoch ending is stored already.
   */
  readonly ledgerInfo?: Verified<LedgerInfoWithSignatures>;
}

/** Reads and extends a ledger. Calls that write run one after another, in the order they were made. */
export interface LedgerWriter extends LedgerReader {
  /**
   * Computes the state tree at `version` from the newest tree and the write sets since. Changes nothing.
   *
   * @throws {SyncError} `INVALID_ARGUMENT` if `version` or the number of write sets does not fit.
   * @throws {SyncError} `MALFORMED_BCS` if a write set is not canonical.
   */
  stageState(input: StageStateInput): Promise<StagedState>;
  /**
   * Appends a chunk atomically.
   *
   * @returns The progress after it.
   * @throws {SyncError} `INVALID_ARGUMENT` if the chunk does not start at the next version, its columns differ in length,
   * it crosses the end of an epoch, or `state` does not belong to it.
   * @throws {SyncError} `PROOF_MISMATCH` if the staged root is not the state checkpoint hash of that version's info, or the
   * accumulator root is not that of `ledgerInfo` (or of a stored epoch ending at that version), or the last write set of
   * the epoch does not hold the next epoch state that the ledger info names. Nothing changes.
   * @throws {SyncError} `EPOCH_MISMATCH` if the ledger info is of another epoch than the chunk, or the chunk ends the epoch
   * and no ledger info says so.
   * @throws {SyncError} `STORAGE_CONFLICT` if another writer took over. Nothing changes.
   */
  commit(input: CommitInput): Promise<LedgerProgress>;
  /**
   * Stores epoch endings, ahead of the data if need be. The list continues the stored ones (or overlaps them with the same
   * ledger infos); in a store without any it starts at the waypoint's.
   *
   * @throws {SyncError} `EPOCH_MISMATCH` if the list leaves a gap, is not consecutive, or an element ends no epoch.
   * @throws {SyncError} `PROOF_MISMATCH` if a stored version has another accumulator root than an element says.
   * @throws {SyncError} `WAYPOINT_MISMATCH` if the first element is not the waypoint's where it must be.
   */
  storeEpochEndings(list: readonly Verified<LedgerInfoWithSignatures>[]): Promise<void>;
  /**
   * Records which chain this is, where the store did not know yet. It then refuses every other one.
   *
   * @param chain 32-byte value of the genesis waypoint.
   * @throws {SyncError} `NETWORK_MISMATCH` if another one is recorded.
   */
  pinChain(chain: Uint8Array): Promise<void>;
}
