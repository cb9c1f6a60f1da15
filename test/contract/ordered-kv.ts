/**
 * The contract of the {@link OrderedKv} port: one suite, run by every adapter. Imports nothing of a runtime.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { equalBytes } from "../../core/bytes/bytes.ts";
import { isSyncError, type SyncErrorCode } from "../../core/errors.ts";
import {
  type KvEntry,
  type KvOperation,
  type KvRange,
  MAX_KEY_BYTES,
  MAX_VALUE_BYTES,
  type OrderedKv,
} from "../../core/ports/ordered-kv.ts";

/** One store under test, from empty to gone. */
interface OrderedKvFixture {
  /** Opens the store. The suite closes every handle before it opens the next one. */
  open(): Promise<OrderedKv>;
  /** Opens the store to read while a handle of `open` is in use. Absent where the backend has one handle only. */
  openReader?(): Promise<OrderedKv>;
  /** Removes whatever the store left behind. */
  dispose?(): Promise<void>;
}

/** What differs between adapters. */
export interface OrderedKvContract {
  /** Name of the adapter. */
  readonly name: string;
  /** Makes a fixture over an empty store. */
  create(): Promise<OrderedKvFixture>;
}

/** More than any backend returns or binds at once (Durable Object SQLite: 100 parameters, 2 MB rows). */
const MANY = 1_234;

/** Around the row limit of Durable Object SQLite, and the port's own. */
const LARGE_SIZES = [0, 1, 1_900_000 - 1, 1_900_000, 1_900_000 + 1, 2_097_152, MAX_VALUE_BYTES];

/** Declares the suite. */
export function describeOrderedKv(contract: OrderedKvContract): void {
  describe(`OrderedKv contract: ${contract.name}`, () => {
    valueTests(contract);
    scanTests(contract);
    commitTests(contract);
    lifeTests(contract);
  });
}

function valueTests(contract: OrderedKvContract): void {
  it.each(LARGE_SIZES)("stores a value of %i bytes, alone and among others", async (size) => {
    await withStore(contract, async (kv) => {
      const large = patternBytes(size, 7);
      await kv.commit([put("a", "before"), { put: key("b"), value: large }, put("c", "after")]);
      expectSame(await kv.get(key("b")), large);
      const [after, found, missing, before] = await kv.getMany([key("c"), key("b"), key("bb"), key("a")]);
      expectSame(found, large);
      expect([after, missing, before]).toEqual([text("after"), undefined, text("before")]);
      const entries = await kv.scan(ALL, { limit: 10 });
      expect(entries.map((entry) => entry.key)).toEqual([key("a"), key("b"), key("c")]);
      expectSame(entries[1]?.value, large);
    });
  });

  it("replaces a large value with a smaller one, a larger one and none", async () => {
    await withStore(contract, async (kv) => {
      for (const size of [5_000_000, 10, 4_100_000, 0, 1_950_000]) {
        await kv.commit([{ put: key("k"), value: patternBytes(size, size) }]);
        expectSame(await kv.get(key("k")), patternBytes(size, size));
        expect(await kv.scan(ALL, { limit: 10 })).toHaveLength(1);
      }
      await kv.commit([{ delete: key("k") }]);
      expect(await kv.get(key("k"))).toBeUndefined();
      expect(await kv.scan(ALL, { limit: 10 })).toEqual([]);
    });
  });

  it("refuses keys and values outside the limits, and changes nothing", async () => {
    await withStore(contract, async (kv) => {
      const good = put("kept-out", "x");
      const bad: KvOperation[] = [
        { put: new Uint8Array(0), value: text("x") },
        { put: new Uint8Array(MAX_KEY_BYTES + 1), value: text("x") },
        { put: key("x"), value: new Uint8Array(MAX_VALUE_BYTES + 1) },
        { delete: new Uint8Array(0) },
        { delete: new Uint8Array(MAX_KEY_BYTES + 1) },
      ];
      for (const operation of bad) await expectCode(kv.commit([good, operation]), "INVALID_ARGUMENT");
      await expectCode(kv.get(new Uint8Array(0)), "INVALID_ARGUMENT");
      await expectCode(kv.getMany([key("a"), new Uint8Array(MAX_KEY_BYTES + 1)]), "INVALID_ARGUMENT");
      await expectCode(kv.scan(ALL, { limit: 0 }), "INVALID_ARGUMENT");
      expect(await kv.scan(ALL, { limit: 10 })).toEqual([]);
      const longest = new Uint8Array(MAX_KEY_BYTES).fill(255);
      await kv.commit([{ put: longest, value: text("x") }]);
      expect(await kv.get(longest)).toEqual(text("x"));
    });
  });

  it("shares no bytes with its callers", async () => {
    await withStore(contract, async (kv) => {
      const backing = text("..value..");
      const name = key("k");
      const value = backing.subarray(2, 7);
      await kv.commit([{ put: name, value }]);
      backing.fill(0);
      name.fill(0);
      const first = await kv.get(key("k"));
      expect(first).toEqual(text("value"));
      first?.fill(0);
      const [second] = await kv.getMany([key("k")]);
      expect(second).toEqual(text("value"));
      second?.fill(0);
      const [entry] = await kv.scan(ALL, { limit: 1 });
      expect(entry).toEqual({ key: key("k"), value: text("value") });
      entry?.key.fill(0);
      entry?.value.fill(0);
      expect(await kv.scan(ALL, { limit: 1 })).toEqual([{ key: key("k"), value: text("value") }]);
    });
  });
}

