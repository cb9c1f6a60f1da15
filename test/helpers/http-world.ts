/**
 * The web application over a small devnet, as a function from request to response.
 *
 * @module
 */
import { createStorageServiceApp, type StorageServiceAppOptions } from "../../adapters/http/storage-service-app.ts";
import { SILENT_LOG } from "../../core/ports/log.ts";
import type { StorageService } from "../../core/storage-service/service.ts";
import { type DevnetWorld, serveWorld } from "./devnet-world.ts";
import { VIRTUAL_START_MS } from "./virtual-clock.ts";

/** Base URL that tests use: no request leaves the process. */
export const BASE_URL = "http://service.test";

/** Answers a request for a path. */
export type AskHttp = (path: string, init?: RequestInit) => Promise<Response>;

/** The application as a function. */
export function askOf(
  world: DevnetWorld,
  options: Partial<StorageServiceAppOptions> & { service?: StorageService } = {},
): AskHttp {
  const app = createStorageServiceApp({
    service: serveWorld(world),
    sha3: (bytes) => world.context.hasher.hash(new Uint8Array(0), bytes),
    nowMs: () => VIRTUAL_START_MS,
    log: SILENT_LOG,
    ...options,
  });
  return async (path, init) => await app.fetch(new Request(BASE_URL + path, init));
}
