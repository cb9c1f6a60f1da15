/**
 * What the command line needs of a runtime and Node and Deno do differently: listening.
 *
 * Everything else comes from `node:` modules and web globals that both have. The entry file of a runtime
 * (`adapters/node/velor-sync.ts`, `adapters/deno/velor-sync.ts`) passes its own in.
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

/** A server that listens. */
export interface Listener {
  /** Base URL with the port in use, without a trailing slash. */
  readonly url: string;
  /** Stops accepting, answers what is in flight, then resolves. */
  close(): Promise<void>;
}

/** The runtime's part of the command line. */
export interface Platform {
  /**
   * Starts a server and resolves when it accepts connections.
   *
   * @throws {SyncError} `INVALID_ARGUMENT` if the address cannot be listened on.
   */
  listen(handler: FetchHandler, address: ListenAddress): Promise<Listener>;
}
