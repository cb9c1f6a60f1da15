/**
 * The web application over a small devnet, as a function from request to response.
 *
 * @module
 */
import { createStorageServiceApp, type StorageServiceAppOptions } from "../../adapters/http/storage-service-app.ts";
import { SILENT_LOG } from "../../core/ports/log.ts";
import { DEFAULT_STORAGE_SERVICE_CONFIG, type StorageServiceConfig } from "../../core/storage-service/config.ts";
import { createStorageServer, type StorageServer } from "../../core/storage-service/storage-server.ts";
import type { DevnetWorld } from "./devnet-world.ts";
import { createVirtualClock, VIRTUAL_START_MS } from "./virtual-clock.ts";

/** Base URL that tests use: no request leaves the process. */
export const BASE_URL = "http://service.test";

/** Answers a request for a path. */
export type AskHttp = (path: string, init?: RequestInit) => Promise<Response>;

/** A storage server over a world's ledger. */
export function serverOf(world: DevnetWorld, config: Partial<StorageServiceConfig> = {}): StorageServer {
  return createStorageServer({
    reader: world.ledger,
    context: world.context,
    config: { ...DEFAULT_STORAGE_SERVICE_CONFIG, storageSummaryRefreshIntervalMs: 0, ...config },
    clock: createVirtualClock(),
    log: SILENT_LOG,
  });
}

/** The application as a function. */
export function askOf(world: DevnetWorld, options: Partial<StorageServiceAppOptions> = {}): AskHttp {
  const app = createStorageServiceApp({
    server: serverOf(world),
    sha3: (bytes) => world.context.hasher.hash(new Uint8Array(0), bytes),
    nowMs: () => VIRTUAL_START_MS,
    log: SILENT_LOG,
    ...options,
  });
  return async (path, init) => await app.fetch(new Request(BASE_URL + path, init));
}
