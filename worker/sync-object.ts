/**
 * The Durable Object that holds one ledger: it serves it, and keeps it in step with its upstream in slices, one an alarm.
 *
 * @module
 */
import { DurableObject } from "cloudflare:workers";
import { createConsoleLog } from "../adapters/cloudflare/console-log.ts";
import { openDurableObjectKv } from "../adapters/cloudflare/durable-object-kv.ts";
import { createFetchTransport } from "../adapters/http/http-transport.ts";
import { createStorageServiceApp, type StorageServiceApp } from "../adapters/http/storage-service-app.ts";
import { createWebClock } from "../adapters/web/web-clock.ts";
import { createWebRandom } from "../adapters/web/web-random.ts";
import { createWebSignatureVerifier } from "../adapters/web/web-signatures.ts";
import { type ChainContext, createChainContext } from "../core/chain/hash.ts";
import { createNobleHasher } from "../core/chain/noble-hasher.ts";
import { createDataClient } from "../core/data-client/client.ts";
import { createDriver, type Driver } from "../core/driver/driver.ts";
import { isSyncError } from "../core/errors.ts";
import { createLedger, openLedgerWriter } from "../core/ledger/open-ledger.ts";
import type { LedgerWriter } from "../core/ledger/writer.ts";
import type { OrderedKv } from "../core/ports/ordered-kv.ts";
import { createStorageServer } from "../core/storage-service/storage-server.ts";
import { GET_RESPONSE_BYTES } from "../core/wire/limits.ts";
import { type Env, type Settings, settingsOf } from "./env.ts";

/** Milliseconds of one slice: far below an alarm's 15 minutes, so that an eviction costs little. */
const SLICE_MS = 20_000;
/** Milliseconds from one look at the upstream's head to the next. */
const HEAD_PAUSE_MS = 1_000;
/** Milliseconds after a slice that failed. The data client has tried every peer by then. */
const FAILURE_PAUSE_MS = 5_000;
/** A Worker has six connections. */
const MAX_CONCURRENT = 6;
/** Bytes of the ledger's caches: an isolate has 128 MB, which answers and commits share. */
const CACHE_BYTES = { nodeCacheBytes: 16 * 1024 * 1024, recordCacheBytes: 4 * 1024 * 1024 };
const NO_SEED = new Uint8Array(0);

/** What the object is made of, once its store is open. */
interface Parts {
  readonly app: StorageServiceApp;
  /** Absent where there is no upstream. */
  readonly driver?: Driver;
}

/** One ledger. */
export class SyncObject extends DurableObject<Env> {
  readonly #log = createConsoleLog();
  #parts: Promise<Parts> | undefined;

  /** Answers a request, and makes sure that the ledger is kept in step. */
  override async fetch(request: Request): Promise<Response> {
    try {
      const { app, driver } = await this.#open();
      if (driver !== undefined && await this.ctx.storage.getAlarm() === null) {
        await this.ctx.storage.setAlarm(Date.now());
      }
      return await app.fetch(request);
    } catch (error) {
      this.#log.error("Cannot open ledger", { reason: String(error) });
      return new Response(null, { status: 503, headers: { "cache-control": "no-store" } });
    }
  }

  /** One slice of the sync, and the time of the next. Never throws: the platform would repeat it at its own pace. */
  override async alarm(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + await this.#syncSlice());
  }

  /** @returns Milliseconds until the next slice. */
  async #syncSlice(): Promise<number> {
    const slice = new AbortController();
    const timer = setTimeout(() => slice.abort(slice), SLICE_MS);
    try {
      const { driver } = await this.#open();
      await driver?.run({ signal: slice.signal });
      return HEAD_PAUSE_MS;
    } catch (error) {
      if (error === slice) return 0;
      this.#log.warn("Cannot sync", { reason: String(error) });
      return FAILURE_PAUSE_MS;
    } finally {
      clearTimeout(timer);
    }
  }

  #open(): Promise<Parts> {
    this.#parts ??= openParts(this.ctx.storage, this.env).catch((error: unknown) => {
      this.#parts = undefined;
      throw error;
    });
    return this.#parts;
  }
}

async function openParts(storage: DurableObjectStorage, env: Env): Promise<Parts> {
  const settings = settingsOf(env);
  const context = createChainContext(settings.profile, createNobleHasher());
  const ledger = await openOrCreate(openDurableObjectKv(storage), context, settings);
  const clock = createWebClock();
  const log = createConsoleLog();
  const config = { maxNetworkChunkBytesV2: GET_RESPONSE_BYTES };
  const app = createStorageServiceApp({
    server: createStorageServer({ reader: ledger, context, config, clock, log }),
    sha3: (bytes) => context.hasher.hash(NO_SEED, bytes),
    nowMs: clock.nowMs,
    log,
  });
  const { upstream: peers, waypoint } = settings;
  if (peers.length === 0) return { app };
  const transport = createFetchTransport({ fetch: (url, init) => fetch(url, init), maxConcurrent: MAX_CONCURRENT });
  const chain = waypoint.version === 0n ? { chain: waypoint.value } : {};
  const dataClient = createDataClient({ transport, peers, context, clock, random: createWebRandom(), log, ...chain });
  const signatureVerifier = createWebSignatureVerifier();
  return { app, driver: createDriver({ dataClient, ledger, waypoint, context, signatureVerifier, clock, log }) };
}

async function openOrCreate(kv: OrderedKv, context: ChainContext, { waypoint }: Settings): Promise<LedgerWriter> {
  try {
    return await openLedgerWriter(kv, { context, waypoint, ...CACHE_BYTES });
  } catch (error) {
    if (!isSyncError(error, "INVALID_ARGUMENT")) throw error;
    return await createLedger(kv, { context, waypoint, ...CACHE_BYTES });
  }
}
