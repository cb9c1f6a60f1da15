/**
 * An ordered key-value store in the SQLite of one Durable Object.
 *
 * Values above one row are split: the row of the key holds the first part and how many there are, a second table the rest.
 * The platform runs statements synchronously, so whatever happens between two awaits is one transaction for every reader.
 *
 * @module
 */
import { concatBytes, equalBytes } from "../../core/bytes/bytes.ts";
import { isSyncError, SyncError } from "../../core/errors.ts";
import { assertKvBatch, assertKvKey, assertKvLimit } from "../../core/ports/ordered-kv-check.ts";
import type { KvEntry, KvExpectation, KvOperation, KvRange, OrderedKv } from "../../core/ports/ordered-kv.ts";

/** What SQLite holds in a column of a Durable Object. */
export type SqlObjectValue = ArrayBuffer | string | number | null;

/**
 * What is used of a Durable Object's storage: a part of the platform's `DurableObjectStorage`. Named here, so that the
 * package needs no types of the platform.
 */
export interface SqlObjectStorage {
  /** Its SQLite database: runs statements synchronously and returns their rows. */
  readonly sql: {
    exec<Row extends Record<string, SqlObjectValue>>(query: string, ...bindings: SqlObjectValue[]): Iterable<Row>;
  };
  /** Runs `closure` in a transaction; if it throws, nothing has changed. */
  transactionSync<T>(closure: () => T): T;
  /** Resolves when everything written so far is durable. */
  sync(): Promise<void>;
}

/**
 * Most bytes of a value in one row. Production refuses rows above 2 MB (2,000,000 bytes, key and head included); local
 * workerd does not, so nothing but this number keeps us below it.
 */
