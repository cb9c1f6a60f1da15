import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canService, refusalOf, type Serviceable } from "../../../core/wire/can-service.ts";
import type { DataRequest } from "../../../core/wire/request-types.ts";
import { anyRequest } from "../../helpers/wire-arbitraries.ts";

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const NOW_MS = 1_800_000_000_000;
const FRESH = { nowMs: NOW_MS, maxOptimisticFetchLagSecs: 20, maxSubscriptionLagSecs: 30 };
const HASHES = new Uint8Array(32);

/** Holds versions 100 to 200 (outputs from 150, states 180 to 200 and a snapshot at 120) and the endings of epochs 3 to 7. */
const PEER: Serviceable = {
  synced: { version: 200n, timestampUsecs: BigInt(NOW_MS - 10_000) * 1000n },
  epochEndings: { lowest: 3n, highest: 7n },
  states: { lowest: 180n, highest: 200n },
  transactions: { lowest: 100n, highest: 200n },
  outputs: { lowest: 150n, highest: 200n },
  snapshots: [120n],
};
const EMPTY: Serviceable = { snapshots: [] };

const range = (firstVersion: bigint, lastVersion: bigint, proofVersion = 200n) => ({
  firstVersion,
  lastVersion,
  proofVersion,
});
const epochs = (firstEpoch: bigint, lastEpoch: bigint): DataRequest => ({
  kind: "getEpochEndingLedgerInfos",
  firstEpoch,
  lastEpoch,
});
const v2 = (
  kind: "transactions" | "outputs" | "transactionsOrOutputs",
  versions: ReturnType<typeof range>,
): DataRequest => ({
  kind: "getTransactionDataWithProof",
  dataType: kind === "outputs" ? { kind } : { kind, includeEvents: true },
  maxResponseBytes: 1,
  ...versions,
});
const states = (version: bigint, firstIndex = 0n, lastIndex = 9n): DataRequest => ({
  kind: "getStateValuesWithProof",
  version,
  firstIndex,
  lastIndex,
});

const cases: [
  what: string,
  request: DataRequest,
  expected: "yes" | "INVALID_REQUEST" | "NOT_SERVICEABLE" | "PRUNED",
][] = [
  ["all epoch endings", epochs(3n, 7n), "yes"],
  ["one too many", epochs(3n, 8n), "NOT_SERVICEABLE"],
  ["one too old", epochs(2n, 7n), "PRUNED"],
  ["epochs the wrong way round", epochs(5n, 4n), "INVALID_REQUEST"],
  ["all u64 epochs", epochs(0n, U64_MAX), "INVALID_REQUEST"],
  ["the highest epochs", epochs(1n, U64_MAX), "PRUNED"],
  ["transactions", v2("transactions", range(100n, 200n)), "yes"],
  ["transactions after the last", v2("transactions", range(100n, 201n)), "NOT_SERVICEABLE"],
  ["transactions before the first", v2("transactions", range(99n, 200n)), "PRUNED"],
  ["transactions the wrong way round", v2("transactions", range(101n, 100n)), "INVALID_REQUEST"],
  ["transactions proven above the head", v2("transactions", range(100n, 200n, 201n)), "NOT_SERVICEABLE"],
  ["outputs", v2("outputs", range(150n, 200n)), "yes"],
  ["outputs where only transactions are", v2("outputs", range(149n, 200n)), "PRUNED"],
  ["either, with both", v2("transactionsOrOutputs", range(150n, 200n)), "yes"],
  ["either, with transactions alone", v2("transactionsOrOutputs", range(149n, 200n)), "PRUNED"],
  ["V1 outputs", { kind: "getTransactionOutputsWithProof", ...range(150n, 160n) }, "yes"],
  ["V1 outputs too old", { kind: "getTransactionOutputsWithProof", ...range(149n, 160n) }, "PRUNED"],
  ["V1 transactions", { kind: "getTransactionsWithProof", includeEvents: false, ...range(100n, 101n) }, "yes"],
  ["V1 either", {
    kind: "getTransactionsOrOutputsWithProof",
    includeEvents: false,
    ...range(149n, 150n),
  }, "PRUNED"],
  ["states", states(200n), "yes"],
  ["states at a snapshot", states(120n), "yes"],
  ["states before the first", states(179n), "PRUNED"],
  ["states after the last", states(201n), "NOT_SERVICEABLE"],
  ["states at indexes out of any range", states(200n, 1n << 60n, 1n << 61n), "yes"],
  ["states at indexes the wrong way round", states(200n, 5n, 4n), "INVALID_REQUEST"],
  ["a number of states", { kind: "getNumberOfStatesAtVersion", version: 180n }, "yes"],
  ["a number of states after the last", { kind: "getNumberOfStatesAtVersion", version: 201n }, "NOT_SERVICEABLE"],
  ["a value at the newest checkpoint", { kind: "getStateValuesByKeyHash", keyHashes: HASHES }, "yes"],
  [
    "a value proven below its checkpoint",
    { kind: "getStateValuesByKeyHash", keyHashes: HASHES, checkpoint: 190n, proofVersion: 189n },
    "INVALID_REQUEST",
  ],
  [
    "a value proven above the head",
    { kind: "getStateValuesByKeyHash", keyHashes: HASHES, checkpoint: 190n, proofVersion: 201n },
    "NOT_SERVICEABLE",
  ],
  ["the newest ledger info", { kind: "getLatestLedgerInfo" }, "yes"],
  ["a transaction by hash", { kind: "getTransactionByHash", hash: HASHES }, "yes"],
  ["the ending at a version", { kind: "getEpochEndingAtVersion", version: 5n }, "yes"],
];

describe("what a peer with these ranges can serve", () => {
  it.each(cases)("%s", (_, request, expected) => {
    expect(refusalOf(PEER, request, FRESH)?.code ?? "yes").toBe(expected);
    expect(canService(PEER, request, FRESH)).toBe(expected === "yes");
  });

  it("names the lowest version kept where something is pruned", () => {
    expect(refusalOf(PEER, v2("transactions", range(99n, 200n)), FRESH)?.lowest).toBe(100n);
    expect(refusalOf(PEER, epochs(0n, 1n), FRESH)?.lowest).toBe(3n);
  });

  it("is nothing but summary, protocol version and peers where a peer has nothing", () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const always = ["getStorageServerSummary", "getServerProtocolVersion", "getPeers"].includes(request.kind);
        expect(canService(EMPTY, request, FRESH)).toBe(always);
      }),
      { numRuns: 500 },
    );
  });

  const waiting: [DataRequest, lagSecs: number][] = [
    [{ kind: "getNewTransactionOutputsWithProof", knownVersion: 0n, knownEpoch: 0n }, 20],
    [{ kind: "getNewTransactionsWithProof", knownVersion: 999n, knownEpoch: 0n, includeEvents: true }, 20],
    [{
      kind: "subscribeTransactionOutputsWithProof",
      stream: { knownVersion: 0n, knownEpoch: 0n, streamId: 1n },
      streamIndex: 0n,
    }, 30],
  ];
  it.each(waiting)("waits only at a fresh head: %o", (request, lagSecs) => {
    const headMs = Number((PEER.synced?.timestampUsecs ?? 0n) / 1000n);
    const at = (ageMs: number) => canService(PEER, request, { ...FRESH, nowMs: headMs + ageMs });
    expect(at(lagSecs * 1000 - 1)).toBe(true);
    expect(at(lagSecs * 1000)).toBe(false);
  });
});
