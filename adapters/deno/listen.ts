/**
 * Serves a `fetch` handler on Deno.
 *
 * @module
 */
import { SyncError } from "../../core/errors.ts";

/** A server that listens. */
export interface DenoListener {
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
export function listenOnDeno(
  handler: (request: Request) => Response | Promise<Response>,
  address: { readonly hostname: string; readonly port: number },
): Promise<DenoListener> {
  return new Promise((resolve, reject) => {
    const onListen = ({ port }: { port: number }) => {
      const host = address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname;
      resolve({ url: `http://${host}:${port}`, close: () => server.shutdown() });
    };
    const server = start(handler, { ...address, onListen }, reject);
  });
}

function start(
  handler: (request: Request) => Response | Promise<Response>,
  options: { hostname: string; port: number; onListen: (address: { port: number }) => void },
  reject: (error: unknown) => void,
): { shutdown(): Promise<void> } {
  try {
    return Deno.serve(options, handler);
  } catch (cause) {
    reject(
      new SyncError("INVALID_ARGUMENT", `Cannot listen on ${options.hostname} port ${options.port}`, { cause }),
    );
    return { shutdown: () => Promise.resolve() };
  }
}
