import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canService, refusalOf, type Serviceable, serviceableOf } from "../../../core/wire/can-service.ts";
import type { DataRequest } from "../../../core/wire/request-types.ts";
import type { TransactionDataType } from "../../../core/wire/data-type.ts";
import { isTransactionDataV2Request } from "../../../core/wire/request-types.ts";
import type { StorageServerSummary } from "../../../core/wire/summary.ts";
import { REQUESTS } from "../../helpers/wire-arbitraries.ts";

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const NOW_MS = 1_800_000_000_000;
const RULES = { nowMs: NOW_MS, maxOptimisticFetchLagSecs: 50, maxSubscriptionLagSecs: 100 };
const OUTPUTS: TransactionDataType = { kind: "outputs" };
const TRANSACTIONS: TransactionDataType = { kind: "transactions", includeEvents: true };
const EITHER: TransactionDataType = { kind: "transactionsOrOutputs", includeEvents: false };

/** A peer whose head is at version 250 and `ageMs` old. */
function peer(ranges: Omit<Serviceable, "synced" | "snapshots">, ageMs = 0): Serviceable {
  return { synced: { version: 250n, timestampUsecs: BigInt(NOW_MS - ageMs) * 1000n }, snapshots: [], ...ranges };
}

const rangeOf = (lowest: bigint, highest: bigint) => ({ lowest, highest });

function epochs(firstEpoch: bigint, lastEpoch: bigint): DataRequest {
  return { kind: "getEpochEndingLedgerInfos", firstEpoch, lastEpoch };
}

/** The request for a range in both generations. */
function ranges(dataType: TransactionDataType, first: bigint, last: bigint, proofVersion: bigint): DataRequest[] {
  const versions = { firstVersion: first, lastVersion: last, proofVersion };
  const v2 = { kind: "getTransactionDataWithProof", dataType, maxResponseBytes: 1, ...versions } as const;
  if (dataType.kind === "outputs") return [v2, { kind: "getTransactionOutputsWithProof", ...versions }];
  const { includeEvents } = dataType;
  return dataType.kind === "transactions"
    ? [v2, { kind: "getTransactionsWithProof", includeEvents, ...versions }]
    : [v2, { kind: "getTransactionsOrOutputsWithProof", includeEvents, ...versions }];
}

function fetches(knownVersion: bigint): DataRequest[] {
  const known = { knownVersion, knownEpoch: 1n };
  const dataTypes = [OUTPUTS, TRANSACTIONS, EITHER];
  return [
    { kind: "getNewTransactionOutputsWithProof", ...known },
    { kind: "getNewTransactionsWithProof", includeEvents: true, ...known },
    { kind: "getNewTransactionsOrOutputsWithProof", includeEvents: true, ...known },
    ...dataTypes.map((dataType): DataRequest => {
      return { kind: "getNewTransactionDataWithProof", dataType, maxResponseBytes: 1, ...known };
    }),
  ];
}

function subscriptions(knownVersion: bigint): DataRequest[] {
  const position = { stream: { knownVersion, knownEpoch: 1n, streamId: 5n }, streamIndex: 0n };
  const dataTypes = [OUTPUTS, TRANSACTIONS, EITHER];
  return [
    { kind: "subscribeTransactionOutputsWithProof", ...position },
    { kind: "subscribeTransactionsWithProof", includeEvents: true, ...position },
    { kind: "subscribeTransactionsOrOutputsWithProof", includeEvents: true, ...position },
    ...dataTypes.map((dataType): DataRequest => {
      return { kind: "subscribeTransactionDataWithProof", dataType, maxResponseBytes: 1, ...position };
    }),
  ];
}

function expectServed(serviceable: Serviceable, requests: readonly DataRequest[], expected: boolean): void {
  for (const request of requests) {
    const refusal = refusalOf(serviceable, request, RULES);
    expect([request, refusal?.reason, refusal === undefined]).toEqual([request, refusal?.reason, expected]);
  }
}

