import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openDurableObjectKv } from "../../../adapters/cloudflare/durable-object-kv.ts";
import type { OrderedKv } from "../../../core/ports/ordered-kv.ts";
import { describeOrderedKv } from "../../contract/ordered-kv.ts";

type Stub = DurableObjectStub;

const NAMESPACE = (env as unknown as { STORE: DurableObjectNamespace }).STORE;

function newStub(): Stub {
  return NAMESPACE.get(NAMESPACE.newUniqueId());
}

/** Runs `use` on the store of an object, inside it: storage works nowhere else. */
async function inObject<T>(stub: Stub, use: (kv: OrderedKv, storage: DurableObjectStorage) => Promise<T>): Promise<T> {
  return await runInDurableObject(stub, (_, { storage }) => use(openDurableObjectKv(storage), storage));
}

/** A store whose every call runs inside the object. */
async function openRemote(stub: Stub): Promise<OrderedKv> {
  const kv = await runInDurableObject(stub, (_, { storage }) => openDurableObjectKv(storage));
  const inside = <T>(call: () => Promise<T>) => runInDurableObject(stub, call);
  return {
    get: (key) => inside(() => kv.get(key)),
    getMany: (keys) => inside(() => kv.getMany(keys)),
    scan: (range, options) => inside(() => kv.scan(range, options)),
    commit: (batch, options) => inside(() => kv.commit(batch, options)),
    close: () => inside(() => kv.close()),
  };
}

describeOrderedKv({
  name: "Durable Object SQLite",
  create: () => {
    const stub = newStub();
    return Promise.resolve({ open: () => openRemote(stub) });
  },
});

describe("the store of a Durable Object", () => {
  const key = new Uint8Array([1]);

  it("never writes a row above 2 MB, which only production refuses", async () => {
    await inObject(newStub(), async (kv, { sql }) => {
      await kv.commit([{ put: key, value: new Uint8Array(8 * 1024 * 1024).fill(3) }]);
      for (const table of ["kv", "kv_part"]) {
        const [row] = sql.exec<{ longest: number }>(`SELECT max(length(v) + length(k)) AS longest FROM ${table}`);
        expect(row?.longest).toBeLessThan(1_999_000);
      }
    });
  });

  it("leaves no parts behind when a value shrinks or goes", async () => {
    await inObject(newStub(), async (kv, { sql }) => {
      const parts = () => sql.exec<{ n: number }>("SELECT count(*) AS n FROM kv_part").one().n;
      const large = new Uint8Array(5_000_000);
      await kv.commit([{ put: key, value: large }]);
      expect(parts()).toBe(2);
      await kv.commit([{ put: key, value: new Uint8Array(1) }]);
      expect(parts()).toBe(0);
      await kv.commit([{ put: key, value: large }]);
      await kv.commit([{ delete: key }]);
      await kv.commit([{ put: key, value: large }]);
      await kv.commit([{ deleteRange: { first: new Uint8Array([0]), next: new Uint8Array([9]) } }]);
      expect(parts()).toBe(0);
    });
  });

  it("notices a value whose parts are lost", async () => {
    await inObject(newStub(), async (kv, { sql }) => {
      await kv.commit([{ put: key, value: new Uint8Array(5_000_000) }]);
      sql.exec("DELETE FROM kv_part WHERE part = 1");
      await expect(kv.get(key)).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
    });
  });

  it("keeps what was committed when the object is evicted", async () => {
    const stub = newStub();
    await inObject(stub, (kv) => kv.commit([{ put: key, value: new Uint8Array([7]) }]));
    await evictDurableObject(stub);
    expect(await inObject(stub, (kv) => kv.get(key))).toEqual(new Uint8Array([7]));
  });

  it("reports a storage that fails, and how", async () => {
    await inObject(newStub(), async (_, storage) => {
      const failing = {
        sql: storage.sql,
        transactionSync: <T>(run: () => T) => storage.transactionSync(run),
        sync: () => Promise.reject(new Error("disk")),
      };
      const kv = openDurableObjectKv(failing);
      const error = { code: "STORAGE_FAILED", message: "Cannot commit: disk", cause: new Error("disk") };
      await expect(kv.commit([])).rejects.toMatchObject(error);
      const [row] = storage.sql.exec("SELECT 1 AS one");
      expect(row).toEqual({ one: 1 });
      storage.sql.exec("DROP TABLE kv");
      await expect(kv.get(key)).rejects.toThrow(/^Cannot read: no such table: kv/);
    });
  });
});
