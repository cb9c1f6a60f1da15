/**
 * Ledgers in SQLite files, through `node:sqlite`: on Node and Deno.
 *
 * @module
 */
export {
  createLedgerDirectory,
  type OpenedLedger,
  openLedgerDirectory,
  openLedgerDirectoryWriter,
  readLedgerDirectory,
} from "./ledger-directory.ts";
export { openSqliteKv, type SqliteKvOptions } from "./sqlite-kv.ts";
