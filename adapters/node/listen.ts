/**
 * Serves a `fetch` handler on Node, through @hono/node-server.
 *
 * @module
 */
import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { SyncError } from "../../core/errors.ts";

/** Bounds of a server, against clients that connect and do nothing. */
const BOUNDS = {
  /** A request's head is a line and a few headers. */
  maxHeaderSize: 16_384,
  /** Milliseconds for the head of a request. */
  headersTimeout: 10_000,
  /** Milliseconds for a whole request: its body has at most 64 KiB. */
  requestTimeout: 30_000,
  /** Milliseconds that an idle connection is kept; above the 60 s of common proxies, so that they close first. */
  keepAliveTimeout: 65_000,
};

/** Connections beyond this are closed at once: each costs a few tens of KiB. */
const MAX_CONNECTIONS = 4_096;

/** A server that listens. */
export interface NodeListener {
  /** Base URL with the port in use, without a trailing slash. */
  readonly url: string;
  /** Stops accepting, answers what is in flight, then resolves. */
  close(): Promise<void>;
}

/**
 * Starts a server and resolves when it accepts connections.
 *
 * @param handler Answers one request; must not reject.
 * @param address Port 0 lets the system choose.
 * @throws {SyncError} `INVALID_ARGUMENT` if the address cannot be listened on.
 */
export function listenOnNode(
  handler: (request: Request) => Response | Promise<Response>,
  address: { readonly hostname: string; readonly port: number },
): Promise<NodeListener> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: handler, ...address, serverOptions: BOUNDS }, ({ port }) => {
      const host = address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname;
      resolve({ url: `http://${host}:${port}`, close: () => close(server) });
    }) as Server;
    server.maxConnections = MAX_CONNECTIONS;
    server.once("error", (cause) => {
      const where = `${address.hostname} port ${address.port}`;
      reject(new SyncError("INVALID_ARGUMENT", `Cannot listen on ${where}`, { cause }));
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => error === undefined ? resolve() : reject(error));
    server.closeIdleConnections();
  });
}