function scanTests(contract: OrderedKvContract): void {
  it("orders keys by unsigned bytes, a prefix first", async () => {
    await withStore(contract, async (kv) => {
      const ordered = [[0], [0, 0], [0, 1], [1], [1, 255], [2, 0, 0], [127], [128], [200, 1], [255], [255, 255]];
      const shuffled = [...ordered].sort((left, right) => (left.length * 7 + (left[0] as number)) % 11 - right.length);
      await kv.commit(shuffled.map((bytes) => ({ put: new Uint8Array(bytes), value: new Uint8Array(bytes) })));
      const found = await kv.scan(ALL, { limit: 100 });
      expect(found.map((entry) => [...entry.key])).toEqual(ordered);
      const reversed = await kv.scan(ALL, { limit: 100, reverse: true });
      expect(reversed.map((entry) => [...entry.key])).toEqual([...ordered].reverse());
    });
  });

  it("includes the first key of a range and excludes the next", async () => {
    await withStore(contract, async (kv) => {
      await kv.commit(["a", "b", "c", "d"].map((name) => put(name, name)));
      const names = async (first: string, next: string, limit: number, reverse = false) =>
        (await kv.scan({ first: key(first), next: key(next) }, { limit, reverse })).map(nameOf);
      expect(await names("b", "d", 10)).toEqual(["b", "c"]);
      expect(await names("b", "d", 10, true)).toEqual(["c", "b"]);
      expect(await names("b", "d", 1)).toEqual(["b"]);
      expect(await names("b", "d", 1, true)).toEqual(["c"]);
      expect(await names("aa", "cc", 10)).toEqual(["b", "c"]);
      expect(await names("c", "c", 10)).toEqual([]);
      expect(await names("d", "a", 10)).toEqual([]);
      expect(await names("x", "z", 10, true)).toEqual([]);
    });
  });

  it("answers beyond any page of the backend, completely and in order", async () => {
    await withStore(contract, async (kv) => {
      const keys = Array.from({ length: MANY }, (_, i) => numberedKey(i));
      await kv.commit(keys.map((name, i) => ({ put: name, value: text(`value ${i}`) })));
      const found = await kv.scan(ALL, { limit: MANY + 10 });
      expect(found.map((entry) => entry.key)).toEqual(keys);
      expect(await kv.scan(ALL, { limit: MANY - 1 })).toHaveLength(MANY - 1);
      const reversed = await kv.scan(ALL, { limit: MANY, reverse: true });
      expect(reversed.map((entry) => entry.key)).toEqual([...keys].reverse());
      const wanted = keys.flatMap((name, i) => [name, key(`missing ${i}`)]).reverse();
      const values = await kv.getMany(wanted);
      expect(values.map((value) => value !== undefined)).toEqual(wanted.map((_, i) => i % 2 === 1));
      expect(values[1]).toEqual(text(`value ${MANY - 1}`));
      expect(values.at(-1)).toEqual(text("value 0"));
    });
  });

  it("scans large values beyond any page of the backend", async () => {
    await withStore(contract, async (kv) => {
      const sizes = [1_000_000, 3_000_000, 2_500_000, 1_999_999, 10, 2_000_001];
      await kv.commit(sizes.map((size, i) => ({ put: numberedKey(i), value: patternBytes(size, i) })));
      const found = await kv.scan(ALL, { limit: 4, reverse: true });
      expect(found.map((entry) => entry.value.length)).toEqual(sizes.slice(2).reverse());
      expectSame(found[3]?.value, patternBytes(2_500_000, 2));
      const [one] = await kv.scan({ first: numberedKey(1), next: numberedKey(9) }, { limit: 1 });
      expectSame(one?.value, patternBytes(3_000_000, 1));
    });
  });

  it("gets nothing for no keys", async () => {
    await withStore(contract, async (kv) => {
      expect(await kv.getMany([])).toEqual([]);
    });
  });
}

