import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openSqliteKv } from "../../../adapters/sqlite/sqlite-kv.ts";
import { isSyncError, type SyncErrorCode } from "../../../core/errors.ts";
import type { OrderedKv } from "../../../core/ports/ordered-kv.ts";
import { describeOrderedKv } from "../../contract/ordered-kv.ts";

const WRITER = new URL("../../helpers/kv-writer-process.ts", import.meta.url).pathname;
const ALL = { first: new Uint8Array([0]), next: new Uint8Array([255, 255]) };

function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), "velor-kv-"));
}

describeOrderedKv({
  name: "sqlite",
  create: async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "kv.sqlite");
    return {
      open: async () => openSqliteKv({ path, mode: "write" }),
      openReader: async () => openSqliteKv({ path, mode: "read" }),
      dispose: async () => rmSync(directory, { recursive: true }),
    };
  },
});

/** Runs the writer in a process of its own, killed and cleaned up with the test. */
function startWriter(path: string, mode: string): ChildProcess {
  const flags = "Deno" in globalThis ? ["run", "-A"] : [];
  const child = spawn(process.execPath, [...flags, WRITER, path, mode], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Resolves when the child has printed `count` more lines, with the last one. */
async function lines(child: ChildProcess, count: number): Promise<string> {
  return await new Promise((resolve, reject) => {
    let seen = 0;
    const onData = (data: Uint8Array) => {
      const found = new TextDecoder().decode(data).trim().split("\n");
      seen += found.length;
      if (seen < count) return;
      child.stdout?.off("data", onData);
      resolve(found.at(-1) as string);
    };
    child.stdout?.on("data", onData);
    child.once("exit", (code) => reject(new Error(`The writer ended early with ${code}`)));
  });
}

async function killed(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exited;
}

function path(): string {
  const directory = temporaryDirectory();
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "kv.sqlite");
}

function codeOf(run: () => unknown): SyncErrorCode | undefined {
  try {
    run();
  } catch (error) {
    if (isSyncError(error)) return error.code;
    throw error;
  }
  return undefined;
}

/** Every batch of the writer process has 20 rows of 100 kB that hold the batch's number. */
async function wholeBatches(kv: OrderedKv): Promise<number> {
  const rows = await kv.scan(ALL, { limit: 100_000 });
  expect(rows.length % 20).toBe(0);
  for (const [i, row] of rows.entries()) {
    const batch = Math.floor(i / 20);
    expect([row.value.length, row.value[0], row.value.at(-1)]).toEqual([100_000, batch & 255, batch & 255]);
  }
  return rows.length / 20;
}

describe("SQLite store and processes", () => {
  it(
    "shows all of a batch or nothing of it after a kill during commit, and keeps every acknowledged batch",
    async () => {
      const file = path();
      for (let round = 0; round < 4; round++) {
        const child = startWriter(file, "commit");
        const acknowledged = Number(await lines(child, 3 + 5 * round));
        await killed(child);
        const kv = openSqliteKv({ path: file, mode: "write" });
        expect(await wholeBatches(kv)).toBeGreaterThanOrEqual(acknowledged);
        await kv.close();
      }
    },
    60_000,
  );

  it("keeps a second writer out until the first process is gone, and lets readers in meanwhile", async () => {
    const file = path();
    const child = startWriter(file, "hold");
    await lines(child, 1);
    expect(codeOf(() => openSqliteKv({ path: file, mode: "write" }))).toBe("STORAGE_LOCKED");
    const reader = openSqliteKv({ path: file, mode: "read" });
    expect(await wholeBatches(reader)).toBe(1);
    await killed(child);
    const writer = openSqliteKv({ path: file, mode: "write" });
    await writer.commit([{ delete: new Uint8Array([9]) }]);
    await writer.close();
    await reader.close();
  }, 30_000);

  it("shows the commits of another process to a reader that stays open", async () => {
    const file = path();
    const child = startWriter(file, "commit");
    await lines(child, 1);
    const reader = openSqliteKv({ path: file, mode: "read" });
    let seen = await wholeBatches(reader);
    for (let i = 0; i < 3; i++) {
      const acknowledged = Number(await lines(child, 2));
      const now = await wholeBatches(reader);
      expect(now).toBeGreaterThanOrEqual(acknowledged);
      expect(now).toBeGreaterThan(seen);
      seen = now;
    }
    await reader.close();
  }, 30_000);

  it("keeps a second writer of the same process out", async () => {
    const file = path();
    const first = openSqliteKv({ path: file, mode: "write" });
    expect(codeOf(() => openSqliteKv({ path: file, mode: "write" }))).toBe("STORAGE_LOCKED");
    await first.close();
    const second = openSqliteKv({ path: file, mode: "write" });
    await second.close();
  });

  it("refuses to read a store that does not exist, without creating it", () => {
    const file = path();
    expect(codeOf(() => openSqliteKv({ path: file, mode: "read" }))).toBe("STORAGE_FAILED");
    expect(readdirSync(join(file, ".."))).toEqual([]);
  });

  it("refuses to write through a reader", async () => {
    const file = path();
    const writer = openSqliteKv({ path: file, mode: "write" });
    const reader = openSqliteKv({ path: file, mode: "read" });
    const batch = [{ put: new Uint8Array([1]), value: new Uint8Array([1]) }];
    await expect(reader.commit(batch)).rejects.toSatisfy((error) => isSyncError(error, "STORAGE_FAILED"));
    expect(await writer.get(new Uint8Array([1]))).toBeUndefined();
    await reader.close();
    await writer.close();
  });

  it("refuses a file that is no database", async () => {
    const { writeFileSync } = await import("node:fs");
    const file = path();
    writeFileSync(file, "not a database, but long enough to have a header of one hundred bytes ".repeat(20));
    expect(codeOf(() => openSqliteKv({ path: file, mode: "write" }))).toBe("STORAGE_FAILED");
    expect(codeOf(() => openSqliteKv({ path: file, mode: "read" }))).toBe("STORAGE_FAILED");
  });
});
