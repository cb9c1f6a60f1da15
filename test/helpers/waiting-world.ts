/**
 * A storage server over a devnet that grows when the test says so, and requests that wait on it: time stands still unless it
 * is moved, so every "not yet" is one.
 *
 * @module
 */
import { expect } from "vitest";
import type { DevnetParameters } from "../../adapters/devnet/parameters.ts";
import type { LedgerInfoWithSignatures } from "../../core/chain/ledger-info.ts";
import { isSyncError, type SyncErrorCode } from "../../core/errors.ts";
import type { MetricDefinition, Metrics } from "../../core/ports/metrics.ts";
import { SILENT_LOG } from "../../core/ports/log.ts";
import type { AnswerFrame } from "../../core/storage-service/answer-frame.ts";
import type { StorageServiceConfig } from "../../core/storage-service/config.ts";
import type { Requester } from "../../core/storage-service/requester.ts";
import {
  createStorageServer,
  type StorageServer,
  type StorageServerParts,
} from "../../core/storage-service/storage-server.ts";
import type { WaitingRequest } from "../../core/wire/request-types.ts";
import {
  decodeResponse,
  type ListAnswer,
  type NewDataAnswer,
  type TransactionDataList,
} from "../../core/wire/response.ts";
import { buildDevnetWorld, type DevnetWorld } from "./devnet-world.ts";
import { type CountedReader, withReaderCounts } from "./reader-counts.ts";
import { createSteppedClock, settled, type SteppedClock } from "./stepped-clock.ts";

/** Somebody on the public network. */
export const SOMEBODY: Requester = { address: "192.0.2.1", trusted: false };

/** The same address, on the allow-list. */
export const TRUSTED: Requester = { ...SOMEBODY, trusted: true };

/** Milliseconds from one look at the ledger to the next. */
export const REFRESH_MS = 100;

/** An answer with new data, decoded. */
type NewData = NewDataAnswer & ListAnswer<TransactionDataList> & { readonly kind: string };

/** A request that was sent. */
export interface Asked {
  /** Settled by {@link WaitingWorld.settle} or {@link WaitingWorld.pass}. */
  readonly state: "waiting" | "answered" | "refused";
  /** The frame; only if answered. */
  readonly frame: AnswerFrame;
  /** What is in it. */
  readonly data: NewData;
  /** What came instead. */
  readonly error: unknown;
  /** Which one to be settled it was, of all in this process. */
  readonly place: number;
}

/** The world. */
export interface WaitingWorld {
  readonly world: DevnetWorld;
  readonly clock: SteppedClock;
  readonly counted: CountedReader;
  readonly server: StorageServer;
  /** Sends a request. */
  ask(request: WaitingRequest, options?: { requester?: Requester; signal?: AbortSignal }): Asked;
  /** Makes blocks, of which the server does not know yet. Returns the newest ledger info. */
  grow(blocks?: number): Promise<LedgerInfoWithSignatures>;
  /** Makes blocks until one ends its epoch, and returns the ledger info that does. */
  growToEpochEnd(): Promise<LedgerInfoWithSignatures>;
  /** Newest ledger info in the ledger. */
  head(): Promise<LedgerInfoWithSignatures>;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  /** Lets happen what needs no time. */
  settle(): Promise<void>;
  /** Newest value of a gauge. */
  gauge(metric: MetricDefinition, network?: string): number | undefined;
  /** Value of a counter, or number of durations in a histogram. */
  count(metric: MetricDefinition, ...labels: readonly string[]): number;
}

/** How a world is made. */
export interface WaitingWorldOptions {
  readonly parameters?: Partial<DevnetParameters>;
  readonly config?: Partial<StorageServiceConfig>;
  readonly parts?: Partial<StorageServerParts>;
  /** A chain that exists already; several servers may be over it. */
  readonly world?: DevnetWorld;
}