describe("what is serviceable", () => {
  it("service_epoch_ending_ledger_infos: every part of the range, and nothing beyond", () => {
    const serviceable = peer({ epochEndings: rangeOf(100n, 200n) });
    const inside = [[100n, 200n], [125n, 175n], [100n, 100n], [150n, 150n], [200n, 200n]] as const;
    const outside = [[99n, 200n], [100n, 201n], [50n, 250n], [99n, 99n], [201n, 201n], [
      99n,
      100n,
    ]] as const;
    const degenerate = [[150n, 149n], [200n, 100n], [0n, U64_MAX]] as const;
    expectServed(serviceable, inside.map(([first, last]) => epochs(first, last)), true);
    expectServed(serviceable, [...outside, ...degenerate].map(([first, last]) => epochs(first, last)), false);
    expectServed(peer({}), [epochs(100n, 100n)], false);
  });

  it("service_optimistic_fetch: as long as the head is young enough, whatever the client knows", () => {
    for (const known of [0n, 249n, 250n, 251n, U64_MAX]) {
      expectServed(peer({}, 25_000), fetches(known), true);
      expectServed(peer({}, 49_999), fetches(known), true);
      expectServed(peer({}, 50_000), fetches(known), false);
      expectServed(peer({}, 500_000), fetches(known), false);
      expectServed({ snapshots: [] }, fetches(known), false);
    }
  });

  it("service_subscription: as long as the head is young enough, whatever the client knows", () => {
    for (const known of [0n, 250n, U64_MAX]) {
      expectServed(peer({}, 50_000), subscriptions(known), true);
      expectServed(peer({}, 99_999), subscriptions(known), true);
      expectServed(peer({}, 100_000), subscriptions(known), false);
      expectServed({ snapshots: [] }, subscriptions(known), false);
    }
  });

  it("service_transactions: within the range, with a proof up to the head", () => {
    const serviceable = peer({ transactions: rangeOf(100n, 200n) });
    for (
      const [first, last, proof] of [[100n, 200n, 225n], [100n, 200n, 250n], [150n, 150n, 250n], [
        200n,
        200n,
        0n,
      ]] as const
    ) {
      expectServed(serviceable, ranges(TRANSACTIONS, first, last, proof), true);
    }
    for (
      const [first, last, proof] of [[100n, 200n, 251n], [100n, 200n, 300n], [99n, 200n, 250n], [
        100n,
        201n,
        250n,
      ]] as const
    ) {
      expectServed(serviceable, ranges(TRANSACTIONS, first, last, proof), false);
    }
    expectServed(peer({ outputs: rangeOf(100n, 200n) }), ranges(TRANSACTIONS, 150n, 150n, 250n), false);
  });

  it("service_transaction_outputs: within the range of outputs, in order, with a proof up to the head", () => {
    const serviceable = peer({ outputs: rangeOf(100n, 200n), transactions: rangeOf(0n, 250n) });
    expectServed(serviceable, ranges(OUTPUTS, 100n, 200n, 250n), true);
    expectServed(serviceable, ranges(OUTPUTS, 125n, 175n, 200n), true);
    for (
      const [first, last, proof] of [[100n, 200n, 251n], [99n, 150n, 250n], [150n, 201n, 250n], [
        0n,
        99n,
        250n,
      ]] as const
    ) {
      expectServed(serviceable, ranges(OUTPUTS, first, last, proof), false);
    }
    for (const [first, last] of [[150n, 149n], [200n, 100n], [0n, U64_MAX]] as const) {
      expectServed(serviceable, ranges(OUTPUTS, first, last, 250n), false);
    }
  });

  it("service_transactions_or_outputs: where both are", () => {
    const serviceable = peer({ transactions: rangeOf(50n, 200n), outputs: rangeOf(100n, 250n) });
    for (const [first, last] of [[100n, 200n], [125n, 175n], [100n, 100n], [200n, 200n]] as const) {
      expectServed(serviceable, ranges(EITHER, first, last, 250n), true);
    }
    for (const [first, last] of [[99n, 200n], [100n, 201n], [50n, 250n], [50n, 99n], [201n, 250n]] as const) {
      expectServed(serviceable, ranges(EITHER, first, last, 250n), false);
    }
    expectServed(serviceable, ranges(EITHER, 100n, 200n, 251n), false);
  });

  it("service_state_chunk_request: versions whose state is there and can be proven", () => {
    const serviceable = peer({ states: rangeOf(100n, 300n) });
    const states = (version: bigint): DataRequest[] => [
      { kind: "getStateValuesWithProof", version, firstIndex: 0n, lastIndex: 9n },
      { kind: "getStateValuesByKeyHash", keyHashes: new Uint8Array(32), checkpoint: version },
    ];
    for (const version of [100n, 200n, 250n]) expectServed(serviceable, states(version), true);
    for (const version of [50n, 99n, 251n, 300n, 301n]) expectServed(serviceable, states(version), false);
  });

  it("protocol_metadata_service: the item caps refuse nothing, an answer is cut", () => {
    const summary: StorageServerSummary = {
      protocolMetadata: {
        maxEpochChunkSize: 1,
        maxStateChunkSize: 1,
        maxTransactionChunkSize: 1,
        maxTransactionOutputChunkSize: 1,
      },
      dataSummary: {
        epochEndingLedgerInfos: rangeOf(0n, 5_000n),
        states: rangeOf(0n, 250n),
        transactions: rangeOf(0n, 250n),
        transactionOutputs: rangeOf(0n, 250n),
      },
      snapshots: [],
    };
    const serviceable = serviceableOf(summary, { version: 250n, timestampUsecs: BigInt(NOW_MS) * 1000n });
    const both = [...ranges(TRANSACTIONS, 0n, 250n, 250n), ...ranges(OUTPUTS, 0n, 250n, 250n)];
    const chunk = { kind: "getStateValuesWithProof", version: 250n, firstIndex: 0n, lastIndex: 100_000n } as const;
    expectServed(serviceable, [epochs(0n, 5_000n), chunk, ...both, ...ranges(EITHER, 0n, 250n, 250n)], true);
    expect(canService(serviceable, epochs(0n, 5_001n), RULES)).toBe(false);
  });
});

describe("a request", () => {
  it("is_transaction_data_v2_request: of the second generation, exactly where its number is 14, 15 or 16", () => {
    for (const [kind, arbitrary] of Object.entries(REQUESTS)) {
      const isV2 = /^(get|getNew|subscribe)TransactionDataWithProof$/.test(kind);
      fc.assert(
        fc.property(arbitrary as fc.Arbitrary<DataRequest>, (request) => {
          expect([kind, isTransactionDataV2Request(request)]).toEqual([kind, isV2]);
        }),
        { numRuns: 20 },
      );
    }
  });
});
