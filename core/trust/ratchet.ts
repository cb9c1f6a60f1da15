/**
 * The ratchet: moves what is trusted forward, and never back.
 *
 * Source: formats §6.6.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import type { ChainContext } from "../chain/hash.ts";
import type { EpochState } from "../chain/epoch-state.ts";
import { type LedgerInfoWithSignatures, nextBlockEpoch } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { SignatureVerifier } from "../ports/signatures.ts";
import { type EpochChangeProof, nextEpochStateOf, verifyEpochChange } from "./epoch-change.ts";
import { isSameWaypoint, needsEpochChange, type TrustedState } from "./trusted-state.ts";
import { type SignerTally, tallySigners, verifyLedgerInfo } from "./validator-verifier.ts";
import type { Verified } from "./verified.ts";
import { type Waypoint, waypointOf } from "./waypoint.ts";

/** What a peer says about how the ledger went on. Nothing of it is trusted. */
export interface LedgerProgressClaim {
  /** The newest ledger info; the last of the proof if absent. */
  readonly latest?: LedgerInfoWithSignatures;
  /** How the epochs went from the trusted one to that of `latest`; may be empty where they are the same. */
  readonly epochChangeProof: EpochChangeProof;
}

/** Where the ratchet stands now. */
export interface RatchetResult {
  /** `none`: `latest` is what was trusted already. `version`: newer, same epoch. `epoch`: a new epoch as well. */
  readonly change: "none" | "version" | "epoch";
  /** What is trusted from now on. */
  readonly trustedState: TrustedState;
  /** Waypoint of `trustedState`. */
  readonly waypoint: Waypoint;
  /** Epoch of the next version. */
  readonly epoch: bigint;
  /** Version of `waypoint`. */
  readonly version: bigint;
  /** The ledger info that `waypoint` names, unless nothing changed: then nothing looked at the signatures of `latest`. */
  readonly ledgerInfo: Verified<LedgerInfoWithSignatures> | undefined;
  /** The epoch-ending ledger infos that led here, in order. */
  readonly epochEndings: readonly Verified<LedgerInfoWithSignatures>[];
  /** Who signed `ledgerInfo`; absent if nothing changed, or a waypoint alone vouches for it. */
  readonly tally: SignerTally | undefined;
}

/**
 * Moves `trustedState` forward to what `claim` proves.
 *
 * Goes to `claim.latest`, or, where the peer could not fit all epochs into one proof (`more`), to the last epoch ending of
 * the proof.
 *
 * @throws {SyncError} `STALE_LEDGER_INFO` if the claim lies behind what is trusted.
 * @throws {SyncError} `EPOCH_MISMATCH` if the proof is empty where it must not be, does not continue the trusted epoch, or does not lead to
 *   the epoch of `claim.latest`.
 * @throws {SyncError} `WAYPOINT_MISMATCH` if a ledger info at the trusted version is another one than the trusted.
 * @throws {SyncError} `INVALID_SIGNERS`, `INSUFFICIENT_VOTING_POWER`, `SIGNATURE_MISMATCH` as {@link verifyLedgerInfo}.
 */
export async function ratchet(
  context: ChainContext,
  trustedState: TrustedState,
  claim: LedgerProgressClaim,
  verifier: SignatureVerifier,
): Promise<RatchetResult> {
  const latest = claim.latest ?? claim.epochChangeProof.ledgerInfos.at(-1);
  if (latest === undefined) throw new SyncError("EPOCH_MISMATCH", "Cannot ratchet: the proof is empty");
  const { commitInfo } = latest.ledgerInfo;
  if (commitInfo.version < trustedState.waypoint.version) {
    throw new SyncError(
      "STALE_LEDGER_INFO",
      `Cannot ratchet: version ${trustedState.waypoint.version} is trusted, current value is ${commitInfo.version}`,
      { detail: { trusted: trustedState.waypoint.version, version: commitInfo.version } },
    );
  }
  if (trustedState.kind === "epochWaypoint" || needsEpochChange(trustedState, nextBlockEpoch(commitInfo))) {
    return await ratchetEpoch(context, trustedState, { ...claim, latest }, verifier);
  }
  return await ratchetVersion(context, trustedState, latest, verifier);
}

async function ratchetEpoch(
  context: ChainContext,
  state: TrustedState,
  { latest, epochChangeProof }: Required<LedgerProgressClaim>,
  verifier: SignatureVerifier,
): Promise<RatchetResult> {
  const epochEndings = await verifyEpochChange(context, state, epochChangeProof, verifier);
  const ending = epochEndings.at(-1) as Verified<LedgerInfoWithSignatures>;
  const epochState = nextEpochStateOf(ending);
  const previous = epochEndings.at(-2);
  const trustedSigners = state.kind === "epochState" ? state.epochState : undefined;
  const endingSigners = previous === undefined ? trustedSigners : nextEpochStateOf(previous);
  const result = (ledgerInfo: Verified<LedgerInfoWithSignatures>, signedBy: EpochState | undefined) =>
    resultOf(context, { change: "epoch", epochState, epochEndings, ledgerInfo, signedBy });

  const { epoch } = latest.ledgerInfo.commitInfo;
  if (equalBytes(ending.bytes, latest.bytes)) return result(ending, endingSigners);
  if (epoch === epochState.epoch) {
    return result(await verifyLedgerInfo(context, epochState, latest, verifier), epochState);
  }
  if (epoch > epochState.epoch && epochChangeProof.more) return result(ending, endingSigners);
  throw new SyncError(
    "EPOCH_MISMATCH",
    `Cannot ratchet: the proof leads to epoch ${epochState.epoch}, the ledger info is of epoch ${epoch}`,
    { detail: { proven: epochState.epoch, epoch } },
  );
}

async function ratchetVersion(
  context: ChainContext,
  state: TrustedState & { kind: "epochState" },
  latest: LedgerInfoWithSignatures,
  verifier: SignatureVerifier,
): Promise<RatchetResult> {
  const { waypoint, epochState } = state;
  if (latest.ledgerInfo.commitInfo.version > waypoint.version) {
    const ledgerInfo = await verifyLedgerInfo(context, epochState, latest, verifier);
    return resultOf(context, {
      change: "version",
      epochState,
      epochEndings: [],
      ledgerInfo,
      signedBy: epochState,
    });
  }
  if (!isSameWaypoint(waypoint, waypointOf(context, latest.ledgerInfo))) {
    throw new SyncError(
      "WAYPOINT_MISMATCH",
      `Cannot ratchet: another ledger info is trusted at version ${waypoint.version}`,
      { detail: { version: waypoint.version } },
    );
  }
  return {
    change: "none",
    trustedState: state,
    waypoint,
    epoch: epochState.epoch,
    version: waypoint.version,
    ledgerInfo: undefined,
    epochEndings: [],
    tally: undefined,
  };
}

interface RatchetStep {
  readonly change: "version" | "epoch";
  readonly epochState: EpochState;
  readonly epochEndings: readonly Verified<LedgerInfoWithSignatures>[];
  readonly ledgerInfo: Verified<LedgerInfoWithSignatures>;
  readonly signedBy: EpochState | undefined;
}

function resultOf(context: ChainContext, { epochState, signedBy, ...step }: RatchetStep): RatchetResult {
  const waypoint = waypointOf(context, step.ledgerInfo.ledgerInfo);
  return {
    ...step,
    trustedState: { kind: "epochState", waypoint, epochState },
    waypoint,
    epoch: epochState.epoch,
    version: waypoint.version,
    tally: signedBy && tallySigners(signedBy, step.ledgerInfo.signatures),
  };
}