function commitTests(contract: OrderedKvContract): void {
  it("applies the operations of a batch in order", async () => {
    await withStore(contract, async (kv) => {
      await kv.commit(["a", "b", "c", "d", "e"].map((name) => put(name, "old")));
      await kv.commit([
        put("b", "new"),
        { deleteRange: { first: key("a"), next: key("c") } },
        put("a", "again"),
        { delete: key("d") },
        put("d", "1"),
        put("d", "2"),
        put("e", "gone"),
        { delete: key("e") },
        { delete: key("never there") },
        { deleteRange: { first: key("z"), next: key("x") } },
      ]);
      expect(await contents(kv)).toEqual({ a: "again", c: "old", d: "2" });
    });
  });

  it("deletes a range that holds more than a page, large values included", async () => {
    await withStore(contract, async (kv) => {
      const keys = Array.from({ length: MANY }, (_, i) => numberedKey(i));
      await kv.commit(keys.map((name) => ({ put: name, value: text("x") })));
      await kv.commit([{ put: numberedKey(500), value: patternBytes(4_000_000, 1) }]);
      await kv.commit([{ deleteRange: { first: numberedKey(1), next: numberedKey(MANY - 1) } }]);
      const left = await kv.scan(ALL, { limit: MANY });
      expect(left.map((entry) => entry.key)).toEqual([numberedKey(0), numberedKey(MANY - 1)]);
      await kv.commit([{ put: numberedKey(500), value: text("small") }]);
      expect(await kv.get(numberedKey(500))).toEqual(text("small"));
    });
  });

  it("refuses a commit whose expectation does not hold, and changes nothing", async () => {
    await withStore(contract, async (kv) => {
      const large = patternBytes(2_500_000, 3);
      await kv.commit([put("fence", "1"), { put: key("large"), value: large }]);
      const change: KvOperation[] = [put("fence", "3"), put("new", "x"), { delete: key("large") }];
      const failing: [Uint8Array, Uint8Array | undefined][] = [
        [key("fence"), text("2")],
        [key("fence"), new Uint8Array(0)],
        [key("fence"), undefined],
        [key("absent"), text("1")],
        [key("absent"), new Uint8Array(0)],
        [key("large"), patternBytes(2_500_000, 4)],
      ];
      for (const expectation of failing) {
        const both = [[key("fence"), text("1")] as const, expectation];
        await expectCode(kv.commit(change, { expect: both }), "STORAGE_CONFLICT");
      }
      expectSame(await kv.get(key("large")), large);
      expect(await kv.getMany([key("fence"), key("new")])).toEqual([text("1"), undefined]);
      await kv.commit(change, {
        expect: [[key("fence"), text("1")], [key("absent"), undefined], [key("large"), large]],
      });
      expect(await contents(kv)).toEqual({ fence: "3", new: "x" });
    });
  });

  it("lets one of two commits win that expect the same", async () => {
    await withStore(contract, async (kv) => {
      await kv.commit([put("fence", "0")]);
      const results = await Promise.allSettled(
        ["1", "2"].map((next) =>
          kv.commit([put("fence", next), put(`winner ${next}`, "")], { expect: [[key("fence"), text("0")]] })
        ),
      );
      expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
      const lost = results.find((result) => result.status === "rejected");
      expect(isSyncError(lost?.reason, "STORAGE_CONFLICT")).toBe(true);
      expect(Object.keys(await contents(kv))).toHaveLength(2);
    });
  });

  it("takes an empty batch", async () => {
    await withStore(contract, async (kv) => {
      await kv.commit([]);
      await expectCode(kv.commit([], { expect: [[key("a"), text("x")]] }), "STORAGE_CONFLICT");
    });
  });
}

