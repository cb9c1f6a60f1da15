/**
 * The lock that keeps a second writer out: an exclusive transaction on a database file of its own. The system releases
 * it when the process ends, however it ends, so there is nothing to repair after a crash.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { sqliteError } from "./sqlite-errors.ts";

/** A held lock. */
export interface WriterLock {
  /** Gives the lock up. */
  release(): void;
}

/**
 * Takes the lock at once or not at all.
 *
 * @param path The lock's file; created if absent, and left behind.
 * @throws {SyncError} `STORAGE_LOCKED` if somebody holds it, in this process or another.
 * @throws {SyncError} `STORAGE_FAILED` if the file cannot be used.
 */
export function takeWriterLock(path: string): WriterLock {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // Nothing is ever written, so a journal on disk would only be litter.
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    throw sqliteError(error, "lock store");
  }
  const held = database;
  return { release: () => held.close() };
}
