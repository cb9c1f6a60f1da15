/**
 * Where an epoch ends: exactly at the last transaction of a chunk that reaches an epoch-ending ledger info, nowhere else.
 *
 * Source: driver.md §1.13 (LI selection), formats §3.2 and §3.4. Pure.
 *
 * @module
 */
import { columnItem } from "../bytes/column.ts";
import { type EpochState, equalEpochStates } from "../chain/epoch-state.ts";
import { firstNewEpoch } from "../chain/event-lists.ts";
import type { ChainProfile } from "../chain/profile.ts";
import { readNextEpochState } from "../chain/reconfiguration.ts";
import { SyncError } from "../errors.ts";
import type { VerifiedOutputs } from "./verify-outputs.ts";

/**
 * Demands that a chunk ends an epoch exactly where its ledger info says so.
 *
 * @param outputs A verified chunk.
 * @param nextEpochState What the ledger info at the chunk's last version announces; `undefined` if the chunk does not
 *   reach one, or that one ends no epoch.
 * @throws {SyncError} `EPOCH_MISMATCH` if a transaction announces a new epoch that no ledger info does, or the other way
 *   round, or the validators or the epoch in the last write set are others than those of `nextEpochState`.
 */
export function verifyEpochBoundary(
  outputs: VerifiedOutputs,
  nextEpochState: EpochState | undefined,
  profile: ChainProfile,
): void {
  const { chunk } = outputs;
  const last = chunk.count - 1;
  const ending = firstNewEpoch(chunk.events);
  if (nextEpochState === undefined) {
    if (ending === undefined) return;
    throw mismatch(`version ${chunk.firstVersion + BigInt(ending)} ends an epoch, and no ledger info says so`);
  }
  if (ending !== last) throw mismatch("the ledger info ends an epoch, and its last transaction alone must announce it");
  const computed = readNextEpochState(columnItem(chunk.writeSets, last), profile);
  if (!equalEpochStates(computed, nextEpochState)) {
    throw mismatch("the next validators are others than those in the write set");
  }
}

function mismatch(reason: string): SyncError {
  return new SyncError("EPOCH_MISMATCH", `Cannot apply outputs: ${reason}`);
}
