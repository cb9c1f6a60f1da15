/**
 * What all peers together advertise. Claims: they steer where to ask, never what to believe. Pure.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import type { PeerState } from "./peer-table.ts";

/** A ledger info that a peer says it is synced to. */
export interface OfferedLedgerInfo {
  /** Base URL of the peer. */
  readonly peer: string;
  /** Decoded, not verified. */
  readonly ledgerInfo: LedgerInfoWithSignatures;
}

/** What the peers that are not ignored advertise. */
export interface GlobalSummary {
  /** Highest epoch whose ending some peer says it has. */
  readonly highestEpochEnding?: bigint;
  /** What each peer says it is synced to, in the order of the table. */
  readonly ledgerInfos: readonly OfferedLedgerInfo[];
}

/** Sums up what `peers` advertise. */
export function globalSummaryOf(peers: readonly PeerState[]): GlobalSummary {
  let highestEpochEnding: bigint | undefined;
  const ledgerInfos: OfferedLedgerInfo[] = [];
  for (const { url, advertised } of peers) {
    const highest = advertised?.serviceable.epochEndings?.highest;
    if (highest !== undefined && (highestEpochEnding ?? -1n) < highest) highestEpochEnding = highest;
    if (advertised?.ledgerInfo !== undefined) ledgerInfos.push({ peer: url, ledgerInfo: advertised.ledgerInfo });
  }
  return { ...(highestEpochEnding === undefined ? {} : { highestEpochEnding }), ledgerInfos };
}
