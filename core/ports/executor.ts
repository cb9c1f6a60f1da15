/**
 * Port: execution. Turns transactions and the state they run on into outputs.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import type { TransactionStatus } from "../chain/transaction-output.ts";

/** The state that transactions read: everything up to one version, and nothing after it. */
export interface StateView {
  /**
   * The values at `stateKeys`, in that order.
   *
   * @param stateKeys BCS `StateKey` of each item wanted. Neither kept nor changed.
   * @returns BCS `StateValue` of each, `undefined` where there is none. The executor does not change them.
   */
  read(stateKeys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>;
}

/** Consecutive transactions to execute. Columns are read, neither kept nor changed. */
export interface ExecutionInput {
  /** BCS `Transaction` of each. */
  readonly transactions: Column;
  /** BCS `PersistedAuxiliaryInfo` of each. */
  readonly auxiliaryInfos: Column;
}

/** What execution made of each transaction of an input, in its order. All fresh. */
export interface ExecutionOutput {
  /** BCS `WriteSet` of each; the empty write set where the status is not Keep. */
  readonly writeSets: Column;
  /** BCS `ContractEvent*` of each; no events where the status is not Keep. */
  readonly events: Column;
  /** Gas units used by each. */
  readonly gasUsed: readonly bigint[];
  /** What becomes of each: discard (not part of the ledger), keep, or retry (in a later block). */
  readonly statuses: readonly TransactionStatus[];
}

/**
 * Executes transactions, one after another, each on the state that the one before it left.
 *
 * Guarantees every implementation must keep:
 * - deterministic: the same input on the same state gives the same bytes, on every runtime;
 * - pure: nothing is kept between calls, and nothing but `state` and the input decides the output;
 * - total: every transaction gets a status; a transaction that fails, or that cannot be decoded, is no error;
 * - all transactions after one that starts a new epoch get status Retry: they belong to the next epoch.
 */
export interface Executor {
  /**
   * Executes `input` on `state`.
   *
   * @param state The state before the first transaction. Read as often as needed, in batches.
   * @throws {SyncError} `UNSUPPORTED` if the state is not that of a chain that this executor can run; otherwise only what
   *   `state` throws.
   */
  execute(input: ExecutionInput, state: StateView): Promise<ExecutionOutput>;
}