const MAX_PART_BYTES = 1_900_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS kv (k BLOB NOT NULL, parts INTEGER NOT NULL, v BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS kv_by_key ON kv (k);
  CREATE TABLE IF NOT EXISTS kv_part (k BLOB NOT NULL, part INTEGER NOT NULL, v BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS kv_part_by_key ON kv_part (k, part);
`;

const PUT =
  "INSERT INTO kv (k, parts, v) VALUES (?, ?, ?) ON CONFLICT (k) DO UPDATE SET parts = excluded.parts, v = excluded.v";

/** One row, as the platform returns it: blobs are buffers. */
interface KvRow extends Record<string, SqlObjectValue> {
  k: ArrayBuffer;
  parts: number;
  v: ArrayBuffer;
}

/**
 * Opens the store of a Durable Object, and creates its tables where they are missing.
 *
 * A commit is durable when it resolves. The object is the only process that sees the store, so there is no lock.
 *
 * @param storage `ctx.storage` of an object whose class is declared under `new_sqlite_classes`.
 * @throws {SyncError} `STORAGE_FAILED` if the storage has no SQL or refuses the tables.
 */
export function openDurableObjectKv(storage: SqlObjectStorage): OrderedKv {
  attempt("open store", () => storage.sql.exec(SCHEMA));
  return new DurableObjectKv(storage);
}

class DurableObjectKv implements OrderedKv {
  readonly #storage: SqlObjectStorage;
  #closed = false;

  constructor(storage: SqlObjectStorage) {
    this.#storage = storage;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    assertKvKey(key);
    return this.#attempt("read", () => this.#value(key));
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    for (const key of keys) assertKvKey(key);
    // A statement for each key: one for many is limited to 100 parameters and gains nothing without a round trip.
    return this.#attempt("read", () => keys.map((key) => this.#value(key)));
  }

  async scan({ first, next }: KvRange, options: { limit: number; reverse?: boolean }): Promise<KvEntry[]> {
    assertKvLimit(options.limit);
    const order = options.reverse === true ? "DESC" : "ASC";
    const query = `SELECT k, parts, v FROM kv WHERE k >= ? AND k < ? ORDER BY k ${order} LIMIT ?`;
    return this.#attempt("scan", () => {
      const rows = this.#storage.sql.exec<KvRow>(query, blob(first), blob(next), options.limit);
      return Array.from(rows, (row) => ({ key: new Uint8Array(row.k), value: this.#wholeValue(row) }));
    });
  }

  async commit(batch: readonly KvOperation[], options?: { expect?: readonly KvExpectation[] }): Promise<void> {
    const expect = options?.expect ?? [];
    assertKvBatch(batch, expect);
    this.#attempt("commit", () =>
      this.#storage.transactionSync(() => {
        for (const expectation of expect) this.#assertHolds(expectation);
        for (const operation of batch) this.#apply(operation);
      }));
    try {
      await this.#storage.sync();
    } catch (error) {
      throw storageFailed("commit", error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #value(key: Uint8Array): Uint8Array | undefined {
    const [row] = this.#storage.sql.exec<KvRow>("SELECT k, parts, v FROM kv WHERE k = ?", blob(key));
    return row === undefined ? undefined : this.#wholeValue(row);
  }

  #wholeValue({ k, parts, v }: KvRow): Uint8Array {
    if (parts === 1) return new Uint8Array(v);
    const rest = this.#storage.sql.exec<{ v: ArrayBuffer }>("SELECT v FROM kv_part WHERE k = ? ORDER BY part", k);
    const all = [v, ...Array.from(rest, (row) => row.v)].map((part) => new Uint8Array(part));
    if (all.length === parts) return concatBytes(...all);
    throw new SyncError("STORAGE_CORRUPT", `Cannot read value: it has ${parts} parts, ${all.length} are there`);
  }

  #assertHolds([key, value]: KvExpectation): void {
    const current = this.#value(key);
    const holds = value === undefined ? current === undefined : current !== undefined && equalBytes(current, value);
    if (!holds) throw new SyncError("STORAGE_CONFLICT", "Cannot commit: the store has changed meanwhile");
  }

  #apply(operation: KvOperation): void {
    const { sql } = this.#storage;
    if ("put" in operation) {
      this.#put(operation.put, operation.value);
    } else if ("delete" in operation) {
      const key = blob(operation.delete);
      sql.exec("DELETE FROM kv WHERE k = ?", key);
      sql.exec("DELETE FROM kv_part WHERE k = ?", key);
    } else {
      const range = [blob(operation.deleteRange.first), blob(operation.deleteRange.next)];
      sql.exec("DELETE FROM kv WHERE k >= ? AND k < ?", ...range);
      sql.exec("DELETE FROM kv_part WHERE k >= ? AND k < ?", ...range);
    }
  }

  #put(key: Uint8Array, value: Uint8Array): void {
    const { sql } = this.#storage;
    const name = blob(key);
    const parts = Math.max(1, Math.ceil(value.length / MAX_PART_BYTES));
    sql.exec(PUT, name, parts, blob(value.subarray(0, MAX_PART_BYTES)));
    sql.exec("DELETE FROM kv_part WHERE k = ?", name);
    for (let part = 1; part < parts; part++) {
      const bytes = value.subarray(part * MAX_PART_BYTES, (part + 1) * MAX_PART_BYTES);
      sql.exec("INSERT INTO kv_part (k, part, v) VALUES (?, ?, ?)", name, part, blob(bytes));
    }
  }

  #attempt<T>(action: string, run: () => T): T {
    if (this.#closed) throw new SyncError("STORAGE_FAILED", `Cannot ${action}: the store is closed`);
    return attempt(action, run);
  }
}

/** Bytes as a parameter: a buffer that holds them and nothing else. */
function blob(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}

function attempt<T>(action: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw isSyncError(error) ? error : storageFailed(action, error);
  }
}

function storageFailed(action: string, cause: unknown): SyncError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SyncError("STORAGE_FAILED", `Cannot ${action}: ${reason}`, { cause });
}
