/**
 * Log records as lines on stderr, for people.
 *
 * @module
 */
import process from "node:process";
import type { Log, LogFields } from "../../core/ports/log.ts";
import { printable } from "./printable.ts";

/** How much to say: `debug` says everything, `error` only what an operator must act on. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** All levels, from the most talkative on. */
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Creates a log that writes records of `level` and above to stderr, one line each. */
export function createStderrLog(level: LogLevel): Log {
  const lowest = LOG_LEVELS.indexOf(level);
  const at = (own: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (LOG_LEVELS.indexOf(own) < lowest) return;
    const text = Object.entries(fields).filter(([, value]) => value !== undefined).map(([key, value]) =>
      ` ${key}=${String(value)}`
    ).join("");
    process.stderr.write(`${own.padEnd(5)} ${printable(message + text)}\n`);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
