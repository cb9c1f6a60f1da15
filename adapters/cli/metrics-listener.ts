/**
 * Metrics on an address of their own, so that whoever may ask the service need not see them.
 *
 * @module
 */
import type { MetricDefinition } from "../../core/ports/metrics.ts";
import * as storageServiceMetrics from "../../core/storage-service/metrics.ts";
import { HTTP_RESPONSES, RESPONSE_BYTES } from "../http/http-metrics.ts";
import { createPrometheusMetrics, type PrometheusMetrics } from "../prometheus/prometheus-metrics.ts";
import type { FetchHandler } from "./platform.ts";

/** Connections that found no room. Not of the reference, whose network layer bounds them. */
export const CONNECTIONS_DROPPED: MetricDefinition = {
  name: "connections_dropped",
  help: "Connections closed at once because there were maxConnections",
  kind: "counter",
  labels: [],
};

/** Lines that a request log did not get. */
export const REQUEST_LOG_LINES_LOST: MetricDefinition = {
  name: "request_log_lines_lost",
  help: "Requests without a line in the request log, because its disk is slow, full or broken",
  kind: "counter",
  labels: [],
};

const PREFIX = "velor_storage_service_";
const PATH = "/metrics";

/** Creates the metrics of a server, all of them there from the start. */
export function createServerMetrics(): PrometheusMetrics {
  const definitions = Object.values(storageServiceMetrics).filter((value) => typeof value === "object");
  return createPrometheusMetrics({
    prefix: PREFIX,
    definitions: [
      ...definitions satisfies MetricDefinition[],
      ...[HTTP_RESPONSES, RESPONSE_BYTES, CONNECTIONS_DROPPED, REQUEST_LOG_LINES_LOST],
    ],
  });
}

/** Answers `GET /metrics`. */
export function metricsHandler(metrics: PrometheusMetrics): FetchHandler {
  return async ({ url, method }) => {
    if (new URL(url).pathname !== PATH) return textReply(404, `The metrics are at ${PATH}\n`);
    if (method !== "GET" && method !== "HEAD") return textReply(405, "The metrics can only be read\n");
    return new Response(await metrics.exposition(), {
      headers: { "content-type": metrics.contentType, "cache-control": "no-store" },
    });
  };
}

function textReply(status: number, text: string): Response {
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
