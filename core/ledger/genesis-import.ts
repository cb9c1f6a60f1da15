/**
 * Putting a verified genesis into an empty ledger, as version 0.
 *
 * @module
 */
import type { VerifiedGenesis } from "../trust/genesis.ts";
import type { LedgerProgress } from "./reader.ts";
import type { LedgerWriter } from "./writer.ts";

/**
 * Commits genesis, its state and its ledger info in one commit.
 *
 * @param ledger Empty, created for the waypoint of `genesis`.
 * @returns The progress after it: version 0 is committed.
 * @throws {SyncError} `INVALID_ARGUMENT` if the ledger holds versions already.
 * @throws {SyncError} `WAYPOINT_MISMATCH` if the ledger trusts another waypoint at version 0.
 */
export async function importGenesis(ledger: LedgerWriter, genesis: VerifiedGenesis): Promise<LedgerProgress> {
  const { chunk, ledgerInfo } = genesis;
  const state = await ledger.stageState({ version: 0n, writeSets: [chunk.writeSets] });
  return await ledger.commit({ chunk, state, ledgerInfo });
}
