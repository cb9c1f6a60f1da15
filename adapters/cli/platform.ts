/**
 * What the command line needs of a runtime besides `node:` modules and web globals, which Node and Deno both have: listening.
 *
 * The entry file of a runtime (`adapters/node/velor-sync.ts`, `adapters/deno/velor-sync.ts`) passes its own in.
 *
 * @module
 */

import type { ClientConnection } from "../http/client-address.ts";

/** Answers one HTTP request that came by `connection`. */
export type FetchHandler = (request: Request, connection: ClientConnection) => Response | Promise<Response>;

/** Where to listen. Port 0 lets the system choose. */
export interface ListenAddress {
  readonly hostname: string;
  readonly port: number;
}

/** What a listener bounds besides headers, their time, and idle time, whose bounds nobody needs to change. */
export interface ListenLimits {
  /** Most connections at once, ≥ 1; beyond it new ones are closed, those there are served. @default {10000} */
  readonly maxConnections?: number;
  /** Told of each connection that was closed because of it. */
  readonly onDrop?: () => void;
}

/** A server that listens. */
export interface Listener {
  /** Base URL with the port in use, without a trailing slash. */
  readonly url: string;
  /**
   * Stops accepting, answers what is in flight for at most `graceMs` milliseconds, then closes all connections. Call it once.
   *
   * @param graceMs 0 waits for nothing. @default {10000}
   * @returns Whether everything in flight was answered.
   */
  close(graceMs?: number): Promise<boolean>;
}

/** The runtime's part of the command line. */
export interface Platform {
  /**
   * Starts a server and resolves when it accepts connections.
   *
   * @throws {SyncError} `INVALID_ARGUMENT` if the address cannot be listened on.
   */
  listen(handler: FetchHandler, address: ListenAddress, limits?: ListenLimits): Promise<Listener>;
}

/** Connections at once if nobody says. The limit of open files must be above it: Deno stops to accept for ever at that limit. */
export const DEFAULT_MAX_CONNECTIONS = 10_000;
/** Grace of {@link Listener.close} if nobody says: longer than a large answer takes, shorter than supervisors wait. */
export const DEFAULT_GRACE_MS = 10_000;
