import { describe, expect, it } from "vitest";
import { createPrometheusMetrics } from "../../../adapters/prometheus/prometheus-metrics.ts";
import type { MetricDefinition } from "../../../core/ports/metrics.ts";

const REQUESTS: MetricDefinition = {
  name: "requests_received",
  help: "Requests received",
  kind: "counter",
  labels: ["network_id", "request_type"],
};
const WAITING: MetricDefinition = { name: "waiting", help: "Who waits", kind: "gauge", labels: ["network_id"] };
const LATENCY: MetricDefinition = {
  name: "latency",
  help: "How long",
  kind: "histogram",
  labels: ["result"],
  buckets: [0.1, 1],
};
const UNBUCKETED: MetricDefinition = { name: "db_read", help: "Reads", kind: "histogram", labels: [] };

const create = (definitions: readonly MetricDefinition[] = []) =>
  createPrometheusMetrics({ prefix: "velor_test_", definitions });

/** Lines of our own metrics. */
async function lines(metrics: ReturnType<typeof create>): Promise<string[]> {
  return (await metrics.exposition()).split("\n").filter((line) => line.includes("velor_test_"));
}

describe("Prometheus metrics", () => {
  it("are there from the start, with their help and type", async () => {
    expect(await lines(create([REQUESTS, LATENCY]))).toEqual([
      "# HELP velor_test_requests_received Requests received",
      "# TYPE velor_test_requests_received counter",
      "# HELP velor_test_latency How long",
      "# TYPE velor_test_latency histogram",
    ]);
  });

  it("add up by label, also those that nobody announced", async () => {
    const metrics = create();
    metrics.increment(REQUESTS, ["public", "summary"]);
    metrics.increment(REQUESTS, ["public", "summary"], 2);
    metrics.increment(REQUESTS, ["trusted", "summary"]);
    metrics.set(WAITING, ["public"], 7);
    metrics.set(WAITING, ["public"], 3);
    const text = await lines(metrics);
    expect(text).toContain('velor_test_requests_received{network_id="public",request_type="summary"} 3');
    expect(text).toContain('velor_test_requests_received{network_id="trusted",request_type="summary"} 1');
    expect(text).toContain('velor_test_waiting{network_id="public"} 3');
  });

  it("say the same when they are asked twice", async () => {
    const metrics = create([LATENCY]);
    metrics.increment(REQUESTS, ["public", "summary"], 5);
    metrics.set(WAITING, ["public"], 2);
    const first = await lines(metrics);
    expect(await lines(metrics)).toEqual(first);
    metrics.increment(REQUESTS, ["public", "summary"]);
    expect(await lines(metrics)).toContain(
      'velor_test_requests_received{network_id="public",request_type="summary"} 6',
    );
  });

  it("count durations into the buckets of the definition, or into those of the library", async () => {
    const metrics = create();
    for (const seconds of [0.05, 0.5, 5]) metrics.observe(LATENCY, ["success"], seconds);
    metrics.observe(UNBUCKETED, [], 0.007);
    const text = await lines(metrics);
    expect(text).toContain('velor_test_latency_bucket{le="0.1",result="success"} 1');
    expect(text).toContain('velor_test_latency_bucket{le="1",result="success"} 2');
    expect(text).toContain('velor_test_latency_bucket{le="+Inf",result="success"} 3');
    expect(text).toContain('velor_test_latency_count{result="success"} 3');
    expect(text).toContain('velor_test_db_read_bucket{le="0.01"} 1');
  });

  it("drop what is no amount instead of throwing", async () => {
    const metrics = create();
    for (const by of [-1, Number.NaN, Infinity]) metrics.increment(REQUESTS, ["public", "summary"], by);
    for (const seconds of [Number.NaN, Infinity]) metrics.observe(LATENCY, ["success"], seconds);
    expect((await lines(metrics)).filter((line) => !line.startsWith("#"))).toEqual([]);
  });

  it("escape what a label holds", async () => {
    const metrics = create();
    metrics.set(WAITING, ['a"b\nc\\'], 1);
    expect(await lines(metrics)).toContain('velor_test_waiting{network_id="a\\"b\\nc\\\\"} 1');
  });

  it("come with those of the process, under the names that dashboards know", async () => {
    const metrics = create();
    const text = await metrics.exposition();
    for (const name of ["process_resident_memory_bytes", "process_cpu_seconds_total", "nodejs_eventloop_lag_seconds"]) {
      expect(text).toMatch(new RegExp(`^${name} [0-9.e+-]+$`, "m"));
    }
    const resident = Number(/^process_resident_memory_bytes (.+)$/m.exec(text)?.[1]);
    expect(resident).toBeGreaterThan(10_000_000);
    expect(metrics.contentType).toContain("version=0.0.4");
  });

  it("of two servers in one process do not meet", async () => {
    const [first, second] = [create([REQUESTS]), create([REQUESTS])];
    first.increment(REQUESTS, ["public", "summary"]);
    expect((await lines(second)).filter((line) => !line.startsWith("#"))).toEqual([]);
  });
});
