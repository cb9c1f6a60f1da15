/**
 * Epoch-change proofs: one epoch-ending ledger info after the other, each signed by the validators that the one before
 * announced.
 *
 * Source: formats §3.1, §6.4.
 *
 * @module
 */
import { type BcsCursor, decodeBcs, encodeBcs } from "../chain/bcs.ts";
import type { ChainContext } from "../chain/hash.ts";
import type { EpochState } from "../chain/epoch-state.ts";
import { type LedgerInfoWithSignatures, readLedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import type { ChainProfile } from "../chain/profile.ts";
import { SyncError } from "../errors.ts";
import type { SignatureVerifier } from "../ports/signatures.ts";
import { isStale, type TrustedState, verifyByWaypoint } from "./trusted-state.ts";
import { verifyLedgerInfo } from "./validator-verifier.ts";
import type { Verified } from "./verified.ts";

/** Shortest ledger info with signatures, in bytes: bounds what a length prefix can make us allocate. */
const MIN_LEDGER_INFO_BYTES = 150;

/** Consecutive epoch-ending ledger infos. A claim. */
export interface EpochChangeProof {
  /** Each should end its epoch; ascending. */
  readonly ledgerInfos: readonly LedgerInfoWithSignatures[];
  /** Whether the peer has more of them. Its word only. */
  readonly more: boolean;
}

/**
 * Reads an epoch-change proof.
 *
 * @throws {SyncError} `MALFORMED_BCS` if it is not canonical.
 */
export function readEpochChangeProof(cursor: BcsCursor, profile: ChainProfile): EpochChangeProof {
  const ledgerInfos = cursor.sequence(() => readLedgerInfoWithSignatures(cursor, profile), MIN_LEDGER_INFO_BYTES);
  return { ledgerInfos, more: cursor.bool() };
}

/** As {@link readEpochChangeProof}, of bytes that hold it and nothing else. `bytes` is kept as a view. */
export function decodeEpochChangeProof(bytes: Uint8Array, profile: ChainProfile): EpochChangeProof {
  return decodeBcs(bytes, (cursor) => readEpochChangeProof(cursor, profile));
}

/** BCS of an epoch-change proof. */
export function encodeEpochChangeProof({ ledgerInfos, more }: EpochChangeProof): Uint8Array {
  return encodeBcs((writer) => {
    writer.sequence(ledgerInfos, (_, { bytes }) => writer.raw(bytes)).bool(more);
  });
}

/**
 * Verifies an epoch-change proof from what is trusted. A prefix that is older than that is skipped, unverified.
 *
 * @param state Trusted. A waypoint vouches for the first ledger info after the skipped prefix, without signatures.
 * @returns The ledger infos after the skipped prefix, in order; at least one. Each ends its epoch.
 * @throws {SyncError} `EPOCH_MISMATCH` if there is none, one does not continue the epoch before, or one ends no epoch.
 * @throws {SyncError} `STALE_LEDGER_INFO` if all are older than what is trusted.
 * @throws {SyncError} `WAYPOINT_MISMATCH` if the first is not the one that a trusted waypoint names.
 * @throws {SyncError} `INVALID_SIGNERS`, `INSUFFICIENT_VOTING_POWER`, `SIGNATURE_MISMATCH` as {@link verifyLedgerInfo}.
 */
export async function verifyEpochChange(
  context: ChainContext,
  state: TrustedState,
  { ledgerInfos }: EpochChangeProof,
  verifier: SignatureVerifier,
): Promise<Verified<LedgerInfoWithSignatures>[]> {
  const last = ledgerInfos.at(-1);
  if (last === undefined) throw new SyncError("EPOCH_MISMATCH", "Cannot verify epoch change: the proof is empty");
  if (isStale(state, last.ledgerInfo)) {
    throw new SyncError("STALE_LEDGER_INFO", "Cannot verify epoch change: all of the proof is behind what is trusted", {
      detail: { epoch: last.ledgerInfo.commitInfo.epoch, version: last.ledgerInfo.commitInfo.version },
    });
  }
  const first = ledgerInfos.findIndex(({ ledgerInfo }) => !isStale(state, ledgerInfo));
  const verified: Verified<LedgerInfoWithSignatures>[] = [];
  let signedBy: EpochState | undefined = state.kind === "epochState" ? state.epochState : undefined;
  for (const ledgerInfo of ledgerInfos.slice(first)) {
    verified.push(
      signedBy === undefined
        ? verifyByWaypoint(context, state.waypoint, ledgerInfo)
        : await verifyLedgerInfo(context, signedBy, ledgerInfo, verifier),
    );
    signedBy = nextEpochStateOf(ledgerInfo);
  }
  return verified;
}

/**
 * The validators that an epoch-ending ledger info announces.
 *
 * @throws {SyncError} `EPOCH_MISMATCH` if it ends no epoch.
 */
export function nextEpochStateOf({ ledgerInfo }: LedgerInfoWithSignatures): EpochState {
  const { epoch, version, nextEpochState } = ledgerInfo.commitInfo;
  if (nextEpochState !== undefined) return nextEpochState;
  throw new SyncError("EPOCH_MISMATCH", `Cannot change epoch: the ledger info at version ${version} ends no epoch`, {
    detail: { epoch, version },
  });
}
