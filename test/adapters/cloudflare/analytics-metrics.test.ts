import { beforeEach, describe, expect, it } from "vitest";
import { type AnalyticsMetrics, createAnalyticsMetrics } from "../../../adapters/cloudflare/analytics-metrics.ts";
import type { MetricDefinition } from "../../../core/ports/metrics.ts";

// Analytics Engine does not run locally: its stand-in drops what is written. So this test takes the points itself.
type Point = { indexes: string[]; blobs: string[]; doubles: number[] };

const REQUESTS: MetricDefinition = { name: "requests", help: "", kind: "counter", labels: ["network", "type"] };
const WAITING: MetricDefinition = { name: "waiting", help: "", kind: "gauge", labels: [] };
const WAITS: MetricDefinition = { name: "waits", help: "", kind: "counter", labels: [] };
const LATENCY: MetricDefinition = { name: "latency", help: "", kind: "histogram", labels: ["result"] };

let points: Point[];
let nowMs: number;
let metrics: AnalyticsMetrics;

beforeEach(() => {
  points = [];
  nowMs = 1_000_000;
  metrics = createAnalyticsMetrics({ writeDataPoint: (point) => points.push(point) }, () => nowMs);
});

/** What is written when it is time again. */
function flushed(): Point[] {
  points.length = 0;
  nowMs += 10_000;
  metrics.flush();
  return [...points];
}

describe("metrics to Analytics Engine", () => {
  it("sum up until they are flushed: counters, the last value of gauges, sum, count and maximum of histograms", () => {
    metrics.increment(REQUESTS, ["public", "summary"]);
    metrics.increment(REQUESTS, ["public", "summary"], 4);
    metrics.increment(REQUESTS, ["trusted", "summary"]);
    metrics.set(WAITING, [], 7);
    metrics.set(WAITING, [], 3);
    metrics.observe(LATENCY, ["success"], 0.25);
    metrics.observe(LATENCY, ["success"], 0.5);
    expect([points, metrics.pending]).toEqual([[], 4]);
    const name = (suffix: string) => `velor_storage_service_${suffix}`;
    expect(flushed()).toEqual([
      { indexes: [name("requests")], blobs: [name("requests"), "public", "summary"], doubles: [5, 2, 4] },
      { indexes: [name("requests")], blobs: [name("requests"), "trusted", "summary"], doubles: [1, 1, 1] },
      { indexes: [name("waiting")], blobs: [name("waiting")], doubles: [3, 2, 7] },
      { indexes: [name("latency")], blobs: [name("latency"), "success"], doubles: [0.75, 2, 0.5] },
    ]);
    expect([metrics.pending, flushed()]).toEqual([0, []]);
    metrics.increment(REQUESTS, ["public", "summary"]);
    expect(flushed().map(({ doubles }) => doubles)).toEqual([[1, 1, 1]]);
  });

  it("are written every ten seconds and not before, however often they are flushed", () => {
    const flushAt = (afterMs: number) => {
      nowMs = 1_000_000 + afterMs;
      metrics.increment(WAITS, []);
      metrics.flush();
      return points.splice(0).map(({ doubles }) => doubles[0]);
    };
    const times = [0, 1_000, 9_999, 10_000, 10_001, 19_999, 20_500, 30_499, 30_500];
    expect(times.map(flushAt)).toEqual([[], [], [], [4], [], [], [3], [], [2]]);
  });

  it("write 25 points a flush, those that waited longest first, and lose nothing", () => {
    for (let i = 0; i < 60; i++) metrics.increment(REQUESTS, ["public", `type ${i}`]);
    const first = flushed();
    expect([first.length, metrics.pending]).toEqual([25, 35]);
    // Series that grow again queue up behind those that were not written yet.
    for (let i = 0; i < 60; i++) metrics.increment(REQUESTS, ["public", `type ${i}`]);
    const second = flushed();
    expect(second.map(({ blobs }) => blobs[2])).toEqual(Array.from({ length: 25 }, (_, i) => `type ${i + 25}`));
    expect(second.every(({ doubles }) => doubles[0] === 2)).toBe(true);
    const all = [...first, ...second, ...flushed(), ...flushed()];
    expect(all.reduce((sum, { doubles }) => sum + (doubles[0] ?? 0), 0)).toBe(120);
    expect(metrics.pending).toBe(0);
  });

  it("keep at most 1,000 series, and say how many numbers they dropped", () => {
    for (let i = 0; i < 1_200; i++) metrics.observe(LATENCY, [`label ${i}`], 9);
    expect(metrics.pending).toBe(1_001);
    const all: Point[] = [];
    while (metrics.pending > 0) all.push(...flushed());
    expect(all.at(-1)).toMatchObject({ blobs: ["velor_storage_service_metrics_dropped"], doubles: [200, 200, 1] });
  });

  it("stay within the limits of a data point: one index of 96 bytes, 20 blobs, 20 doubles", () => {
    metrics.increment(REQUESTS, ["public", "summary"]);
    for (const { indexes, blobs, doubles } of flushed()) {
      expect(indexes).toHaveLength(1);
      expect(new TextEncoder().encode(indexes[0]).length).toBeLessThanOrEqual(96);
      expect(Math.max(blobs.length, doubles.length)).toBeLessThanOrEqual(20);
    }
  });
});
