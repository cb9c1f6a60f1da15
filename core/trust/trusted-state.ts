/**
 * What a verifier trusts at one moment, and the two ways in which it judges ledger infos.
 *
 * Source: formats §3.1, §6.4, §6.6. Pure but for the signature verifier.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { decodeBcs, encodeBcs } from "../chain/bcs.ts";
import { type ChainContext, ZERO_HASH } from "../chain/hash.ts";
import { type EpochState, readEpochState, writeEpochState } from "../chain/epoch-state.ts";
import type { LedgerInfo, LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import type { ChainProfile } from "../chain/profile.ts";
import { SyncError } from "../errors.ts";
import { markVerified, type Verified } from "./verified.ts";
import { formatWaypoint, readWaypoint, type Waypoint, waypointOf, writeWaypoint } from "./waypoint.ts";

/**
 * What is trusted.
 *
 * - `epochWaypoint`: one epoch-ending ledger info, by its waypoint alone. The way to start.
 * - `epochState`: everything up to `waypoint`, and the validators of the epoch of the next version.
 */
export type TrustedState =
  | { readonly kind: "epochWaypoint"; readonly waypoint: Waypoint }
  | { readonly kind: "epochState"; readonly waypoint: Waypoint; readonly epochState: EpochState };

/**
 * Reads a trusted state that takes up all of `bytes`. The bytes are *trusted as given*: they come from our own disk.
 *
 * @throws {SyncError} `MALFORMED_BCS` if they are not canonical.
 */
export function decodeTrustedState(bytes: Uint8Array, profile: ChainProfile): TrustedState {
  return decodeBcs(bytes, (cursor) => {
    const variant = cursor.variant(2, "TrustedState");
    const waypoint = readWaypoint(cursor);
    if (variant === 0) return { kind: "epochWaypoint", waypoint };
    return { kind: "epochState", waypoint, epochState: readEpochState(cursor, profile) };
  });
}

/** BCS of a trusted state. */
export function encodeTrustedState(state: TrustedState): Uint8Array {
  return encodeBcs((writer) => {
    writer.uleb128(state.kind === "epochWaypoint" ? 0 : 1);
    writeWaypoint(writer, state.waypoint);
    if (state.kind === "epochState") writeEpochState(writer, state.epochState);
  });
}

/** Tells whether a ledger info lies behind what is trusted already. */
export function isStale(state: TrustedState, { commitInfo }: LedgerInfo): boolean {
  return state.kind === "epochWaypoint"
    ? commitInfo.version < state.waypoint.version
    : commitInfo.epoch < state.epochState.epoch;
}

/** Tells whether `epoch` can only be reached by verifying an epoch change first. */
export function needsEpochChange(state: TrustedState, epoch: bigint): boolean {
  return state.kind === "epochWaypoint" || state.epochState.epoch < epoch;
}

/**
 * Verifies that `ledgerInfo` is the one that `waypoint` names. Looks at no signature: the waypoint is trust enough.
 *
 * A waypoint leaves out the round, the block id, the consensus data hash and the signatures, so these remain a claim; they
 * decide nothing in state sync. At version 0 nothing is left open: a genesis ledger info is known down to the byte.
 *
 * @throws {SyncError} `WAYPOINT_MISMATCH` if it is another one.
 */
export function verifyByWaypoint(
  context: ChainContext,
  waypoint: Waypoint,
  ledgerInfo: LedgerInfoWithSignatures,
): Verified<LedgerInfoWithSignatures> {
  const actual = waypointOf(context, ledgerInfo.ledgerInfo);
  if (!isSameWaypoint(waypoint, actual)) {
    throw new SyncError(
      "WAYPOINT_MISMATCH",
      `Cannot verify ledger info: waypoint ${formatWaypoint(waypoint)} is trusted, current value is ${
        formatWaypoint(actual)
      }`,
      { detail: { version: actual.version } },
    );
  }
  if (actual.version === 0n && !isGenesisShaped(ledgerInfo)) {
    throw new SyncError("WAYPOINT_MISMATCH", "Cannot verify ledger info: genesis has zeros and no signature");
  }
  return markVerified(ledgerInfo);
}

/** Tells whether two waypoints name the same ledger info. */
export function isSameWaypoint(left: Waypoint, right: Waypoint): boolean {
  return left.version === right.version && equalBytes(left.value, right.value);
}

/** Formats §6.7: round, block id and consensus data hash are zero, and nobody signed. */
function isGenesisShaped({ ledgerInfo, signatures }: LedgerInfoWithSignatures): boolean {
  const { commitInfo, consensusDataHash } = ledgerInfo;
  const isUnsigned = signatures.scheme === "bls12381"
    ? signatures.signers.length === 0 && signatures.signature === undefined
    : signatures.signatures.length === 0;
  return isUnsigned && commitInfo.round === 0n && equalBytes(commitInfo.id, ZERO_HASH) &&
    equalBytes(consensusDataHash, ZERO_HASH);
}
