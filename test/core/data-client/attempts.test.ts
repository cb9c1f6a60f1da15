import { describe, expect, it } from "vitest";
import { type Attempts, isUnreachable, mayAnswerLater, openPeers } from "../../../core/data-client/attempts.ts";
import type { Advertised, PeerState } from "../../../core/data-client/peer-table.ts";
import { SyncError } from "../../../core/errors.ts";

const QUESTION = {
  request: { kind: "getEpochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 5n },
  freshness: { nowMs: 0, maxOptimisticFetchLagSecs: 0, maxSubscriptionLagSecs: 0 },
} as const;

const busy = new SyncError("TOO_MANY_REQUESTS", "Cannot answer");
const broken = new SyncError("MALFORMED_FRAME", "Cannot read answer");

function peer(url: string, change: Partial<PeerState> = {}): PeerState {
  const counts = { score: 50, requests: 1, failures: 0, unanswered: 0, summaryFailures: 0 };
  return { url, ...counts, notBeforeMs: 0, suspectUntilMs: 0, nextSummaryMs: 0, ...change };
}

/** Advertises the endings of epochs 0 to `highest`. */
function upTo(highest: bigint): Advertised {
  return { serviceable: { epochEndings: { lowest: 0n, highest }, snapshots: [] } };
}

const attempts = (...out: string[]): Attempts => ({ out: new Set(out) });
const namesOf = (peers: readonly PeerState[]) => peers.map(({ url }) => url);

describe("peers that may still answer", () => {
  it("are those that have it, or of which nothing is known, and that did not refuse", () => {
    const peers = [
      peer("has it", { advertised: upTo(5n) }),
      peer("has less", { advertised: upTo(4n) }),
      peer("refused", { advertised: upTo(5n) }),
      peer("silent"),
      peer("busy from the start", { summaryError: busy }),
      peer("broken from the start", { summaryError: broken }),
      peer("broken lately", { advertised: upTo(5n), summaryError: broken }),
    ];
    expect(namesOf(openPeers(peers, attempts("refused"), QUESTION))).toEqual([
      "has it",
      "silent",
      "busy from the start",
      "broken lately",
    ]);
    expect(namesOf(peers.filter(isUnreachable))).toEqual(["broken from the start", "broken lately"]);
  });
});

describe("waiting", () => {
  it.each<[string, PeerState[], boolean]>([
    ["without peers", [], false],
    ["where all refused", [peer("refused", { advertised: upTo(5n) })], false],
    ["where one has it", [peer("has it", { advertised: upTo(5n) })], true],
    ["where one is out of reach", [peer("silent", { summaryError: busy })], true],
    ["where one has it, and another less", [
      peer("has it", { advertised: upTo(5n) }),
      peer("has less", { advertised: upTo(4n) }),
    ], false],
    ["where one has it, and another had less when it was heard last", [
      peer("has it", { advertised: upTo(5n) }),
      peer("had less", { advertised: upTo(4n), summaryError: busy }),
    ], true],
  ])("may help or not: %s", (_, peers, expected) => {
    expect(mayAnswerLater(peers, attempts("refused"), QUESTION)).toBe(expected);
  });
});
