/**
 * Metrics to a dataset of Workers Analytics Engine.
 *
 * An invocation may write 25 data points and each of them is paid for, so nothing is written when it happens: numbers are
 * summed up by name and labels until a `flush` every ten seconds, which writes the sums of the series that have waited
 * longest.
 *
 * A data point is one series since it was last written: `index1` and `blob1` are its name, `blob2` and so on its labels in
 * the order of the definition; `double1` is what a counter grew by, the last value of a gauge, or the summed seconds of a
 * histogram; `double2` the number of values, `double3` the largest of them. Buckets are not kept: a Worker's clock stands
 * still while it works, so what remains are waits, whose mean and maximum tell enough. For example:
 *
 * ```sql
 * SELECT blob1, blob2, SUM(_sample_interval * double1) FROM velor_state_sync WHERE timestamp > NOW() - INTERVAL '1' HOUR
 * GROUP BY blob1, blob2
 * ```
 *
 * Source: Workers Analytics Engine limits (25 data points an invocation, 20 blobs of together 16 KB, an index of 96 bytes).
 *
 * @module
 */
import type { MetricDefinition, Metrics } from "../../core/ports/metrics.ts";

/** Prefix of every metric of the project. */
const PREFIX = "velor_storage_service_";

/** Milliseconds from one writing to the next: a handful of data points for thousands of requests. */
export const FLUSH_PAUSE_MS = 10_000;

/** Data points that one invocation may write, whatever they are of. */
const MAX_POINTS = 25;

/**
 * Most series kept between two flushes. All labels are from closed lists, which make a few hundred; this bound holds if one
 * of them should not be.
 */
const MAX_SERIES = 1_000;

/** Where the numbers of further series go: how many were dropped. */
const DROPPED: MetricDefinition = {
  name: "metrics_dropped",
  help: "Numbers of series beyond the most that are kept",
  kind: "counter",
  labels: [],
};

/**
 * What is used of a dataset: a part of the platform's `AnalyticsEngineDataset`. Named here, so that the package needs no
 * types of the platform.
 */
export interface AnalyticsDataset {
  /** Writes one data point. Neither waits nor throws. */
  writeDataPoint(point: { indexes: string[]; blobs: string[]; doubles: number[] }): void;
}

/** Metrics that are kept until they are flushed. */
export interface AnalyticsMetrics extends Metrics {
  /** Series that are not written yet. */
  readonly pending: number;
  /**
   * Writes the oldest series, at most 25; does nothing within {@link FLUSH_PAUSE_MS} of the last time, or of the creation.
   * To be called at most once an invocation.
   */
  flush(): void;
}

/** One series since it was last written. */
interface Series {
  readonly blobs: string[];
  /** Growth, last value, or seconds. */
  value: number;
  count: number;
  largest: number;
}

/**
 * Creates metrics over a dataset. What is pending when the isolate ends is lost: seconds of counting.
 *
 * @param nowMs Tells the time, in milliseconds.
 */
export function createAnalyticsMetrics(dataset: AnalyticsDataset, nowMs: () => number): AnalyticsMetrics {
  const pending = new Map<string, Series>();
  let flushedMs = nowMs();

  function add(metric: MetricDefinition, labels: readonly string[], value: number): void {
    const key = `${metric.name}\n${labels.join("\n")}`;
    const known = pending.get(key);
    if (known === undefined && pending.size >= MAX_SERIES && metric !== DROPPED) {
      add(DROPPED, [], 1);
      return;
    }
    const series = known ?? { blobs: [PREFIX + metric.name, ...labels], value: 0, count: 0, largest: value };
    if (known === undefined) pending.set(key, series);
    series.value = metric.kind === "gauge" ? value : series.value + value;
    series.count++;
    series.largest = Math.max(series.largest, value);
  }

  return {
    get pending() {
      return pending.size;
    },
    increment: (metric, labels, by = 1) => add(metric, labels, by),
    set: add,
    observe: add,
    flush() {
      if (nowMs() - flushedMs < FLUSH_PAUSE_MS) return;
      flushedMs = nowMs();
      let room = MAX_POINTS;
      for (const [key, { blobs, value, count, largest }] of pending) {
        if (room-- === 0) return;
        // Deleted, so that it joins the end of the queue when it grows again.
        pending.delete(key);
        dataset.writeDataPoint({ indexes: [blobs[0] ?? ""], blobs, doubles: [value, count, largest] });
      }
    },
  };
}
