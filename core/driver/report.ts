/**
 * What a run of the driver tells: progress while it runs, a report at its end.
 *
 * @module
 */
import type { PeerReport } from "../data-client/peer-table.ts";

/** What the driver is doing. */
export type SyncPhase = "epochs" | "outputs" | "following";

/** What a run has done so far. */
export interface RunTotals {
  /** Transactions committed since the run began. */
  readonly transactions: bigint;
  /** Bytes of all answers since the run began. */
  readonly bytes: number;
  /** Seconds since the run began. */
  readonly seconds: number;
}

/** Where a run stands. Sent when the epochs were verified, and after every commit. */
export interface SyncProgress extends RunTotals {
  /** What the driver is doing. */
  readonly phase: SyncPhase;
  /** The newest committed or pre-committed version; absent while the store is empty. */
  readonly version?: bigint;
  /** The version being synced to, always one of a verified ledger info; absent until one is known. */
  readonly targetVersion?: bigint;
  /** The epoch of the next version. */
  readonly epoch: bigint;
  /** The newest epoch that is known to have begun. */
  readonly targetEpoch: bigint;
}

/** Where a run ended. */
export interface SyncReport extends RunTotals {
  /** The last version written and verified; absent if the store is still empty. */
  readonly version?: bigint;
  /** The epoch of the next version. */
  readonly epoch: bigint;
  /** 32-byte root of the state at the newest checkpoint, if there is one. */
  readonly stateRootHash?: Uint8Array;
  /** 32-byte root of the transaction accumulator over everything up to `version`. */
  readonly accumulatorRootHash: Uint8Array;
  /** `transactions` over `seconds`; 0 if no time passed. */
  readonly transactionsPerSecond: number;
  /** Every peer, in the order given. */
  readonly peers: readonly PeerReport[];
}
