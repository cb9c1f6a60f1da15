/**
 * Serves a ledger over HTTP until it is told to stop.
 *
 * @module
 */
import { createWriteStream } from "node:fs";
import type { ChainContext } from "../../core/chain/hash.ts";
import { SyncError } from "../../core/errors.ts";
import type { LedgerReader } from "../../core/ledger/reader.ts";
import type { Log } from "../../core/ports/log.ts";
import { createStorageServer } from "../../core/storage-service/storage-server.ts";
import { formatRequestRecord, type RequestLog } from "../http/request-log.ts";
import { createStorageServiceApp } from "../http/storage-service-app.ts";
import { nodeSha3 } from "../node/node-sha3.ts";
import { createWebClock } from "../web/web-clock.ts";
import type { ListenAddress, Listener, Platform } from "./platform.ts";

/** What to serve, and where. */
export interface ServingOptions {
  readonly platform: Platform;
  /** Stays open; its owner closes it after the listener. */
  readonly reader: LedgerReader;
  readonly context: ChainContext;
  readonly address: ListenAddress;
  readonly log: Log;
  /** File that gets a line for each request, appended. */
  readonly requestLogFile?: string;
}

/**
 * Starts serving.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if the address cannot be listened on, or the request log cannot be written.
 */
export async function startServing(options: ServingOptions): Promise<Listener> {
  const { platform, reader, context, address, log } = options;
  const clock = createWebClock();
  const requestLog = await openRequestLog(options.requestLogFile);
  const server = createStorageServer({ reader, context, clock, log });
  const app = createStorageServiceApp({
    server,
    sha3: nodeSha3,
    nowMs: clock.nowMs,
    log,
    ...(requestLog === undefined ? {} : { onRequest: requestLog.write }),
  });
  const listener = await platform.listen((request, connection) => app.fetch(request, connection), address);
  return {
    url: listener.url,
    async close() {
      // What waits is answered now; it would hold the listener open.
      server.stop();
      await listener.close();
      await requestLog?.close();
    },
  };
}

interface RequestLogFile {
  readonly write: RequestLog;
  close(): Promise<void>;
}

function openRequestLog(path: string | undefined): Promise<RequestLogFile | undefined> {
  if (path === undefined) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const stream = createWriteStream(path, { flags: "a" });
    stream.once("error", (cause) => {
      reject(new SyncError("INVALID_ARGUMENT", `Cannot write the request log ${path}: ${cause.message}`, { cause }));
    });
    stream.once("open", () => {
      resolve({
        write: (record) => stream.write(`${new Date().toISOString()} ${formatRequestRecord(record)}\n`),
        close: () => new Promise((done) => stream.end(() => done())),
      });
    });
  });
}
