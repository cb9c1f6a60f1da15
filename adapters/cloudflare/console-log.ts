/**
 * A log of one JSON object a line on the console, as Workers Logs takes it.
 *
 * @module
 */
import type { Log, LogFields } from "../../core/ports/log.ts";

/** Creates a log. `debug` records are dropped. */
export function createConsoleLog(): Log {
  return {
    debug: () => {},
    info: (message, fields) => console.info(line(message, fields)),
    warn: (message, fields) => console.warn(line(message, fields)),
    error: (message, fields) => console.error(line(message, fields)),
  };
}

function line(message: string, fields: LogFields = {}): string {
  return JSON.stringify({ message, ...fields }, (_, value) => typeof value === "bigint" ? String(value) : value);
}
