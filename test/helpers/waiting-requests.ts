/**
 * Every kind of request that waits, as an optimistic fetch and as a request of a stream, and what its answer must hold.
 *
 * @module
 */
import { expect } from "vitest";
import type { ChainContext } from "../../core/chain/hash.ts";
import type { LedgerInfoWithSignatures } from "../../core/chain/ledger-info.ts";
import type {
  KnownPosition,
  OptimisticRequest,
  SubscriptionRequest,
  SubscriptionStream,
} from "../../core/wire/request-types.ts";
import type { Asked } from "./waiting-world.ts";
import { expectListProven } from "./wire-proofs.ts";

/** Most bytes that V2 requests take where a test says nothing else. */
const MANY_BYTES: number = 4 * 1024 * 1024;

/** One kind of data in one generation. */
export interface WaitingKind {
  readonly name: string;
  readonly generation: "v1" | "v2";
  readonly data: "outputs" | "transactions" | "either";
  readonly events: boolean;
  fetch(known: KnownPosition, maxResponseBytes?: number): OptimisticRequest;
  subscribe(stream: SubscriptionStream, streamIndex: bigint, maxResponseBytes?: number): SubscriptionRequest;
}

/** All kinds. */
export const WAITING_KINDS: readonly WaitingKind[] = (["v1", "v2"] as const).flatMap((generation) => [
  kindOf(generation, "outputs", true),
  kindOf(generation, "transactions", false),
  kindOf(generation, "transactions", true),
  kindOf(generation, "either", false),
  kindOf(generation, "either", true),
]);

/** One of each list, V1 and V2, for tests to which events make no difference. */
export const MAIN_KINDS: readonly WaitingKind[] = WAITING_KINDS.filter(({ events }) => events);

function kindOf(generation: "v1" | "v2", data: WaitingKind["data"], events: boolean): WaitingKind {
  const suffix = data === "outputs" ? "" : events ? " with events" : " without events";
  return {
    name: `${data}${suffix}, ${generation.toUpperCase()}`,
    generation,
    data,
    events,
    fetch: (known, maxResponseBytes = MANY_BYTES) =>
      generation === "v1"
        ? { kind: V1_FETCHES[data], ...known, includeEvents: events } as OptimisticRequest
        : { kind: "getNewTransactionDataWithProof", ...known, dataType: dataTypeOf(data, events), maxResponseBytes },
    subscribe: (stream, streamIndex, maxResponseBytes = MANY_BYTES) =>
      generation === "v1"
        ? { kind: V1_SUBSCRIPTIONS[data], stream, streamIndex, includeEvents: events } as SubscriptionRequest
        : {
          kind: "subscribeTransactionDataWithProof",
          stream,
          streamIndex,
          dataType: dataTypeOf(data, events),
          maxResponseBytes,
        },
  };
}

const V1_FETCHES = {
  outputs: "getNewTransactionOutputsWithProof",
  transactions: "getNewTransactionsWithProof",
  either: "getNewTransactionsOrOutputsWithProof",
} as const;

const V1_SUBSCRIPTIONS = {
  outputs: "subscribeTransactionOutputsWithProof",
  transactions: "subscribeTransactionsWithProof",
  either: "subscribeTransactionsOrOutputsWithProof",
} as const;

const ANSWERS = {
  outputs: "newTransactionOutputsWithProof",
  transactions: "newTransactionsWithProof",
  either: "newTransactionsOrOutputsWithProof",
} as const;

function dataTypeOf(data: WaitingKind["data"], includeEvents: boolean) {
  if (data === "outputs") return { kind: "outputs" } as const;
  return { kind: data === "either" ? "transactionsOrOutputs" : "transactions", includeEvents } as const;
}

/** What new data must be. */
export interface ExpectedData {
  readonly context: ChainContext;
  readonly kind: WaitingKind;
  /** First and last version of the list. */
  readonly versions: readonly [bigint, bigint];
  /** Ledger info of the answer. */
  readonly target: LedgerInfoWithSignatures;
  /** For "either": the list that came. */
  readonly list?: "outputs" | "transactions";
}

/** Expects an answer to hold exactly these versions, proven in the target, in the shape its request asks for. */
export function expectNewData(asked: Asked, { context, kind, versions, target, list }: ExpectedData): void {
  expect(asked.state).toBe("answered");
  const { data, ledgerInfo, kind: answer } = asked.data;
  expect(answer).toBe(kind.generation === "v2" ? "newTransactionDataWithProof" : ANSWERS[kind.data]);
  expect(ledgerInfo).toEqual(target.bytes);
  const [first, last] = versions;
  expect([data.firstVersion, data.firstVersion + BigInt(data.transactions.count) - 1n]).toEqual([first, last]);
  expectListProven(context, data, target);
  expect(data.list).toBe(list ?? (kind.data === "transactions" ? "transactions" : "outputs"));
  expect(data.auxiliaryInfos?.count).toBe(kind.generation === "v2" ? data.transactions.count : undefined);
  const hasEvents = data.list === "outputs" || kind.events;
  expect(data.events?.count).toBe(hasEvents ? data.transactions.count : undefined);
}
