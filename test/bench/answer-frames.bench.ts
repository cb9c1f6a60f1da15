/**
 * What the storage server itself costs a hot proof read: one state value by key hash, at a checkpoint of an ended epoch.
 *
 * `node --expose-gc test/bench/answer-frames.bench.ts`. Microseconds a call of thread CPU time: the key of the cache alone, the encoded
 * request as a rival for it, the frame from the cache, and the whole server (admission and metrics that nobody takes), then
 * the same read without a cache, and what an entry takes of memory beside its bytes.
 *
 * @module
 */
import { createWebClock } from "../../adapters/web/web-clock.ts";
import { SILENT_LOG } from "../../core/ports/log.ts";
import { NO_METRICS } from "../../core/ports/metrics.ts";
import { createAnswerFrames } from "../../core/storage-service/answer-frames.ts";
import { createAnswerRoom } from "../../core/storage-service/answer-room.ts";
import { DEFAULT_STORAGE_SERVICE_CONFIG } from "../../core/storage-service/config.ts";
import { requestKey } from "../../core/storage-service/request-key.ts";
import { createResponseCache } from "../../core/storage-service/response-cache.ts";
import { createStorageServer } from "../../core/storage-service/storage-server.ts";
import { createStorageService } from "../../core/storage-service/service.ts";
import type { GetStateValuesByKeyHash } from "../../core/wire/request-types.ts";
import { encodeRequest } from "../../core/wire/request.ts";
import { buildDevnetWorld } from "../helpers/devnet-world.ts";
import { cpuMs, cpuMsOfCall, printRow, seededBytes } from "./bench-tools.ts";

const CALLS = 200_000;
const ENTRIES = 100_000;
const VALUE_BYTES = 1_000;

const clock = createWebClock();
const world = await buildDevnetWorld({ blocks: 8 });
const [ending] = await world.ledger.epochEndings(1n, 1);
const checkpoint = ending?.ledgerInfo.commitInfo.version ?? 0n;
const request: GetStateValuesByKeyHash = {
  kind: "getStateValuesByKeyHash",
  checkpoint,
  proofVersion: checkpoint,
  keyHashes: seededBytes(32, 1),
};

async function microsecondsOf(run: () => Promise<unknown>, calls = CALLS): Promise<number> {
  const samples: number[] = [];
  for (let sample = 0; sample < 5; sample++) {
    const start = cpuMs();
    for (let i = 0; i < calls; i++) await run();
    samples.push((cpuMs() - start) * 1_000 / calls);
  }
  return samples.sort((a, b) => a - b)[2] as number;
}

const parts = { reader: world.ledger, context: world.context, clock, log: SILENT_LOG };
const service = createStorageService(parts);
const config = DEFAULT_STORAGE_SERVICE_CONFIG;
const room = createAnswerRoom({ config, clock, metrics: NO_METRICS });
const frames = createAnswerFrames({ service, room, config, clock, metrics: NO_METRICS });
const server = createStorageServer(parts);
const requester = { address: "192.0.2.1", trusted: false };
const chain = await service.chain();

printRow(["key", "encoded", "frame()", "answer()", "uncached"]);
printRow([
  cpuMsOfCall(() => requestKey(request)) * 1_000,
  cpuMsOfCall(() => encodeRequest(chain, request)) * 1_000,
  await microsecondsOf(() => frames.frame(request)),
  await microsecondsOf(() => server.answer(request, requester)),
  await microsecondsOf(() => service.answer(request), 2_000),
], 2);

printRow(["entry, B", ((await heldByEntries()) / ENTRIES - VALUE_BYTES).toFixed(0)]);

/** Bytes that the process holds more when the cache holds `ENTRIES`. */
async function heldByEntries(): Promise<number> {
  const cache = createResponseCache<object>({ maxBytes: 1e9, maxEntries: ENTRIES, metrics: NO_METRICS });
  const before = await heldBytes();
  for (let i = 0; i < ENTRIES; i++) {
    const key = requestKey({ ...request, keyHashes: seededBytes(32, i + 2) });
    const value = { bytes: new Uint8Array(VALUE_BYTES), lifetime: "immutable", kind: "stateValuesByKeyHash" };
    await cache.get(key, "", () => Promise.resolve({ value, sizeBytes: VALUE_BYTES, keeping: "always" }));
  }
  const after = await heldBytes();
  await cache.get("", "", () => Promise.reject(new Error("the cache must live until here"))).catch(() => {});
  return after - before;
}

async function heldBytes(): Promise<number> {
  // Buffers are freed a turn after their objects.
  for (let i = 0; i < 3; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
