import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { decodeResponse } from "../../core/wire/response.ts";
import { type DeployedWorker, type DeployedWorkerOptions, startDeployedWorker } from "../helpers/deployed-worker.ts";

const WAYPOINT = `0:${"1f".repeat(32)}`;

let worker: DeployedWorker;
let upstream: Upstream | undefined;

afterEach(async () => {
  await worker.close();
  upstream?.close();
  upstream = undefined;
});

/** A peer that takes every request, and never answers one. */
interface Upstream {
  readonly url: string;
  /** Requests so far. */
  readonly asked: number;
  close(): void;
}

async function startUpstream(): Promise<Upstream> {
  let asked = 0;
  const server: Server = createServer(() => asked++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The upstream has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    get asked() {
      return asked;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function start(options: Partial<DeployedWorkerOptions>): Promise<void> {
  worker = await startDeployedWorker({ WAYPOINT, UPSTREAM: upstream?.url ?? "", ...options });
}

async function ask(path: string): Promise<{ status: number; bytes: Uint8Array }> {
  const response = await fetch(worker.url + path);
  return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
}

/** What was logged with this message. */
function reasonsOf(message: string): string[] {
  const records = worker.logLines.map((line) => JSON.parse(line) as { message: string; reason: string });
  return records.filter((record) => record.message === message).map(({ reason }) => reason);
}

describe("the object", () => {
  it("is woken by the schedule, and begins to sync, where nobody ever asked", async () => {
    upstream = await startUpstream();
    await start({});
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(upstream.asked).toBe(0);
    await worker.schedule();
    await expect.poll(() => upstream?.asked, { timeout: 10_000 }).toBeGreaterThan(0);
  });

  it("begins the next slice at once when one is over, which is no failure", async () => {
    upstream = await startUpstream();
    await start({ SLICE_MS: 200 });
    await ask("/v1/peers");
    // After a failure the next slice would wait five seconds.
    await expect.poll(() => upstream?.asked, { timeout: 4_500 }).toBeGreaterThan(3);
    expect(reasonsOf("Cannot sync")).toEqual([]);
  });

  it("answers though its alarm cannot be set, and logs why", async () => {
    await start({ FAULT: "alarm", UPSTREAM: "http://127.0.0.1:1", SLICE_MS: 200 });
    expect((await ask("/v1/peers")).status).toBe(200);
    await expect.poll(() => reasonsOf("Cannot set alarm")).toEqual(["Error: SQLITE_FULL"]);
    // The platform would repeat an alarm that throws.
    const alarm = await ask("/probe/alarm");
    expect(new TextDecoder().decode(alarm.bytes)).toBe('"done"');
    await expect.poll(() => reasonsOf("Cannot set alarm")).toHaveLength(2);
    expect(reasonsOf("Cannot open ledger")).toEqual([]);
  });

  it("tells its clients nothing of a storage that fails, and its operator what failed", async () => {
    await start({ FAULT: "storage" });
    const { status, bytes } = await ask("/v1/peers");
    expect(status).toBe(503);
    const { error } = decodeResponse(bytes, { maxBytes: 1_000 });
    expect(error?.message).toBe("Cannot answer: the ledger cannot be opened");
    await expect.poll(() => reasonsOf("Cannot open ledger")).toEqual(["SyncError: Cannot commit: SQLITE_FULL"]);
  });
});
