/**
 * A ledger in a directory: `ledger.sqlite`, SQLite's own files beside it, and the writer's lock `ledger.sqlite-lock`.
 *
 * One process writes; any number of processes read at the same time.
 *
 * @module
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ChainContext, createChainContext } from "../../core/chain/hash.ts";
import { createNobleHasher } from "../../core/chain/noble-hasher.ts";
import { profileByName } from "../../core/chain/profile.ts";
import { SyncError } from "../../core/errors.ts";
import type { LedgerCacheOptions } from "../../core/ledger/ledger-parts.ts";
import {
  createLedger,
  type CreateLedgerOptions,
  openLedgerReader,
  openLedgerWriter,
} from "../../core/ledger/open-ledger.ts";
import type { LedgerReader } from "../../core/ledger/reader.ts";
import { readStoreRecord, type StoreRecord } from "../../core/ledger/store-record.ts";
import type { LedgerWriter } from "../../core/ledger/writer.ts";
import type { Hasher } from "../../core/ports/hasher.ts";
import type { OrderedKv } from "../../core/ports/ordered-kv.ts";
import { openSqliteKv } from "./sqlite-kv.ts";

const FILE_NAME = "ledger.sqlite";

/**
 * Tree pages that a writer keeps unless told otherwise. A tree of a million keys under random writes reads 0.2 pages a key
 * with this much, and 1.3 with a quarter of it (test/bench/tree-update.bench.ts).
 */
const WRITER_NODE_CACHE_BYTES = 256 * 1024 * 1024;

/** A ledger opened to read, and the rules of its chain. */
export interface OpenedLedger {
  readonly context: ChainContext;
  readonly reader: LedgerReader;
}

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
  const kv = openFileToWrite(directory);
  return await closingOnFailure(kv, () => createLedger(kv, withWriterCache(options)));
}

/**
 * Opens the ledger in `directory` to write; creates it if there is none. Closing the writer closes the file.
 *
 * @throws {SyncError} `NETWORK_MISMATCH` if it is another chain's; `STORAGE_LOCKED` if another process writes there.
 */
export async function openLedgerDirectoryWriter(
  directory: string,
  options: CreateLedgerOptions,
): Promise<LedgerWriter> {
  const kv = openFileToWrite(directory);
  return await closingOnFailure(kv, async () => {
    const record = await readStoreRecord(kv);
    const cached = withWriterCache(options);
    return record === undefined ? await createLedger(kv, cached) : await openLedgerWriter(kv, cached);
  });
}

/**
 * Opens the ledger in `directory` to read, by the rules of the chain that it says it holds. Another process may write to
 * it meanwhile. Closing the reader closes the file.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if there is none.
 */
export async function openLedgerDirectory(
  directory: string,
  options: LedgerCacheOptions & { readonly hasher?: Hasher } = {},
): Promise<OpenedLedger> {
  const path = join(directory, FILE_NAME);
  if (!existsSync(path)) throw new SyncError("INVALID_ARGUMENT", `Cannot open ledger: there is none in ${directory}`);
  const kv = openSqliteKv({ path, mode: "read" });
  return await closingOnFailure(kv, async () => {
    const record = await readStoreRecord(kv);
    if (record === undefined) {
      throw new SyncError("INVALID_ARGUMENT", `Cannot open ledger: ${directory} holds none yet`);
    }
    const context = createChainContext(profileByName(record.profile), options.hasher ?? createNobleHasher());
    return { context, reader: await openLedgerReader(kv, { ...options, context }) };
  });
}

function withWriterCache(options: CreateLedgerOptions): CreateLedgerOptions {
  return { nodeCacheBytes: WRITER_NODE_CACHE_BYTES, ...options };
}

function openFileToWrite(directory: string): OrderedKv {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new SyncError("STORAGE_FAILED", `Cannot create directory ${directory}`, { cause: error });
  }
  return openSqliteKv({ path: join(directory, FILE_NAME), mode: "write" });
}

async function closingOnFailure<T>(kv: OrderedKv, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await kv.close();
    throw error;
  }
}
