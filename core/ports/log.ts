/**
 * Port: structured log.
 *
 * @module
 */

/** Values a log field can have. Never payload bytes. */
export type LogFields = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

/** Takes log records. Must not throw and must not block. */
export interface Log {
  /** For following along while debugging. */
  debug(message: string, fields?: LogFields): void;
  /** What an operator wants to read on a good day. */
  info(message: string, fields?: LogFields): void;
  /** Something was refused or retried; the process goes on. */
  warn(message: string, fields?: LogFields): void;
  /** Something that an operator should act on. */
  error(message: string, fields?: LogFields): void;
}

/** A log that drops everything. */
export const SILENT_LOG: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
