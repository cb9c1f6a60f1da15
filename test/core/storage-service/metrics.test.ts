import { describe, expect, it } from "vitest";
import { SyncError } from "../../../core/errors.ts";
import type { MetricDefinition } from "../../../core/ports/metrics.ts";
import { errorLabel, requestLabel, responseLabel } from "../../../core/storage-service/metric-labels.ts";
import * as exported from "../../../core/storage-service/metrics.ts";
import type { DataRequest } from "../../../core/wire/request.ts";

const definitions = Object.values(exported).filter((value): value is MetricDefinition => typeof value === "object");

/** Suffixes of the reference (storage-service §5), and the two that its text leaves without one, and ours. */
const NAMES = [
  ...[
    "ignored_peer_count",
    "lru_cache",
    "optimistic_fetch_count",
    "optimistic_fetch_event",
    "optimistic_fetch_latency",
  ],
  ...["pending_network_events", "errors", "requests_received", "responses_sent", "db_read_latency"],
  ...["fetch_processing_latency", "response_creation_latency", "request_latency", "request_validation_latency"],
  ...["subscription_count", "subscription_event", "subscription_latency"],
  ...["chunk_truncation", "requests_rate_limited", "active_stream_count"],
];

describe("the metrics", () => {
  it("are those of the reference, by name", () => {
    const ours = ["answer_bytes_in_flight"];
    expect(definitions.map(({ name }) => name).sort()).toEqual([...NAMES, ...ours].sort());
  });

  it("have names, labels and buckets that every system of metrics takes", () => {
    for (const { name, labels, help, buckets = [] } of definitions) {
      for (const word of [name, ...labels]) expect(word).toMatch(/^[a-z][a-z_]*$/);
      expect(help).toMatch(/^[A-Z].*[^.]$/);
      expect([...buckets].sort((left, right) => left - right)).toEqual(buckets);
    }
  });
});

describe("labels", () => {
  const range = { firstVersion: 0n, lastVersion: 0n, proofVersion: 0n };
  const v2 = { ...range, kind: "getTransactionDataWithProof", maxResponseBytes: 1 } as const;
  const stream = { knownVersion: 0n, knownEpoch: 0n, streamId: 0n };

  it.each<[string, DataRequest]>([
    ["get_storage_server_summary", { kind: "getStorageServerSummary" }],
    ["get_transactions_or_outputs_with_proof", {
      kind: "getTransactionsOrOutputsWithProof",
      ...range,
      includeEvents: true,
    }],
    ["get_transaction_outputs_with_proof_v2", { ...v2, dataType: { kind: "outputs" } }],
    ["get_transactions_with_proof_v2", { ...v2, dataType: { kind: "transactions", includeEvents: true } }],
    ["get_transactions_or_outputs_with_proof_v2", {
      ...v2,
      dataType: { kind: "transactionsOrOutputs", includeEvents: true },
    }],
    ["get_new_transaction_outputs_with_proof_v2", {
      kind: "getNewTransactionDataWithProof",
      knownVersion: 0n,
      knownEpoch: 0n,
      dataType: { kind: "outputs" },
      maxResponseBytes: 1,
    }],
    ["subscribe_transactions_with_proof_v2", {
      kind: "subscribeTransactionDataWithProof",
      stream,
      streamIndex: 0n,
      dataType: { kind: "transactions", includeEvents: false },
      maxResponseBytes: 1,
    }],
  ])("of a request: %s", (label, request) => expect(requestLabel(request)).toBe(label));

  it("of answers and errors are names in snake case", () => {
    expect(responseLabel("stateValueChunkWithProof")).toBe("state_value_chunk_with_proof");
    expect(errorLabel(new SyncError("NOT_SERVICEABLE", "Cannot answer"))).toBe("not_serviceable");
    expect(errorLabel(new Error("no disk"))).toBe("unexpected_error");
  });
});