function lifeTests(contract: OrderedKvContract): void {
  it("holds what was committed when it is opened again", async () => {
    const fixture = await contract.create();
    const first = await fixture.open();
    await first.commit([put("a", "1"), put("b", "2"), { put: key("c"), value: patternBytes(3_000_000, 5) }]);
    await first.commit([{ delete: key("a") }]);
    await first.close();
    const second = await fixture.open();
    expect(await second.getMany([key("a"), key("b")])).toEqual([undefined, text("2")]);
    expectSame(await second.get(key("c")), patternBytes(3_000_000, 5));
    await second.close();
    await fixture.dispose?.();
  });

  it("refuses to be used after it is closed, and to mind being closed twice", async () => {
    const fixture = await contract.create();
    const kv = await fixture.open();
    await kv.close();
    await kv.close();
    await expectCode(kv.get(key("a")), "STORAGE_FAILED");
    await expectCode(kv.getMany([key("a")]), "STORAGE_FAILED");
    await expectCode(kv.scan(ALL, { limit: 1 }), "STORAGE_FAILED");
    await expectCode(kv.commit([put("a", "1")]), "STORAGE_FAILED");
    await fixture.dispose?.();
  });

  it("shows every commit to a reader that was open before it", async (context) => {
    const fixture = await contract.create();
    if (fixture.openReader === undefined) return context.skip("the backend has one handle only");
    const writer = await fixture.open();
    await writer.commit([put("a", "0")]);
    const reader = await fixture.openReader();
    for (const value of ["1", "2", "3"]) {
      await writer.commit([put("a", value), put(`n${value}`, value)]);
      expect(await reader.get(key("a"))).toEqual(text(value));
      expect(await reader.getMany([key(`n${value}`)])).toEqual([text(value)]);
      expect(await reader.scan(ALL, { limit: 10 })).toHaveLength(1 + Number(value));
    }
    await reader.close();
    await writer.close();
    await fixture.dispose?.();
  });
}

const ALL: KvRange = { first: new Uint8Array([0]), next: new Uint8Array(MAX_KEY_BYTES + 1).fill(255) };

async function withStore(contract: OrderedKvContract, test: (kv: OrderedKv) => Promise<void>): Promise<void> {
  const fixture = await contract.create();
  const kv = await fixture.open();
  try {
    await test(kv);
  } finally {
    await kv.close();
    await fixture.dispose?.();
  }
}

async function expectCode(promise: Promise<unknown>, code: SyncErrorCode): Promise<void> {
  await expect(promise).rejects.toSatisfy((error) => isSyncError(error, code));
}

/** `toEqual` on megabytes takes seconds. */
function expectSame(actual: Uint8Array | undefined, expected: Uint8Array): void {
  expect(actual?.length).toBe(expected.length);
  expect(actual !== undefined && equalBytes(actual, expected)).toBe(true);
}

async function contents(kv: OrderedKv): Promise<Record<string, string>> {
  const entries = await kv.scan(ALL, { limit: 1_000 });
  return Object.fromEntries(entries.map((entry) => [nameOf(entry), new TextDecoder().decode(entry.value)]));
}

function nameOf(entry: KvEntry): string {
  return new TextDecoder().decode(entry.key);
}

function put(name: string, value: string): KvOperation {
  return { put: key(name), value: text(value) };
}

function key(name: string): Uint8Array {
  return text(name);
}

/** A fresh buffer of its own, as `TextEncoder` may hand out views. */
function text(value: string): Uint8Array {
  return Uint8Array.from(new TextEncoder().encode(value));
}

function numberedKey(i: number): Uint8Array {
  return new Uint8Array([i >> 8, i & 255]);
}

function patternBytes(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 17 + seed) & 255;
  return bytes;
}
