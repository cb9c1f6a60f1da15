/**
 * What the HTTP application counts: answers and their bytes.
 *
 * The storage server behind it counts by request; here it is what leaves, errors and refusals included.
 *
 * @module
 */
import type { MetricDefinition, Metrics } from "../../core/ports/metrics.ts";
import type { RequestLog } from "./request-log.ts";

/** Answers made: a client may be gone before it has read them. */
export const HTTP_RESPONSES: MetricDefinition = {
  name: "http_responses",
  help: "HTTP answers, by method and status",
  kind: "counter",
  labels: ["method", "status"],
};

/** Bytes of them. */
export const RESPONSE_BYTES: MetricDefinition = {
  name: "response_bytes",
  help: "Bytes of the bodies of HTTP answers, by method and status",
  kind: "counter",
  labels: ["method", "status"],
};

/** Methods that have a label of their own: a closed set, so that no client can make the metric grow. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "OPTIONS"]);

/** A request log that counts. */
export function createHttpMetrics(metrics: Metrics): RequestLog {
  return ({ method, status, bytes }) => {
    const labels = [METHODS.has(method) ? method : "other", String(status)];
    metrics.increment(HTTP_RESPONSES, labels);
    metrics.increment(RESPONSE_BYTES, labels, bytes);
  };
}
