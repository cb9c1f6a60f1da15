/**
 * Cloudflare Workers: a ledger in the SQLite of a Durable Object, copies of large answers in R2, metrics to Analytics
 * Engine, logs for the console.
 *
 * @module
 */
export {
  type AnalyticsDataset,
  type AnalyticsMetrics,
  createAnalyticsMetrics,
  FLUSH_PAUSE_MS,
} from "./analytics-metrics.ts";
export { createConsoleLog } from "./console-log.ts";
export { openDurableObjectKv, type SqlObjectStorage, type SqlObjectValue } from "./durable-object-kv.ts";
export {
  type AnswerBucket,
  createR2Answers,
  type R2Answers,
  type R2AnswersParts,
  type StoredAnswer,
  type StoredObject,
} from "./r2-answers.ts";
