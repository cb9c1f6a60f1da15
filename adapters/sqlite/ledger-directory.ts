/**
 * A ledger in a directory: `ledger.sqlite`, SQLite's own files beside it, and the writer's lock `ledger.sqlite-lock`.
 *
 * One process writes; any number of processes read at the same time.
 *
 * @module
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { SyncError } from "../../core/errors.ts";
import {
  createLedger,
  type CreateLedgerOptions,
  type OpenLedgerOptions,
  openLedgerReader,
  openLedgerWriter,
} from "../../core/ledger/open-ledger.ts";
import type { LedgerReader } from "../../core/ledger/reader.ts";
import { readStoreRecord, type StoreRecord } from "../../core/ledger/store-record.ts";
import type { LedgerWriter } from "../../core/ledger/writer.ts";
import type { OrderedKv } from "../../core/ports/ordered-kv.ts";
import { openSqliteKv } from "./sqlite-kv.ts";

const FILE_NAME = "ledger.sqlite";

/**
 * What the ledger in `directory` says about itself (its profile, above all); `undefined` if there is none.
 *
 * @throws {SyncError} `STORAGE_FAILED` if the file cannot be read; `STORAGE_CORRUPT`, `UNSUPPORTED` if it is not ours.
 */
export async function readLedgerDirectory(directory: string): Promise<StoreRecord | undefined> {
  if (!existsSync(join(directory, FILE_NAME))) return undefined;
  const kv = openSqliteKv({ path: join(directory, FILE_NAME), mode: "read" });
  try {
    return await readStoreRecord(kv);
  } finally {
    await kv.close();
  }
}

/**
 * Creates a ledger in `directory`, which is created if absent, and opens it to write. Closing the writer closes the file.
 *
 * @throws {SyncError} `STORAGE_CONFLICT` if there is a ledger already; `STORAGE_LOCKED` if another process writes there.
 * @throws {SyncError} `STORAGE_FAILED` if the directory cannot be written.
 */
export async function createLedgerDirectory(directory: string, options: CreateLedgerOptions): Promise<LedgerWriter> {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new SyncError("STORAGE_FAILED", `Cannot create directory ${directory}`, { cause: error });
  }
  const kv = openSqliteKv({ path: join(directory, FILE_NAME), mode: "write" });
  return await closingOnFailure(kv, () => createLedger(kv, options));
}

/**
 * Opens the ledger in `directory` to write. Closing the writer closes the file.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if there is none; `NETWORK_MISMATCH` if it is another chain's.
 * @throws {SyncError} `STORAGE_LOCKED` if another process writes there.
 */
export async function openLedgerDirectoryWriter(directory: string, options: OpenLedgerOptions): Promise<LedgerWriter> {
  const kv = openSqliteKv({ path: requireFile(directory), mode: "write" });
  return await closingOnFailure(kv, () => openLedgerWriter(kv, options));
}

/**
 * Opens the ledger in `directory` to read, while another process may write to it. Closing the reader closes the file.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if there is none; `NETWORK_MISMATCH` if it is another chain's.
 */
export async function openLedgerDirectoryReader(directory: string, options: OpenLedgerOptions): Promise<LedgerReader> {
  const kv = openSqliteKv({ path: requireFile(directory), mode: "read" });
  return await closingOnFailure(kv, () => openLedgerReader(kv, options));
}

function requireFile(directory: string): string {
  const path = join(directory, FILE_NAME);
  if (existsSync(path)) return path;
  throw new SyncError("INVALID_ARGUMENT", `Cannot open ledger: there is none in ${directory}`);
}

async function closingOnFailure<T>(kv: OrderedKv, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await kv.close();
    throw error;
  }
}
