/**
 * Serves a ledger over HTTP until it is told to stop.
 *
 * @module
 */
import type { ChainContext } from "../../core/chain/hash.ts";
import type { LedgerReader } from "../../core/ledger/reader.ts";
import type { StorageServiceListener } from "../../core/notifications/storage-service.ts";
import type { Log } from "../../core/ports/log.ts";
import { type MetricDefinition, NO_METRICS } from "../../core/ports/metrics.ts";
import type { StorageServiceConfig } from "../../core/storage-service/config.ts";
import { createStorageServer, type StorageServer } from "../../core/storage-service/storage-server.ts";
import { type ClientAddressOptions, createRequesterOf } from "../http/client-address.ts";
import { createHttpMetrics } from "../http/http-metrics.ts";
import type { RequestLog } from "../http/request-log.ts";
import { createStorageServiceApp } from "../http/storage-service-app.ts";
import { nodeSha3 } from "../node/node-sha3.ts";
import { createWebClock } from "../web/web-clock.ts";
import type { Report } from "./output.ts";
import {
  CONNECTIONS_DROPPED,
  createServerMetrics,
  metricsHandler,
  REQUEST_LOG_LINES_LOST,
} from "./metrics-listener.ts";
import type { ListenAddress, Listener, ListenLimits, Platform } from "./platform.ts";
import { openRequestLog } from "./request-log-file.ts";

/** What to serve, where, to whom. */
export interface ServingOptions {
  readonly platform: Platform;
  /** Stays open; its owner closes it after the listener. */
  readonly reader: LedgerReader;
  readonly context: ChainContext;
  readonly address: ListenAddress;
  readonly log: Log;
  /** What differs from the defaults of the storage service. */
  readonly config?: Partial<StorageServiceConfig>;
  /** What the listener bounds. */
  readonly limits?: ListenLimits;
  /** Whose word on addresses is believed, and who is limited by memory alone. */
  readonly clients?: ClientAddressOptions;
  /**
   * Whether answers go out compressed to clients that take gzip. Peers are far away as a rule, and a sync waits for the
   * network: on loopback it costs the server 60 µs of CPU a transaction and the sync nothing that can be measured.
   *
   * @default {true}
   */
  readonly compression?: boolean;
  /** Where metrics are served; nothing is measured if absent. */
  readonly metricsAddress?: ListenAddress;
  /** File that gets a line for each request, appended. */
  readonly requestLogFile?: string;
  /** Tells of commits made in this process. */
  readonly commits?: StorageServiceListener;
}

/** A ledger that is being served. */
export interface Serving extends Listener {
  /** Where the metrics are. */
  readonly metricsUrl?: string;
}

/** Something that was opened and must be closed. */
type Closer = () => Promise<unknown>;

/**
 * Starts serving.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if an address cannot be listened on, the request log cannot be written, or a
 * setting is out of its range.
 */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const opened: Closer[] = [];
  try {
    return await openAll(options, opened);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

async function openAll(options: ServingOptions, opened: Closer[]): Promise<Serving> {
  const { platform, reader, context, address, log, limits, metricsAddress, requestLogFile } = options;
  const metrics = metricsAddress === undefined ? undefined : createServerMetrics();
  const count = (metric: MetricDefinition) => () => metrics?.increment(metric, []);
  const logFile = requestLogFile === undefined
    ? undefined
    : await openRequestLog(requestLogFile, { log, onLost: count(REQUEST_LOG_LINES_LOST) });
  if (logFile !== undefined) opened.push(logFile.close);
  const clock = createWebClock();
  const server = createStorageServer({
    ...{ reader, context, clock, log, metrics: metrics ?? NO_METRICS },
    ...(options.config === undefined ? {} : { config: options.config }),
    ...(options.commits === undefined ? {} : { commits: options.commits }),
  });
  opened.push(() => Promise.resolve(server.stop()));
  const onRequest = both(logFile?.write, metrics && createHttpMetrics(metrics));
  const app = createStorageServiceApp({
    ...{ server, sha3: nodeSha3, nowMs: clock.nowMs, log },
    requesterOf: createRequesterOf(options.clients ?? {}, log),
    compression: options.compression ?? true,
    ...(onRequest === undefined ? {} : { onRequest }),
  });
  const metricsListener = metricsAddress === undefined || metrics === undefined
    ? undefined
    : await platform.listen(metricsHandler(metrics), metricsAddress);
  // Nobody waits for the last scrape.
  if (metricsListener !== undefined) opened.push(() => metricsListener.close(0));
  const listener = await platform.listen((request, connection) => app.fetch(request, connection), address, {
    ...limits,
    onDrop: count(CONNECTIONS_DROPPED),
  });
  return {
    url: listener.url,
    ...(metricsListener === undefined ? {} : { metricsUrl: `${metricsListener.url}/metrics` }),
    close: (graceMs) => close(listener, server, opened, graceMs),
  };
}

/**
 * Stops a server that the operator wants stopped.
 *
 * @param graceMs Milliseconds that requests in flight have.
 * @returns What to report of it.
 */
export async function stopServing(serving: Serving, log: Log, graceMs?: number): Promise<Report> {
  log.info("stopping; a second signal ends at once");
  const answeredAll = await serving.close(graceMs);
  if (!answeredAll) log.warn("requests in flight were cut off: their time was over");
  return { url: serving.url, stopped: true, answeredAll };
}

/** Answers what waits at once: it would hold the listener open. Metrics and log stay until the last answer. */
async function close(
  listener: Listener,
  server: StorageServer,
  opened: Closer[],
  graceMs: number | undefined,
): Promise<boolean> {
  const closed = listener.close(graceMs);
  server.stop();
  const answered = await closed;
  await closeAll(opened);
  return answered;
}

/** The newest first. */
async function closeAll(opened: Closer[]): Promise<void> {
  for (const closer of opened.toReversed()) await closer();
}

function both(first: RequestLog | undefined, second: RequestLog | undefined): RequestLog | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return (record) => {
    first(record);
    second(record);
  };
}
