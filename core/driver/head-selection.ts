/**
 * Picks the ledger info to sync to: the newest that the validators of an epoch signed, of all that peers offer.
 *
 * Offers of earlier epochs are old news and those of later epochs cannot be judged; neither is held against a peer.
 *
 * @module
 */
import type { EpochState } from "../chain/epoch-state.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import type { SyncError } from "../errors.ts";
import { verifyLedgerInfo } from "../trust/validator-verifier.ts";
import type { Verified } from "../trust/verified.ts";
import { type DriverParts, isPeerFault } from "./parts.ts";

/** What came of the offers. */
export interface HeadSelection {
  /** The newest offer that holds and lies within the bounds; absent if there is none. */
  readonly head?: Verified<LedgerInfoWithSignatures>;
  /** Why the last refused offer was refused, if one was. The peer has been blamed. */
  readonly refusal?: SyncError;
}

/** What a head must be. */
export interface HeadWanted {
  /** The validators of its epoch. */
  readonly epochState: EpochState;
  /** What we have already. */
  readonly aboveVersion: bigint | undefined;
  /** What no peer serves, so that a lower one is wanted. */
  readonly belowVersion?: bigint;
}

/** Verifies the offers from the newest down, until one holds. One or more signature checks; call it once per target. */
export async function selectHead(
  { dataClient, context, signatureVerifier }: Pick<DriverParts, "dataClient" | "context" | "signatureVerifier">,
  wanted: HeadWanted,
): Promise<HeadSelection> {
  const { epochState } = wanted;
  const offers = dataClient.globalSummary().ledgerInfos
    .filter(({ ledgerInfo }) => isWanted(ledgerInfo, wanted))
    .sort((left, right) => (versionOf(left.ledgerInfo) > versionOf(right.ledgerInfo) ? -1 : 1));
  let refusal: SyncError | undefined;
  for (const { peer, ledgerInfo } of offers) {
    try {
      const head = await verifyLedgerInfo(context, epochState, ledgerInfo, signatureVerifier);
      return refusal === undefined ? { head } : { head, refusal };
    } catch (error) {
      if (!isPeerFault(error)) throw error;
      dataClient.blame(peer, error);
      refusal = error;
    }
  }
  return refusal === undefined ? {} : { refusal };
}

function isWanted({ ledgerInfo: { commitInfo } }: LedgerInfoWithSignatures, wanted: HeadWanted): boolean {
  const { epochState, aboveVersion, belowVersion } = wanted;
  if (commitInfo.epoch !== epochState.epoch || commitInfo.version <= (aboveVersion ?? -1n)) return false;
  return belowVersion === undefined || commitInfo.version < belowVersion;
}

function versionOf({ ledgerInfo }: LedgerInfoWithSignatures): bigint {
  return ledgerInfo.commitInfo.version;
}
