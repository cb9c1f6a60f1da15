import { describe, expect, it } from "vitest";
import {
  IGNORE_SCORE,
  isIgnoredScore,
  MAX_SCORE,
  nextScore,
  outcomeOfError,
  type PeerOutcome,
  STARTING_SCORE,
} from "../../../core/data-client/peer-score.ts";
import { SyncError, type SyncErrorCode } from "../../../core/errors.ts";

function repeated(outcome: PeerOutcome, times: number, score = STARTING_SCORE): number {
  let current = score;
  for (let i = 0; i < times; i++) current = nextScore(current, outcome);
  return current;
}

describe("peer score", () => {
  it("ignores a peer after 14 failures in a row, not after 13", () => {
    expect(isIgnoredScore(repeated("notUseful", 13))).toBe(false);
    expect(isIgnoredScore(repeated("notUseful", 14))).toBe(true);
  });

  it("ignores a peer after 4 lies in a row, not after 3", () => {
    expect(isIgnoredScore(repeated("malicious", 3))).toBe(false);
    expect(isIgnoredScore(repeated("malicious", 4))).toBe(true);
  });

  it("never leaves 0 to 100", () => {
    expect(repeated("success", 1000)).toBe(MAX_SCORE);
    expect(repeated("malicious", 1000)).toBeGreaterThanOrEqual(0);
  });

  it("brings an ignored peer back after a few successes", () => {
    const ignored = repeated("malicious", 4);
    const rounds = Math.ceil(IGNORE_SCORE - ignored) + 1;
    expect(rounds).toBeLessThan(10);
    expect(isIgnoredScore(repeated("success", rounds, ignored))).toBe(false);
  });

  it.each<[SyncErrorCode, PeerOutcome]>([
    ["PROOF_MISMATCH", "malicious"],
    ["SIGNATURE_MISMATCH", "malicious"],
    ["WAYPOINT_MISMATCH", "malicious"],
    ["MALFORMED_BCS", "malicious"],
    ["MALFORMED_FRAME", "notUseful"],
    ["WRONG_CHAIN", "notUseful"],
    ["REQUEST_TIMEOUT", "notUseful"],
    ["NOT_SERVICEABLE", "notUseful"],
  ])("takes %s as %s", (code, outcome) => {
    expect(outcomeOfError(new SyncError(code, "Cannot test"))).toBe(outcome);
  });
});
