import { describe, expect, it } from "vitest";
import { SyncError } from "../../../core/errors.ts";
import {
  STORAGE_ERRORS_ENCOUNTERED,
  STORAGE_REQUEST_PROCESSING_LATENCY,
  STORAGE_REQUESTS_RECEIVED,
} from "../../../core/storage-service/metrics.ts";
import { withRequestMetrics } from "../../../core/storage-service/request-metrics.ts";
import { createRecordingMetrics } from "../../helpers/recording-metrics.ts";
import { createVirtualClock } from "../../helpers/virtual-clock.ts";

const PUBLIC = { address: "192.0.2.1", trusted: false };
const LABEL = "get_storage_server_summary";

describe("the metrics of requests", () => {
  it("count a request that its client gave up as received, and neither as an answer nor as an error", async () => {
    const metrics = createRecordingMetrics();
    const refusal = new SyncError("NOT_SERVICEABLE", "Cannot answer");
    const answer = withRequestMetrics(() => Promise.reject(refusal), { metrics, clock: createVirtualClock() });
    const counts = () => [
      metrics.valueOf(STORAGE_REQUESTS_RECEIVED, "public", LABEL),
      metrics.valueOf(STORAGE_ERRORS_ENCOUNTERED, "public", "not_serviceable"),
      metrics.valueOf(STORAGE_REQUEST_PROCESSING_LATENCY, "public", LABEL, "failure"),
    ];
    const request = { kind: "getStorageServerSummary" } as const;
    await expect(answer(request, PUBLIC, AbortSignal.abort())).rejects.toBe(refusal);
    expect(counts()).toEqual([1, 0, 0]);
    await expect(answer(request, PUBLIC, new AbortController().signal)).rejects.toBe(refusal);
    expect(counts()).toEqual([2, 1, 1]);
  });
});