/** Makes a world. */
export async function buildWaitingWorld(options: WaitingWorldOptions = {}): Promise<WaitingWorld> {
  const world = options.world ?? await buildDevnetWorld({ blocks: 1, parameters: options.parameters ?? {} });
  const counted = withReaderCounts(world.ledger);
  const clock = createSteppedClock();
  const recorder = recordingMetrics();
  const server = createStorageServer({
    reader: counted.reader,
    context: world.context,
    clock,
    log: SILENT_LOG,
    metrics: recorder.metrics,
    config: { storageSummaryRefreshIntervalMs: REFRESH_MS, ...options.config },
    ...options.parts,
  });
  const head = async () => {
    const { latestLedgerInfo } = await world.ledger.progress();
    if (latestLedgerInfo === undefined) throw new Error("the ledger is empty");
    return latestLedgerInfo;
  };
  return {
    world,
    clock,
    counted,
    server,
    head,
    ask: (request, { requester = SOMEBODY, signal } = {}) => askedOf(server.answer(request, requester, signal)),
    async grow(blocks = 1) {
      for (let i = 0; i < blocks; i++) await world.devnet.produceBlock();
      return await head();
    },
    async growToEpochEnd() {
      for (;;) {
        const { ledgerInfo } = await world.devnet.produceBlock();
        if (ledgerInfo.ledgerInfo.commitInfo.nextEpochState !== undefined) return ledgerInfo;
      }
    },
    pass: (ms) => clock.advance(ms),
    settle: settled,
    gauge: recorder.gauge,
    count: recorder.count,
  };
}

/** Version of a ledger info. */
export function versionOf({ ledgerInfo }: LedgerInfoWithSignatures): bigint {
  return ledgerInfo.commitInfo.version;
}

/** Epoch of the version after a ledger info. */
export function epochAfter({ ledgerInfo }: LedgerInfoWithSignatures): bigint {
  return ledgerInfo.commitInfo.nextEpochState?.epoch ?? ledgerInfo.commitInfo.epoch;
}

/** Expects a request to be refused, and returns the error's message. */
export function expectRefused(asked: Asked, code: SyncErrorCode, message?: RegExp): void {
  expect(asked.state).toBe("refused");
  expect(isSyncError(asked.error, code), String(asked.error)).toBe(true);
  if (message !== undefined) expect(String(asked.error)).toMatch(message);
}

let settledCount = 0;

function askedOf(answer: Promise<AnswerFrame>): Asked {
  let state: Asked["state"] = "waiting";
  let frame: AnswerFrame | undefined;
  let error: unknown;
  let place = 0;
  answer.then((value) => {
    state = "answered";
    frame = value;
  }, (reason: unknown) => {
    state = "refused";
    error = reason;
  }).finally(() => {
    place = ++settledCount;
  });
  const frameOf = () => {
    if (frame === undefined) throw new Error(`the request is ${state}: ${error}`);
    return frame;
  };
  return {
    get state() {
      return state;
    },
    get frame() {
      return frameOf();
    },
    get data() {
      const { bytes } = frameOf();
      const { response } = decodeResponse(bytes, { maxBytes: bytes.length });
      if (response === undefined || !("knownVersion" in response)) throw new Error("the answer holds no new data");
      return response;
    },
    get error() {
      return error;
    },
    get place() {
      return place;
    },
  };
}

function recordingMetrics() {
  const gauges = new Map<string, number>();
  const counts = new Map<string, number>();
  const keyOf = ({ name }: MetricDefinition, labels: readonly string[]) => [name, ...labels].join(" ");
  const count = (metric: MetricDefinition, labels: readonly string[], by = 1) => {
    counts.set(keyOf(metric, labels), (counts.get(keyOf(metric, labels)) ?? 0) + by);
  };
  const metrics: Metrics = {
    increment: count,
    observe: (metric, labels) => count(metric, labels),
    set: (metric, labels, value) => gauges.set(keyOf(metric, labels), value),
  };
  return {
    metrics,
    gauge: (metric: MetricDefinition, network = "public") => gauges.get(keyOf(metric, [network])),
    count: (metric: MetricDefinition, ...labels: readonly string[]) => counts.get(keyOf(metric, labels)) ?? 0,
  };
}
