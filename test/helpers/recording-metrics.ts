/**
 * Metrics that remember everything.
 *
 * @module
 */
import type { MetricDefinition, Metrics } from "../../core/ports/metrics.ts";

/** Metrics, and what they were told. */
export interface RecordingMetrics extends Metrics {
  /** Value of a counter or gauge, or number of observations of a histogram, by its labels; 0 if there was none. */
  valueOf(metric: MetricDefinition, ...labels: readonly string[]): number;
}

/** Creates metrics that were told nothing. A call whose labels do not fit the definition throws. */
export function createRecordingMetrics(): RecordingMetrics {
  const values = new Map<string, number>();
  const keyOf = (metric: MetricDefinition, labels: readonly string[]) => [metric.name, ...labels].join("|");
  function demand(metric: MetricDefinition, kind: MetricDefinition["kind"], labels: readonly string[]): string {
    if (metric.kind === kind && metric.labels.length === labels.length) return keyOf(metric, labels);
    throw new Error(`${metric.name} is a ${metric.kind} with labels ${metric.labels}, not a ${kind} with ${labels}`);
  }
  const add = (key: string, value: number) => values.set(key, (values.get(key) ?? 0) + value);
  return {
    valueOf: (metric, ...labels) => values.get(keyOf(metric, labels)) ?? 0,
    increment(metric, labels, by = 1) {
      add(demand(metric, "counter", labels), by);
    },
    set(metric, labels, value) {
      values.set(demand(metric, "gauge", labels), value);
    },
    observe(metric, labels, seconds) {
      if (!(seconds >= 0)) throw new Error(`${metric.name} was told a duration of ${seconds}`);
      add(demand(metric, "histogram", labels), 1);
    },
  };
}
