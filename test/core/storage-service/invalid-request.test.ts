import { describe, expect, it } from "vitest";
import { SyncError, type SyncErrorCode } from "../../../core/errors.ts";
import { countsAsInvalid } from "../../../core/storage-service/invalid-request.ts";
import type { Serviceable } from "../../../core/wire/can-service.ts";
import type { DataRequest } from "../../../core/wire/request.ts";

const CAPS = {
  maxEpochChunkSize: 10,
  maxStateChunkSize: 20,
  maxTransactionChunkSize: 50,
  maxTransactionOutputChunkSize: 100,
};
/** Two of the larger chunk. */
const GRACE = 200n;

const SERVICEABLE: Serviceable = {
  synced: { version: 5_000n, timestampUsecs: 0n },
  epochEndings: { lowest: 30n, highest: 40n },
  states: { lowest: 2_000n, highest: 4_990n },
  transactions: { lowest: 1_000n, highest: 5_000n },
  outputs: { lowest: 1_000n, highest: 5_000n },
  snapshots: [],
};

function counts(request: DataRequest, code: SyncErrorCode = "NOT_SERVICEABLE", serviceable = SERVICEABLE): boolean {
  return countsAsInvalid(new SyncError(code, "Cannot answer"), request, { serviceable, caps: CAPS });
}

function transactions(firstVersion: bigint, lastVersion: bigint, proofVersion = lastVersion): DataRequest {
  return { kind: "getTransactionsWithProof", firstVersion, lastVersion, proofVersion, includeEvents: false };
}

const KEY_HASHES = new Uint8Array(32);

/** Requests by a place in versions, and the places they may ask for. */
const PLACED: readonly (readonly [string, (place: bigint) => DataRequest, lowest: bigint, highest: bigint])[] = [
  ["transactions", (place) => transactions(place, place), 1_000n, 5_000n],
  ["a count of states", (version) => ({ kind: "getNumberOfStatesAtVersion", version }), 2_000n, 4_990n],
  [
    "states",
    (version) => ({ kind: "getStateValuesWithProof", version, firstIndex: 0n, lastIndex: 0n }),
    2_000n,
    4_990n,
  ],
  [
    "states by key",
    (checkpoint) => ({ kind: "getStateValuesByKeyHash", checkpoint, keyHashes: KEY_HASHES }),
    2_000n,
    4_990n,
  ],
];

describe("a refusal", () => {
  it.each(PLACED)("counts only if %s are far outside what is advertised", (_, requestAt, lowest, highest) => {
    expect(counts(requestAt(highest + GRACE))).toBe(false);
    expect(counts(requestAt(highest + GRACE + 1n))).toBe(true);
    expect(counts(requestAt(lowest - GRACE), "PRUNED")).toBe(false);
    expect(counts(requestAt(lowest - GRACE - 1n), "PRUNED")).toBe(true);
  });

  it("of epochs counts from two chunks of epochs on, and of the epoch at a version like versions", () => {
    const epochs = (firstEpoch: bigint, lastEpoch: bigint): DataRequest => ({
      kind: "getEpochEndingLedgerInfos",
      firstEpoch,
      lastEpoch,
    });
    expect(counts(epochs(35n, 60n))).toBe(false);
    expect(counts(epochs(35n, 61n))).toBe(true);
    expect(counts(epochs(10n, 11n), "PRUNED")).toBe(false);
    expect(counts(epochs(9n, 11n), "PRUNED")).toBe(true);
    expect(counts({ kind: "getEpochEndingAtVersion", version: 5_000n + GRACE })).toBe(false);
    expect(counts({ kind: "getEpochEndingAtVersion", version: 5_001n + GRACE })).toBe(true);
  });

  it("of an index counts from two chunks of states behind the last one on", () => {
    const countsAt = (firstIndex: bigint) => {
      const request = { kind: "getStateValuesWithProof", version: 3_000n, firstIndex, lastIndex: firstIndex } as const;
      const error = new SyncError("NOT_SERVICEABLE", "Cannot read", { detail: { stateCount: 500n } });
      return countsAsInvalid(error, request, { serviceable: SERVICEABLE, caps: CAPS });
    };
    expect(countsAt(540n)).toBe(false);
    expect(countsAt(541n)).toBe(true);
  });

  it("for want of a ledger info does not count: a head that is newer, or one that is not kept", () => {
    expect(counts(transactions(1_000n, 1_010n, 10n ** 12n))).toBe(false);
    const request = { kind: "getStateValuesByKeyHash", checkpoint: 3_000n, keyHashes: KEY_HASHES } as const;
    expect(counts({ ...request, proofVersion: 10n ** 12n })).toBe(false);
  });

  it("does not count where there is nothing yet", () => {
    expect(counts(transactions(10n ** 12n, 10n ** 12n), "NOT_SERVICEABLE", { snapshots: [] })).toBe(false);
    expect(counts({ kind: "getLatestLedgerInfo" }, "NOT_SERVICEABLE", { snapshots: [] })).toBe(false);
    expect(counts({ kind: "getEpochEndingAtVersion", version: 10n ** 12n }, "NOT_SERVICEABLE", { snapshots: [] }))
      .toBe(false);
  });

  it("of a request that makes no sense always counts, also of one that waits", () => {
    const waiting: DataRequest = { kind: "getNewTransactionOutputsWithProof", knownVersion: 0n, knownEpoch: 0n };
    expect(counts(transactions(2n, 1n), "INVALID_REQUEST")).toBe(true);
    expect(counts(waiting, "INVALID_REQUEST")).toBe(true);
    expect(counts(waiting, "NOT_SERVICEABLE")).toBe(false);
  });

  it.each(["NOT_A_CHECKPOINT", "TOO_LARGE", "TOO_MANY_REQUESTS", "STORAGE_FAILED"] as const)(
    "with %s never counts",
    (code) => expect(counts(transactions(10n ** 12n, 10n ** 12n), code)).toBe(false),
  );
});
