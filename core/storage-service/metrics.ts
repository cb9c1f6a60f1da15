/**
 * What the storage service counts and measures: the metric set of the reference (storage-service §5), with its suffixes and
 * event names. The adapter puts the project's prefix in front.
 *
 * Differences: `network_id` is `trusted` or `public`. What is done once for everybody (cache, storage reads) belongs to no
 * network and has no such label.
 *
 * @module
 */
import type { MetricDefinition } from "../ports/metrics.ts";

/** The reference's buckets, in seconds: from a fast answer to a subscription that waited long. */
const WAITING_BUCKETS: readonly number[] = [
  ...[0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 30, 40, 60, 120, 180, 240, 300],
];

const BY_NETWORK = ["network_id"] as const;
const BY_NETWORK_EVENT = ["network_id", "event"] as const;
const BY_NETWORK_REQUEST = ["network_id", "request_type"] as const;
const BY_NETWORK_RESULT = ["network_id", "request_type", "result"] as const;
const BY_RESULT = ["request_type", "result"] as const;

/** Addresses that are ignored now. */
export const IGNORED_PEER_COUNT: MetricDefinition = {
  name: "ignored_peer_count",
  help: "Addresses that are ignored for too many invalid requests",
  kind: "gauge",
  labels: BY_NETWORK,
};

/** Bytes of answers on their way. Not of the reference, which does not bound them. */
export const ANSWER_BYTES_IN_FLIGHT: MetricDefinition = {
  name: "answer_bytes_in_flight",
  help: "Bytes of different answers that clients have not taken yet",
  kind: "gauge",
  labels: [],
};

/** What happened in the response cache. */
export const LRU_CACHE_EVENT: MetricDefinition = {
  name: "lru_cache",
  help: "Look-ups in the response cache, and how many of them found something",
  kind: "counter",
  labels: ["event"],
};

/** Value of `event` of {@link LRU_CACHE_EVENT}: a look-up. */
export const LRU_CACHE_PROBE = "lru_cache_probe";

/** Value of `event` of {@link LRU_CACHE_EVENT}: a look-up that found an answer. */
export const LRU_CACHE_HIT = "lru_cache_hit";

/** Answers that hold less than was asked for and allowed. */
export const CHUNK_TRUNCATION: MetricDefinition = {
  name: "chunk_truncation",
  help: "Answers cut before their item cap, by reason",
  kind: "counter",
  labels: ["reason", "response_type"],
};

/** Optimistic fetches that wait now. */
export const OPTIMISTIC_FETCH_COUNT: MetricDefinition = {
  name: "optimistic_fetch_count",
  help: "Optimistic fetches that wait",
  kind: "gauge",
  labels: BY_NETWORK,
};

/** What happened to optimistic fetches. */
export const OPTIMISTIC_FETCH_EVENTS: MetricDefinition = {
  name: "optimistic_fetch_event",
  help: "Optimistic fetches that came and that expired",
  kind: "counter",
  labels: BY_NETWORK_EVENT,
};

/** Value of `event` of {@link OPTIMISTIC_FETCH_EVENTS}: a fetch came. */
export const OPTIMISTIC_FETCH_ADD = "optimistic_fetch_add";

/** Value of `event` of {@link OPTIMISTIC_FETCH_EVENTS}: a fetch waited in vain. */
export const OPTIMISTIC_FETCH_EXPIRE = "optimistic_fetch_expire";

/** From the arrival of an optimistic fetch to its answer. */
export const OPTIMISTIC_FETCH_LATENCY: MetricDefinition = {
  name: "optimistic_fetch_latency",
  help: "Seconds from the arrival of an optimistic fetch to its answer",
  kind: "histogram",
  labels: BY_NETWORK_RESULT,
  buckets: WAITING_BUCKETS,
};

/** Requests on their way through the server. */
export const PENDING_NETWORK_EVENTS: MetricDefinition = {
  name: "pending_network_events",
  help: "Requests that were taken up, answered, and refused because too many were under way",
  kind: "counter",
  labels: ["state"],
};

/** Answers that are errors. */
export const STORAGE_ERRORS_ENCOUNTERED: MetricDefinition = {
  name: "errors",
  help: "Requests answered with an error, by its code",
  kind: "counter",
  labels: ["network_id", "error_type"],
};

