/**
 * Metrics for Prometheus, over prom-client: numbers come in by the port, and go out as text when somebody scrapes.
 *
 * Runs on Node and Deno alike, process metrics (`process_…`, `nodejs_…`) included.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { MetricDefinition, Metrics } from "../../core/ports/metrics.ts";

/** What is exposed. */
export interface PrometheusOptions {
  /** Stands in front of every name of ours, e.g. `velor_storage_service_`; not of the process metrics, which have known names. */
  readonly prefix: string;
  /** Metrics that are there from the start, with no value yet; others appear when they are first used. */
  readonly definitions: readonly MetricDefinition[];
}

/** The port, and what a scrape gets. */
export interface PrometheusMetrics extends Metrics {
  /** Media type of {@link exposition}. */
  readonly contentType: string;
  /** Everything measured so far, in the text format of Prometheus. */
  exposition(): Promise<string>;
}

/** Creates metrics of one process. Its registry is its own: two of them do not meet. */
export function createPrometheusMetrics({ prefix, definitions }: PrometheusOptions): PrometheusMetrics {
  const registry = new Registry();
  collectProcessMetrics(registry);
  const counters = createFamilies((definition) => {
    const cells = createCells(definition);
    new Counter({
      ...configOf(definition),
      collect() {
        cells.copyTo(this, (labels, value) => this.inc(labels, value));
      },
    });
    return cells;
  });
  const gauges = createFamilies((definition) => {
    const cells = createCells(definition);
    new Gauge({
      ...configOf(definition),
      collect() {
        cells.copyTo(this, (labels, value) => this.set(labels, value));
      },
    });
    return cells;
  });
  const histograms = createFamilies(({ buckets, ...definition }) =>
    new Histogram({ ...configOf(definition), ...(buckets === undefined ? {} : { buckets: [...buckets] }) })
  );
  const familiesByKind = { counter: counters, gauge: gauges, histogram: histograms };
  for (const definition of definitions) familiesByKind[definition.kind](definition);

  function configOf({ name, help, labels }: MetricDefinition) {
    return { name: prefix + name, help, labelNames: [...labels], registers: [registry] };
  }

  return {
    contentType: registry.contentType,
    exposition: () => registry.metrics(),
    increment(metric, labels, by = 1) {
      // The library throws at what is no amount; a port must not.
      if (by >= 0 && by < Infinity) counters(metric).cell(labels).value += by;
    },
    set(metric, labels, value) {
      gauges(metric).cell(labels).value = value;
    },
    observe(metric, labels, seconds) {
      if (Number.isFinite(seconds)) histograms(metric).observe(valuesByName(metric, labels), seconds);
    },
  };
}

/** The value of one combination of labels. */
interface Cell {
  readonly labels: Readonly<Record<string, string>>;
  value: number;
}

/** The values of one metric. */
interface Cells {
  /** The cell of these labels. */
  cell(labels: readonly string[]): Cell;
  /** Hands every value to the library's metric, which is emptied first. */
  copyTo(metric: { reset(): void }, take: (labels: Cell["labels"], value: number) => void): void;
}

/**
 * Values are kept here and handed to the library when somebody scrapes: it takes 0.4 µs to find a value by its labels, and a
 * request that is answered from memory counts eight times.
 */
function createCells(definition: MetricDefinition): Cells {
  const cells = new Map<string, Cell>();
  return {
    cell(labels) {
      const key = labels.join("\0");
      const known = cells.get(key);
      if (known !== undefined) return known;
      const cell = { labels: valuesByName(definition, labels), value: 0 };
      cells.set(key, cell);
      return cell;
    },
    copyTo(metric, take) {
      metric.reset();
      for (const { labels, value } of cells.values()) take(labels, value);
    },
  };
}

/** The file that the library reads some metrics from, and which: they are 0 where it may not be read, as on Deno. */
const PROC_FILE = "/proc/self/status";
const RESIDENT_MEMORY = "process_resident_memory_bytes";
const PROC_METRICS = [RESIDENT_MEMORY, "process_virtual_memory_bytes", "process_heap_bytes", "process_open_fds"];

function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  try {
    readFileSync(PROC_FILE);
  } catch {
    for (const name of PROC_METRICS) registry.removeSingleMetric(name);
    new Gauge({
      name: RESIDENT_MEMORY,
      help: "Resident memory size in bytes.",
      registers: [registry],
      collect() {
        this.set(process.memoryUsage().rss);
      },
    });
  }
}

/** Makes each family once. */
function createFamilies<Family>(
  create: (definition: MetricDefinition) => Family,
): (metric: MetricDefinition) => Family {
  const families = new Map<string, Family>();
  return (metric) => {
    const known = families.get(metric.name);
    if (known !== undefined) return known;
    const family = create(metric);
    families.set(metric.name, family);
    return family;
  };
}

function valuesByName({ labels: names }: MetricDefinition, values: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [index, name] of names.entries()) labels[name] = values[index] ?? "";
  return labels;
}
