/**
 * How good a peer is, as one number from 0 to 100.
 *
 * Answers raise it slowly, failures lower it, proven lies lower it faster. A peer at or below the threshold is ignored:
 * it is asked nothing but its summary, and its claims steer nothing. Good summaries bring it back. Pure.
 *
 * @module
 */
import type { SyncError } from "../errors.ts";

/** Highest score. */
export const MAX_SCORE = 100;
/** Score of a peer that nothing is known of. */
export const STARTING_SCORE = 50;
/** At or below this score a peer is ignored. From the start: 14 failures in a row, or 4 proven lies. */
export const IGNORE_SCORE = 25;

const SUCCESS_GAIN = 1;
const NOT_USEFUL_FACTOR = 0.95;
const MALICIOUS_FACTOR = 0.8;

/** What an outcome says about the peer. */
export type PeerOutcome = "success" | "notUseful" | "malicious";

/**
 * What a failure says about the peer it came from.
 *
 * What a hash or a signature disproves is a lie, and so is broken BCS within a whole frame; a broken frame may be the work
 * of something in between.
 */
export function outcomeOfError(error: SyncError): PeerOutcome {
  switch (error.code) {
    case "MALFORMED_BCS":
    case "PROOF_MISMATCH":
    case "SIGNATURE_MISMATCH":
    case "INVALID_SIGNERS":
    case "INSUFFICIENT_VOTING_POWER":
    case "EPOCH_MISMATCH":
    case "WAYPOINT_MISMATCH":
      return "malicious";
    default:
      return "notUseful";
  }
}

/** The score after `outcome`. */
export function nextScore(score: number, outcome: PeerOutcome): number {
  if (outcome === "success") return Math.min(MAX_SCORE, score + SUCCESS_GAIN);
  return score * (outcome === "malicious" ? MALICIOUS_FACTOR : NOT_USEFUL_FACTOR);
}

/** Tells whether a peer of this score is ignored. */
export function isIgnoredScore(score: number): boolean {
  return score <= IGNORE_SCORE;
}
