/**
 * Holds the operator's waypoint against the epoch endings that signatures vouch for.
 *
 * A waypoint must be met exactly: a chain that passes its version without it, or has another ledger info there, is not the
 * chain that the operator means, and no other peer can change that.
 *
 * @module
 */
import type { ChainContext } from "../chain/hash.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { LedgerReader } from "../ledger/reader.ts";
import { isSameWaypoint } from "../trust/trusted-state.ts";
import { markVerified, type Verified } from "../trust/verified.ts";
import { formatWaypoint, type Waypoint, waypointOf } from "../trust/waypoint.ts";

/** Whether the waypoint was met. */
export interface WaypointCheck {
  /** True once a verified epoch ending matched. */
  isMet(): boolean;
  /**
   * Looks at the next verified epoch ending, in order.
   *
   * @throws {SyncError} `WAYPOINT_MISMATCH` with `detail.terminal` if it is another one at that version, or passes it.
   */
  see(ending: Verified<LedgerInfoWithSignatures>): void;
}

/** Creates a check that has seen nothing yet. */
export function createWaypointCheck(context: ChainContext, waypoint: Waypoint): WaypointCheck {
  let isMet = false;
  return {
    isMet: () => isMet,
    see(ending) {
      if (isMet || ending.ledgerInfo.commitInfo.version < waypoint.version) return;
      const actual = waypointOf(context, ending.ledgerInfo);
      if (!isSameWaypoint(waypoint, actual)) throw missed(waypoint, actual);
      isMet = true;
    },
  };
}

/**
 * Shows a check the epoch endings that a store holds already. Reads nothing if the store is empty.
 *
 * @throws {SyncError} `WAYPOINT_MISMATCH` as {@link WaypointCheck.see}.
 */
export async function seeStoredEndings(
  check: WaypointCheck,
  ledger: LedgerReader,
  waypoint: Waypoint,
): Promise<void> {
  const { epochEndings, waypoint: rootOfTrust } = await ledger.progress();
  if (epochEndings === undefined) return;
  const [newest] = await ledger.epochEndings(epochEndings.lastEpoch, 1);
  if (newest === undefined || newest.ledgerInfo.commitInfo.version < waypoint.version) return;
  const ending = await ledger.epochEndingAt(waypoint.version);
  if (ending === undefined) {
    if (isSameWaypoint(rootOfTrust, waypoint)) return;
    throw missed(waypoint, rootOfTrust);
  }
  // The store holds verified ledger infos only.
  check.see(markVerified(ending));
}

function missed(waypoint: Waypoint, actual: Waypoint): SyncError {
  return new SyncError(
    "WAYPOINT_MISMATCH",
    `Cannot follow this chain: waypoint ${formatWaypoint(waypoint)} is given, current value is ${
      formatWaypoint(actual)
    }`,
    { detail: { terminal: true, version: actual.version } },
  );
}
