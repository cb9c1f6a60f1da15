/**
 * The command line's platform on Node: HTTP by `node:http`, through `@hono/node-server`.
 *
 * Deno runs it too: see `adapters/deno/deno-platform.ts`.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { SyncError } from "../../core/errors.ts";
import { MAX_REQUEST_BYTES } from "../../core/wire/limits.ts";
import {
  DEFAULT_GRACE_MS,
  DEFAULT_MAX_CONNECTIONS,
  type FetchHandler,
  type ListenAddress,
  type Listener,
  type ListenLimits,
  type Platform,
} from "../cli/platform.ts";
import { type Connections, followConnections } from "./connections.ts";
import { discardUnreadBodies, readUnsizedBody } from "./request-body.ts";
import { createTurnEnd } from "./turn-end.ts";

/** How long an idle connection is kept, in milliseconds: longer than a client pauses between two requests of a sync. */
const KEEP_ALIVE_MS = 30_000;
/** Time for the headers of a request, in milliseconds, so that a slow sender does not hold a connection for ever. */
const HEADERS_MS = 10_000;
/**
 * Time for a whole request to come in, in milliseconds; the largest has 64 KiB. It ends where the answer's time begins: a
 * request that waits for what is new is not hurried.
 */
const REQUEST_MS = 30_000;
/** Milliseconds from one look at both of them to the next: what either may come on top. */
const TIMEOUT_CHECK_MS = 1_000;
/** Largest header section, in bytes; the longest path we answer has 1.3 KB. */
const MAX_HEADER_BYTES = 16_384;

/**
 * Connections that may wait to be accepted; the kernel may allow less. A busy event loop accepts one a turn, and clients that
 * come back all at once would be dropped behind Node's 511, and try again for seconds.
 */
const BACKLOG = 4_096;

/** The platform of Node 22 and later. */
export const NODE_PLATFORM: Platform = { listen };

async function listen(handler: FetchHandler, address: ListenAddress, limits: ListenLimits = {}): Promise<Listener> {
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  const { maxConnections = DEFAULT_MAX_CONNECTIONS, ...rest } = limits;
  const connections = followConnections(server, { maxConnections, ...rest });
  discardUnreadBodies(server);
  server.on("request", requestListener(handler, connections));
  const { port } = await listening(server, address);
  const { hostname } = address;
  return {
    url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`,
    close: (graceMs = DEFAULT_GRACE_MS) => connections.close(graceMs),
  };
}

function requestListener(handler: FetchHandler, { whenSent }: Connections) {
  const turnEnd = createTurnEnd();
  return getRequestListener(async (request, { incoming, outgoing }) => {
    const { remoteAddress: socketAddress } = incoming.socket;
    await takeUnsizedBody(request, incoming as IncomingMessage);
    const response = await handler(request, {
      socketAddress,
      whenSent: (then) => whenSent(outgoing as ServerResponse, then),
    });
    await turnEnd();
    return response;
  }, {
    // Of HTTP/1.0, whose requests need not name their host: health checks are such.
    hostname: "localhost",
    // It closes connections half a second after such an answer, whether or not another request is on its way there.
    autoCleanupIncoming: false,
    // What is no request, such as a host that is no name, is answered like a path that nobody has.
    errorHandler: () => handler(new Request("http://localhost/unreadable"), {}),
  });
}

/** Reads a body whose length nobody said, and puts it where the HTTP adapter looks for one that was read before. */
async function takeUnsizedBody({ method }: Request, incoming: IncomingMessage): Promise<void> {
  if (method === "GET" || method === "HEAD" || incoming.headers["transfer-encoding"] === undefined) return;
  const rawBody = await readUnsizedBody(incoming, MAX_REQUEST_BYTES);
  // Of one that broke off it makes a failure.
  if (rawBody !== undefined) Object.assign(incoming, { rawBody });
}

function listening(server: Server, { hostname, port }: ListenAddress): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new SyncError("INVALID_ARGUMENT", `Cannot listen on ${hostname}:${port}: ${cause.message}`, { cause }));
    });
    server.listen({ port, host: hostname, backlog: BACKLOG }, () => resolve(server.address() as AddressInfo));
  });
}
