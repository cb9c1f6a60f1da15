/**
 * Port: metrics. Core names what it measures; adapters hand the numbers on (Prometheus, Analytics Engine).
 *
 * @module
 */

/** What one metric is. */
export interface MetricDefinition {
  /** Name without the prefix of the project: letters, digits and underscores. */
  readonly name: string;
  /** What is counted or measured, for whoever reads a dashboard. */
  readonly help: string;
  /** A counter only grows, a gauge is set, a histogram takes durations in seconds. */
  readonly kind: "counter" | "gauge" | "histogram";
  /** Names of its labels, in order. */
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in seconds; the adapter's own if absent. */
  readonly buckets?: readonly number[];
}

/** Takes numbers. Methods must not throw and must not block. */
export interface Metrics {
  /** Adds to a counter. `labels` are values, in the order of the definition; so too below. */
  increment(metric: MetricDefinition, labels: readonly string[], by?: number): void;
  /** Sets a gauge. */
  set(metric: MetricDefinition, labels: readonly string[], value: number): void;
  /** Adds one duration, in seconds, to a histogram. */
  observe(metric: MetricDefinition, labels: readonly string[], seconds: number): void;
}

/** Measures nothing. */
export const NO_METRICS: Metrics = { increment() {}, set() {}, observe() {} };
