/**
 * What a failure of `node:sqlite` means to the port.
 *
 * @module
 */
import { isSyncError, SyncError } from "../../core/errors.ts";

/** SQLITE_BUSY: another connection holds a lock for longer than the busy timeout. */
const SQLITE_BUSY = 5;

/** Low byte of SQLite's extended result codes: the primary code. */
const PRIMARY_CODE_MASK = 0xff;

/**
 * Wraps what `node:sqlite` threw. Deno's errors carry no `errcode`, so there the message decides.
 *
 * @param error What was thrown; a {@link SyncError} passes through.
 * @param action What was being done: "commit", "read".
 */
export function sqliteError(error: unknown, action: string): SyncError {
  if (isSyncError(error)) return error;
  if (isBusy(error)) {
    return new SyncError("STORAGE_LOCKED", `Cannot ${action}: the store is locked by another process`, {
      cause: error,
    });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new SyncError("STORAGE_FAILED", `Cannot ${action}: ${reason}`, { cause: error });
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { errcode } = error as Error & { errcode?: unknown };
  if (typeof errcode === "number") return (errcode & PRIMARY_CODE_MASK) === SQLITE_BUSY;
  return error.message === "database is locked";
}
