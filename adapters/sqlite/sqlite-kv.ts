/**
 * An ordered key-value store in one SQLite file, through `node:sqlite`: the same adapter for Node and Deno.
 *
 * Measured choices (core/ARCHITECTURE.md): write-ahead log, so that readers in other processes never wait; 16 KB pages
 * and rare checkpoints, which write large values 1.5 to 2 times faster than the defaults; a rowid table with a unique index,
 * because `WITHOUT ROWID` keeps large values inside the B-tree and was 23 times slower.
 *
 * @module
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { equalBytes } from "../../core/bytes/bytes.ts";
import { SyncError } from "../../core/errors.ts";
import { assertKvBatch, assertKvKey, assertKvLimit } from "../../core/ports/ordered-kv-check.ts";
import type { KvEntry, KvExpectation, KvOperation, KvRange, OrderedKv } from "../../core/ports/ordered-kv.ts";
import { sqliteError } from "./sqlite-errors.ts";
import { takeWriterLock, type WriterLock } from "./writer-lock.ts";

/** Large values are what this store holds. Takes effect when the file is created. */
const PAGE_BYTES = 16 * 1024;
/** Pages in the write-ahead log before it is folded into the file: 64 MB. */
const CHECKPOINT_PAGES = 4096;
/** What the write-ahead log's file is cut back to after a checkpoint. */
const JOURNAL_LIMIT_BYTES = 128 * 1024 * 1024;
/** SQLite's page cache of one connection; negative means KiB in the pragma. */
const CACHE_KIB = 32 * 1024;
/** How long a statement waits for another process's lock; only recovery after a crash ever takes one. */
const BUSY_TIMEOUT_MS = 5_000;

/** How to open a store. */
export interface SqliteKvOptions {
  /** Path of the database file. */
  readonly path: string;
  /** `write` creates the file if absent and keeps every other writer out; `read` demands that it exists. */
  readonly mode: "read" | "write";
}

/**
 * Opens a store.
 *
 * A commit is on the disk when it resolves (`synchronous = FULL`). The writer's lock is the file `<path>-lock`.
 *
 * @throws {SyncError} `STORAGE_LOCKED` if another writer has it open.
 * @throws {SyncError} `STORAGE_FAILED` if the file cannot be opened (or, to read, does not exist).
 */
export function openSqliteKv(options: SqliteKvOptions): OrderedKv {
  const lock = options.mode === "write" ? takeWriterLock(`${options.path}-lock`) : undefined;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(options.path, { readOnly: lock === undefined });
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA cache_size = -${CACHE_KIB}`);
    if (lock !== undefined) prepareForWriting(database);
    return new SqliteKv(database, lock);
  } catch (error) {
    database?.close();
    lock?.release();
    throw sqliteError(error, "open store");
  }
}

function prepareForWriting(database: DatabaseSync): void {
  database.exec(`
    PRAGMA page_size = ${PAGE_BYTES};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = 1;
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA journal_size_limit = ${JOURNAL_LIMIT_BYTES};
    CREATE TABLE IF NOT EXISTS kv (k BLOB NOT NULL, v BLOB NOT NULL);
    CREATE UNIQUE INDEX IF NOT EXISTS kv_by_key ON kv (k);
  `);
}

interface Statements {
  readonly get: StatementSync;
  readonly scan: StatementSync;
  readonly scanReverse: StatementSync;
}

interface WriteStatements {
  readonly put: StatementSync;
  readonly delete: StatementSync;
  readonly deleteRange: StatementSync;
}

class SqliteKv implements OrderedKv {
  readonly #database: DatabaseSync;
  readonly #lock: WriterLock | undefined;
  readonly #read: Statements;
  #write: WriteStatements | undefined;

  constructor(database: DatabaseSync, lock?: WriterLock) {
    this.#database = database;
    this.#lock = lock;
    this.#read = {
      get: database.prepare("SELECT v FROM kv WHERE k = ?"),
      scan: database.prepare("SELECT k, v FROM kv WHERE k >= ? AND k < ? ORDER BY k LIMIT ?"),
      scanReverse: database.prepare("SELECT k, v FROM kv WHERE k >= ? AND k < ? ORDER BY k DESC LIMIT ?"),
    };
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    assertKvKey(key);
    return attempt("read", () => this.#value(key));
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    for (const key of keys) assertKvKey(key);
    return attempt("read", () => this.#transaction("BEGIN", () => keys.map((key) => this.#value(key))));
  }

  async scan(range: KvRange, options: { limit: number; reverse?: boolean }): Promise<KvEntry[]> {
    assertKvLimit(options.limit);
    const statement = options.reverse ? this.#read.scanReverse : this.#read.scan;
    const rows = attempt("scan", () => statement.all(range.first, range.next, options.limit));
    return rows.map((row) => ({ key: row["k"] as Uint8Array, value: row["v"] as Uint8Array }));
  }

  async commit(
    batch: readonly KvOperation[],
    options?: { expect?: readonly KvExpectation[] },
  ): Promise<void> {
    const expect = options?.expect ?? [];
    assertKvBatch(batch, expect);
    attempt("commit", () =>
      this.#transaction("BEGIN IMMEDIATE", () => {
        for (const expectation of expect) this.#assertHolds(expectation);
        for (const operation of batch) this.#apply(operation);
      }));
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return;
    attempt("close store", () => this.#database.close());
    this.#lock?.release();
  }

  #value(key: Uint8Array): Uint8Array | undefined {
    return this.#read.get.get(key)?.["v"] as Uint8Array | undefined;
  }

  #assertHolds([key, value]: KvExpectation): void {
    const current = this.#value(key);
    const holds = value === undefined ? current === undefined : current !== undefined && equalBytes(current, value);
    if (!holds) throw new SyncError("STORAGE_CONFLICT", "Cannot commit: the store has changed meanwhile");
  }

  #apply(operation: KvOperation): void {
    // Prepared late: a read-only connection that is asked to write must fail there, not when it is opened.
    this.#write ??= {
      put: this.#database.prepare("INSERT INTO kv (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v"),
      delete: this.#database.prepare("DELETE FROM kv WHERE k = ?"),
      deleteRange: this.#database.prepare("DELETE FROM kv WHERE k >= ? AND k < ?"),
    };
    if ("put" in operation) this.#write.put.run(operation.put, operation.value);
    else if ("delete" in operation) this.#write.delete.run(operation.delete);
    else this.#write.deleteRange.run(operation.deleteRange.first, operation.deleteRange.next);
  }

  #transaction<T>(begin: "BEGIN" | "BEGIN IMMEDIATE", run: () => T): T {
    this.#database.exec(begin);
    try {
      const result = run();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

function attempt<T>(action: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw sqliteError(error, action);
  }
}
