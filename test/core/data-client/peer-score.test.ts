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

  it("ends at 100 at the top and next to 0 at the bottom, from where it can rise again", () => {
    expect(repeated("success", 49)).toBe(99);
    for (const times of [50, 51, 1000]) expect(repeated("success", times)).toBe(100);
    for (const outcome of ["notUseful", "malicious"] as const) {
      const lowest = repeated(outcome, 1000);
      expect(lowest).toBeCloseTo(0, 9);
      expect(repeated("success", 3, lowest)).toBeCloseTo(3);
    }
  });

  it("brings a peer back that was ignored for four lies after five successes, not after four", () => {
    // 50 · 0.8⁴ = 20.48, and each success is worth 1.
    const ignored = repeated("malicious", 4);
    expect(ignored).toBeCloseTo(20.48);
    expect(isIgnoredScore(repeated("success", 4, ignored))).toBe(true);
    expect(isIgnoredScore(repeated("success", 5, ignored))).toBe(false);
  });

  it.each([[IGNORE_SCORE, true], [IGNORE_SCORE + 1e-9, false], [0, true], [MAX_SCORE, false]])(
    "of %d means that the peer is ignored: %s",
    (score, ignored) => {
      expect(isIgnoredScore(score)).toBe(ignored);
    },
  );

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
