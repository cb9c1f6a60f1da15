/**
 * The request log as a file that gets a line for each request.
 *
 * @module
 */
import { createWriteStream } from "node:fs";
import { SyncError } from "../../core/errors.ts";
import type { Log } from "../../core/ports/log.ts";
import { formatRequestRecord, type RequestLog } from "../http/request-log.ts";

/** Bytes that may wait for a slow disk; what comes on top is left out. A minute of requests of a busy server. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** A log that is open. */
export interface RequestLogFile {
  readonly write: RequestLog;
  /** Resolves when everything is written, or nothing can be any more. */
  close(): Promise<void>;
}

/** Who is told of what the log cannot do. */
export interface RequestLogOptions {
  /** Told once when nothing can be written any more. */
  readonly log: Log;
  /** Told of each line that is left out. */
  readonly onLost?: () => void;
}

/**
 * Opens `path` for appending. A disk that fails or is full later costs lines, and is told to `options.log` once; requests go on.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if the file cannot be written.
 */
export function openRequestLog(path: string, { log, onLost }: RequestLogOptions): Promise<RequestLogFile> {
  return new Promise((resolve, reject) => {
    const stream = createWriteStream(path, { flags: "a" });
    let isOpen = false;
    // One function for all lines. Those that still wait when the disk fails are told one by one, and those after them.
    const written = (error: Error | null | undefined) => {
      if (error) onLost?.();
    };
    stream.on("error", (cause) => {
      if (isOpen) log.error("the request log is lost", { file: path, reason: cause.message });
      reject(new SyncError("INVALID_ARGUMENT", `Cannot write the request log ${path}: ${cause.message}`, { cause }));
    });
    stream.once("open", () => {
      isOpen = true;
      resolve({
        write(record) {
          if (stream.writableLength > MAX_WAITING_BYTES) return onLost?.();
          stream.write(`${new Date().toISOString()} ${formatRequestRecord(record)}\n`, written);
        },
        close: () => stream.closed ? Promise.resolve() : new Promise((done) => stream.once("close", done).end()),
      });
    });
  });
}
