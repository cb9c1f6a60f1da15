/**
 * The command line's platform on Deno: HTTP by `Deno.serve`.
 *
 * @module
 */
import { SyncError } from "../../core/errors.ts";
import type { FetchHandler, ListenAddress, Listener, Platform } from "../cli/platform.ts";

/** The platform of Deno 2. */
export const DENO_PLATFORM: Platform = { listen };

async function listen(handler: FetchHandler, { hostname, port }: ListenAddress): Promise<Listener> {
  try {
    const server = Deno.serve({ hostname, port, onListen: () => {} }, (request, { remoteAddr }) => {
      return handler(request, { socketAddress: remoteAddr.hostname });
    });
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    return await Promise.resolve({
      url: `http://${host}:${server.addr.port}`,
      close: () => server.shutdown(),
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SyncError("INVALID_ARGUMENT", `Cannot listen on ${hostname}:${port}: ${reason}`, { cause });
  }
}
