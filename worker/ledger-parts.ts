/**
 * Puts together what the Durable Object is made of: its ledger, the server in front of it, the driver behind it.
 *
 * @module
 */
import type { AnalyticsMetrics } from "../adapters/cloudflare/analytics-metrics.ts";
import { openDurableObjectKv } from "../adapters/cloudflare/durable-object-kv.ts";
import { createRequesterOf } from "../adapters/http/client-address.ts";
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
import type { CommitNotifications } from "../core/notifications/commit.ts";
import { createStorageServiceChannel } from "../core/notifications/storage-service.ts";
import type { Log } from "../core/ports/log.ts";
import type { OrderedKv } from "../core/ports/ordered-kv.ts";
import { createStorageServer } from "../core/storage-service/storage-server.ts";
import type { Settings } from "./env.ts";
import { CLIENT_ADDRESS_HEADER } from "./object-request.ts";

/** A Worker has six connections. */
const MAX_CONCURRENT = 6;
/** Bytes of the ledger's caches: an isolate has 128 MB, which answers and commits share. */
const CACHE_BYTES = { nodeCacheBytes: 16 * 1024 * 1024, recordCacheBytes: 4 * 1024 * 1024 };
const NO_SEED = new Uint8Array(0);

/** What the object is made of, once its store is open. */
export interface LedgerParts {
  /** Serves the ledger. */
  readonly app: StorageServiceApp;
  /** Keeps it in step with its upstream; absent where there is none. */
  readonly driver?: Driver;
}

/** What it is put together from. */
export interface LedgerPartsOptions {
  /** Of the object. */
  readonly storage: DurableObjectStorage;
  /** What the operator decided. */
  readonly settings: Settings;
  /** Counts and measures; nothing is if absent. */
  readonly metrics: AnalyticsMetrics | undefined;
  /** Told what goes wrong. */
  readonly log: Log;
}

/**
 * Opens the store of the object, or creates the ledger in it.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if a setting of the storage service is out of its range or an address is none;
 * storage codes if the store fails.
 */
export async function openLedgerParts({ storage, settings, metrics, log }: LedgerPartsOptions): Promise<LedgerParts> {
  const context = createChainContext(settings.profile, createNobleHasher());
  const ledger = await openOrCreate(openDurableObjectKv(storage), context, settings);
  const clock = createWebClock();
  const { sender: notifications, listener: commits } = createStorageServiceChannel();
  const app = createStorageServiceApp({
    server: createStorageServer({
      reader: ledger,
      context,
      config: settings.storageService,
      clock,
      log,
      commits,
      ...(metrics === undefined ? {} : { metrics }),
    }),
    sha3: (bytes) => context.hasher.hash(NO_SEED, bytes),
    nowMs: clock.nowMs,
    log,
    // Without the log: other Workers have no address of their own, so that one is missing here says nothing.
    requesterOf: createRequesterOf({
      clientAddressHeader: CLIENT_ADDRESS_HEADER,
      trustedProxies: "platform",
      trustedPeers: settings.trustedPeers,
    }),
  });
  if (settings.upstream.length === 0) return { app };
  return { app, driver: createLedgerDriver({ settings, context, ledger, notifications, log }) };
}

function createLedgerDriver(
  parts: {
    readonly settings: Settings;
    readonly context: ChainContext;
    readonly ledger: LedgerWriter;
    readonly notifications: CommitNotifications;
    readonly log: Log;
  },
): Driver {
  const { settings: { waypoint, upstream: peers }, context, log } = parts;
  const transport = createFetchTransport({ fetch: (url, init) => fetch(url, init), maxConcurrent: MAX_CONCURRENT });
  const clock = createWebClock();
  const chain = waypoint.version === 0n ? { chain: waypoint.value } : {};
  const dataClient = createDataClient({ transport, peers, context, clock, random: createWebRandom(), log, ...chain });
  const signatureVerifier = createWebSignatureVerifier();
  return createDriver({ ...parts, dataClient, waypoint, signatureVerifier, clock });
}

async function openOrCreate(kv: OrderedKv, context: ChainContext, { waypoint }: Settings): Promise<LedgerWriter> {
  try {
    return await openLedgerWriter(kv, { context, waypoint, ...CACHE_BYTES });
  } catch (error) {
    if (!isSyncError(error, "INVALID_ARGUMENT")) throw error;
    return await createLedger(kv, { context, waypoint, ...CACHE_BYTES });
  }
}
