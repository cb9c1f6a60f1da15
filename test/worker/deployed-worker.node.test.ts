import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFetchTransport } from "../../adapters/http/http-transport.ts";
import { createMemoryKv } from "../../adapters/memory/memory-kv.ts";
import { encodeHex } from "../../core/bytes/hex.ts";
import { formatWaypoint } from "../../core/trust/waypoint.ts";
import { encodeFrame } from "../../core/wire/frame.ts";
import { decodeResponse } from "../../core/wire/response.ts";
import { startDeployedWorker } from "../helpers/deployed-worker.ts";
import { buildDevnetWorld, type DevnetWorld, ledgerSummary, setUpSync } from "../helpers/devnet-world.ts";
import { type SeededWorker, startSeededWorker } from "../helpers/seeded-worker.ts";
import { velorSyncJson } from "../helpers/velor-sync-process.ts";

let world: DevnetWorld;
let seeded: SeededWorker;
let directory: string;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 8 });
  seeded = await startSeededWorker(world);
  directory = await mkdtemp(join(tmpdir(), "velor-sync-"));
});

afterAll(async () => {
  await seeded?.close();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

describe("the deployed Worker", () => {
  it("has nothing of Node: no Buffer, no process, no import of a node: module", async () => {
    const globals = await (await fetch(`${seeded.worker.url}/globals`)).json();
    expect(globals).toEqual({
      Buffer: "undefined",
      process: "undefined",
      require: "undefined",
      setImmediate: "undefined",
      global: "undefined",
    });
    expect(seeded.worker.bundle).not.toMatch(/(?:from|import|import\()\s*["']node:/);
    expect(seeded.worker.bundle).not.toContain("cbor-extract");
  });

  it("brings its Durable Object in step with its upstream, and serves the same bytes under the same tags", async () => {
    const end = (await world.ledger.epochEndings(1n, 1))[0]?.ledgerInfo.commitInfo.version ?? 0n;
    const paths = [
      "/v1/epochs/0-1",
      `/v1/outputs/2-3@${end}`,
      `/v1/transactions+events/2-3@${end}`,
      `/v1/states/${end}/count`,
      `/v1/states/${end}/0-7`,
      `/v1/state/${end}/${"5a".repeat(32)}@${end}`,
    ];
    for (const path of paths) {
      const [ours, theirs] = await Promise.all([fetch(seeded.worker.url + path), fetch(seeded.upstreamUrl + path)]);
      expect([path, ours.status, theirs.status]).toEqual([path, 200, 200]);
      expect(ours.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect([path, ours.headers.get("etag")]).toEqual([path, theirs.headers.get("etag")]);
      expect(new Uint8Array(await ours.arrayBuffer())).toEqual(new Uint8Array(await theirs.arrayBuffer()));
    }
  });

  it("is a peer to sync from, to equal roots", async () => {
    const transport = createFetchTransport({ fetch: (url, init) => fetch(url, init) });
    const { driver, ledger } = await setUpSync({ world, transport, peers: [seeded.worker.url], kv: createMemoryKv() });
    await driver.run();
    expect(await ledgerSummary(world.context, ledger)).toEqual(await ledgerSummary(world.context, world.ledger));
  });

  it("is what velor-sync syncs from under Deno", async () => {
    const { stateRootHash, accumulatorRootHash, committedVersion: version } = await ledgerSummary(
      world.context,
      world.ledger,
    );
    const args = ["sync", "--peer", seeded.worker.url, "--waypoint", formatWaypoint(world.waypoint)];
    expect(await velorSyncJson([...args, "--store", join(directory, "deno")], "deno")).toMatchObject({
      version: String(version),
      stateRootHash: encodeHex(stateRootHash as Uint8Array),
      accumulatorRootHash: encodeHex(accumulatorRootHash as Uint8Array),
    });
  });

  it("answers conditional, HEAD and broken requests as on other runtimes", async () => {
    const path = "/v1/epochs/0-1";
    const response = await fetch(seeded.worker.url + path);
    const etag = response.headers.get("etag") ?? "";
    const length = (await response.arrayBuffer()).byteLength;
    const again = await fetch(seeded.worker.url + path, { headers: { "if-none-match": etag } });
    expect(again.status).toBe(304);
    const head = await fetch(seeded.worker.url + path, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.headers.get("content-length")).toBe(String(length));
    expect((await fetch(`${seeded.worker.url}/v1/epochs/00-1`)).status).toBe(400);
    const frames: [body: Uint8Array, status: number][] = [
      [new Uint8Array(60_000).fill(0x81), 400],
      [new Uint8Array(65_537), 413],
      [encodeFrame(new Uint8Array(32).fill(1), 4, []), 400],
      [encodeFrame(new Uint8Array(32), 4, []), 200],
    ];
    for (const [body, status] of frames) {
      const init = { method: "POST", body: body as Uint8Array<ArrayBuffer> };
      const answer = await fetch(`${seeded.worker.url}/v1/request`, init);
      expect(answer.status).toBe(status);
      const { error } = decodeResponse(new Uint8Array(await answer.arrayBuffer()), { maxBytes: 1 << 20 });
      expect(error === undefined).toBe(status === 200);
    }
  });

  it("goes on where it stood after a restart, and follows its upstream", async () => {
    await seeded.restart({ UPSTREAM: "" });
    await seeded.caughtUp();
    await world.devnet.produceBlock();
    await seeded.restart();
    await seeded.caughtUp();
    await world.devnet.produceBlock();
    await seeded.caughtUp();
  });

  it("says 503, and nothing else, while it is not configured", async () => {
    const idle = await startDeployedWorker({ WAYPOINT: "", UPSTREAM: "" });
    try {
      const response = await fetch(`${idle.url}/v1/summary`);
      expect(response.status).toBe(503);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("retry-after")).toBe("1");
      const { error } = decodeResponse(new Uint8Array(await response.arrayBuffer()), { maxBytes: 1_000 });
      expect(error?.code).toBe("INTERNAL");
    } finally {
      await idle.close();
    }
  });
});
