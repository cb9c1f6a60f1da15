import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { expect, it, vi } from "vitest";
import { createLedger, openLedgerWriter } from "../../core/ledger/open-ledger.ts";
import { SILENT_LOG } from "../../core/ports/log.ts";
import { settingsOf } from "../../worker/env.ts";
import { type LedgerPartsOptions, openLedgerParts } from "../../worker/ledger-parts.ts";

// Watched, not replaced: how much a ledger may keep in memory shows nowhere else before there is much of it.
vi.mock(import("../../core/ledger/open-ledger.ts"), { spy: true });

const ISOLATE_BYTES = 128 * 1024 * 1024;

/** The storage of an object, as far as a ledger uses it, over SQLite in memory. */
function memoryStorage(database = new DatabaseSync(":memory:")): LedgerPartsOptions["storage"] {
  const storage = {
    sql: {
      exec(query: string, ...bindings: (ArrayBuffer | string | number)[]) {
        if (bindings.length === 0) return database.exec(query);
        const values = bindings.map((value): SQLInputValue =>
          value instanceof ArrayBuffer ? new Uint8Array(value) : value
        );
        return database.prepare(query).all(...values);
      },
    },
    transactionSync: (run: () => void) => run(),
    sync: () => Promise.resolve(),
  };
  return storage as unknown as LedgerPartsOptions["storage"];
}

it("the ledger of the object keeps an eighth of an isolate in memory and little more, new or opened again", async () => {
  const settings = settingsOf({ PROFILE: "velor", WAYPOINT: `0:${"1f".repeat(32)}`, UPSTREAM: "" });
  const options = { storage: memoryStorage(), settings, metrics: undefined, log: SILENT_LOG };
  for (const _ of ["created", "opened"]) {
    const { app } = await openLedgerParts(options);
    expect((await app.fetch(new Request("https://object.test/v1/peers"))).status).toBe(200);
  }
  const created = vi.mocked(createLedger).mock.calls;
  const opened = vi.mocked(openLedgerWriter).mock.calls;
  // The first time there is nothing to open yet.
  expect([created.length, opened.length]).toEqual([1, 2]);
  for (const [, { nodeCacheBytes = Infinity, recordCacheBytes = Infinity }] of [...created, ...opened]) {
    expect(nodeCacheBytes).toBeLessThanOrEqual(ISOLATE_BYTES / 8);
    expect(recordCacheBytes).toBeLessThanOrEqual(ISOLATE_BYTES / 32);
  }
});

it("the ledger of an object whose storage is full is opened as often as it must be, and can be read", async () => {
  const database = new DatabaseSync(":memory:");
  const settings = settingsOf({ PROFILE: "velor", WAYPOINT: `0:${"1f".repeat(32)}`, UPSTREAM: "" });
  const options = { storage: memoryStorage(database), settings, metrics: undefined, log: SILENT_LOG };
  await openLedgerParts(options);
  // How the platform bounds an object's storage, too.
  database.exec("PRAGMA max_page_count = 50");
  const fill = database.prepare("INSERT INTO kv (k, parts, v) VALUES (randomblob(20), 1, zeroblob(?))");
  for (const bytes of [1_000, 10]) {
    expect(() => {
      for (;;) fill.run(bytes);
    }).toThrow("database or disk is full");
  }
  for (let opening = 0; opening < 5; opening++) {
    const { app } = await openLedgerParts(options);
    expect((await app.fetch(new Request("https://object.test/v1/peers"))).status).toBe(200);
  }
});