/** Requests that came. */
export const STORAGE_REQUESTS_RECEIVED: MetricDefinition = {
  name: "requests_received",
  help: "Requests received",
  kind: "counter",
  labels: BY_NETWORK_REQUEST,
};

/** Requests refused by the rate limiter. */
export const STORAGE_REQUESTS_RATE_LIMITED: MetricDefinition = {
  name: "requests_rate_limited",
  help: "Requests refused because their address asks too often",
  kind: "counter",
  labels: BY_NETWORK_REQUEST,
};

/** Answers that hold data. */
export const STORAGE_RESPONSES_SENT: MetricDefinition = {
  name: "responses_sent",
  help: "Requests answered with data",
  kind: "counter",
  labels: ["network_id", "response_type"],
};

/** Time that one call to the ledger store takes. */
export const STORAGE_DB_READ_LATENCY: MetricDefinition = {
  name: "db_read_latency",
  help: "Seconds that a call to the ledger store takes, by its name",
  kind: "histogram",
  labels: BY_RESULT,
};

/** Time that reading an answer takes. */
export const STORAGE_FETCH_PROCESSING_LATENCY: MetricDefinition = {
  name: "fetch_processing_latency",
  help: "Seconds to read what an answer holds",
  kind: "histogram",
  labels: BY_RESULT,
};

/** Time that encoding an answer takes. */
export const STORAGE_RESPONSE_CREATION_LATENCY: MetricDefinition = {
  name: "response_creation_latency",
  help: "Seconds to encode an answer that was read",
  kind: "histogram",
  labels: BY_RESULT,
};

/** From the arrival of a request that is answered at once to its answer. */
export const STORAGE_REQUEST_PROCESSING_LATENCY: MetricDefinition = {
  name: "request_latency",
  help: "Seconds from the arrival of a request to its answer; those that wait are not counted",
  kind: "histogram",
  labels: BY_NETWORK_RESULT,
  buckets: WAITING_BUCKETS,
};

/** Time that admission takes. */
export const STORAGE_REQUEST_VALIDATION_LATENCY: MetricDefinition = {
  name: "request_validation_latency",
  help: "Seconds to decide whether a request is admitted",
  kind: "histogram",
  labels: BY_NETWORK_RESULT,
  buckets: WAITING_BUCKETS,
};

/** Requests of subscription streams that wait now. */
export const SUBSCRIPTION_COUNT: MetricDefinition = {
  name: "subscription_count",
  help: "Requests of subscription streams that wait",
  kind: "gauge",
  labels: BY_NETWORK,
};

/** Subscription streams that are open now. */
export const ACTIVE_STREAM_COUNT: MetricDefinition = {
  name: "active_stream_count",
  help: "Subscription streams that are open",
  kind: "gauge",
  labels: BY_NETWORK,
};

/** What happened to subscriptions. */
export const SUBSCRIPTION_EVENTS: MetricDefinition = {
  name: "subscription_event",
  help: "Subscription requests that came, expired or failed, and streams that began",
  kind: "counter",
  labels: BY_NETWORK_EVENT,
};

/** Value of `event` of {@link SUBSCRIPTION_EVENTS}: a request came. */
export const SUBSCRIPTION_ADD = "subscription_add";

/** Value of `event` of {@link SUBSCRIPTION_EVENTS}: a stream expired. */
export const SUBSCRIPTION_EXPIRE = "subscription_expire";

/** Value of `event` of {@link SUBSCRIPTION_EVENTS}: a request was refused. */
export const SUBSCRIPTION_FAILURE = "subscription_failure";

/** Value of `event` of {@link SUBSCRIPTION_EVENTS}: a stream began. */
export const SUBSCRIPTION_NEW_STREAM = "subscription_new_stream";

/** From the arrival of a subscription request to its answer. */
export const SUBSCRIPTION_LATENCY: MetricDefinition = {
  name: "subscription_latency",
  help: "Seconds from the arrival of a subscription request to its answer",
  kind: "histogram",
  labels: BY_NETWORK_RESULT,
  buckets: WAITING_BUCKETS,
};
