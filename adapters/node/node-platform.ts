/**
 * The command line's platform on Node: HTTP by `@hono/node-server`.
 *
 * @module
 */
import { serve, type ServerType } from "@hono/node-server";
import { SyncError } from "../../core/errors.ts";
import type { FetchHandler, ListenAddress, Listener, Platform } from "../cli/platform.ts";

/** How long an idle connection is kept, in milliseconds: longer than a client pauses between two requests of a sync. */
const KEEP_ALIVE_MS = 30_000;
/** Time for the headers of a request, in milliseconds, so that a slow sender does not hold a connection for ever. */
const HEADERS_MS = 10_000;
/** Time for a whole request, in milliseconds; the largest has 64 KiB. */
const REQUEST_MS = 30_000;
/** Largest header section, in bytes; the longest path we answer has 1.3 KB. */
const MAX_HEADER_BYTES = 16_384;
/** Most connections at once; beyond it new ones are refused, those there are served. */
const MAX_CONNECTIONS = 10_000;

/** The platform of Node 22 and later. */
export const NODE_PLATFORM: Platform = { listen };

function listen(handler: FetchHandler, { hostname, port }: ListenAddress): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = serve({
      fetch: (request, { incoming }) => handler(request, { socketAddress: incoming.socket.remoteAddress }),
      hostname,
      port,
      serverOptions: {
        keepAliveTimeout: KEEP_ALIVE_MS,
        headersTimeout: HEADERS_MS,
        requestTimeout: REQUEST_MS,
        maxHeaderSize: MAX_HEADER_BYTES,
      },
    }, (address) => {
      const host = hostname.includes(":") ? `[${hostname}]` : hostname;
      resolve({ url: `http://${host}:${address.port}`, close: () => close(server) });
    });
    if ("maxConnections" in server) server.maxConnections = MAX_CONNECTIONS;
    server.once("error", (cause) => {
      reject(
        new SyncError("INVALID_ARGUMENT", `Cannot listen on ${hostname}:${port}: ${cause.message}`, { cause }),
      );
    });
  });
}

function close(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Connections that wait for a next request would keep the server open; those being answered are left alone.
    if ("closeIdleConnections" in server) server.closeIdleConnections();
  });
}
