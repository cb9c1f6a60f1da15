import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { createFetchTransport } from "../../../adapters/http/http-transport.ts";
import { createStorageServiceApp } from "../../../adapters/http/storage-service-app.ts";
import type { RequestRecord } from "../../../adapters/http/request-log.ts";
import { nodeSha3 } from "../../../adapters/node/node-sha3.ts";
import { NODE_PLATFORM } from "../../../adapters/node/node-platform.ts";
import { isSyncError } from "../../../core/errors.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import { encodeRequest } from "../../../core/wire/request.ts";
import { decodeResponse } from "../../../core/wire/response.ts";
import { buildDevnetWorld } from "../../helpers/devnet-world.ts";
import { serverOf } from "../../helpers/http-world.ts";

const OPTIONS = { timeoutMs: 20_000, maxResponseBytes: 1 << 20 };
const MESSAGE = { path: "/v1/summary", body: new Uint8Array() };
const versionRequest = encodeRequest(new Uint8Array(32), { kind: "getServerProtocolVersion" });
const open: { close(): unknown }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serving(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const transport = createFetchTransport({ fetch: (url, init) => fetch(url, init), maxConcurrent: 64 });

async function failure(url: string, maxResponseBytes = OPTIONS.maxResponseBytes): Promise<string> {
  const error = await transport.send(url, MESSAGE, { ...OPTIONS, maxResponseBytes }).catch((reason: unknown) => reason);
  return isSyncError(error) ? error.code : `no SyncError: ${error}`;
}

describe("over sockets", () => {
  it("a client gets what the service says, through the light Response of the Node server", async () => {
    const world = await buildDevnetWorld({ blocks: 1 });
    const server = serverOf(world);
    const app = createStorageServiceApp({ server, sha3: nodeSha3, nowMs: () => Date.now(), log: SILENT_LOG });
    const light: boolean[] = [];
    const listener = await NODE_PLATFORM.listen(async (request) => {
      const response = await app.fetch(request);
      // The server keeps the parts of a light Response under a symbol of its own until somebody asks for a real one.
      light.push(Object.getOwnPropertySymbols(response).some(({ description }) => description === "cache"));
      return response;
    }, { hostname: "127.0.0.1", port: 0 });
    open.push(listener);
    const frame = await transport.send(listener.url, MESSAGE, OPTIONS);
    const { response } = decodeResponse(frame, { maxBytes: 1 << 20 });
    expect(response?.kind).toBe("storageServerSummary");
    const posted = await transport.send(listener.url, { body: versionRequest }, OPTIONS);
    expect(decodeResponse(posted, { maxBytes: 100 }).response?.kind).toBe("serverProtocolVersion");
    expect(light).toEqual([true, true]);
    const hash = world.context.hasher.hash(new Uint8Array(0), frame);
    expect(nodeSha3(frame)).toEqual(hash);
    const headed = await fetch(`${listener.url}/v1/summary`, { method: "HEAD" });
    expect(headed.headers.get("content-length")).toBe(String(frame.length));
  });

  it("a bomb of a thousandfold is cut at the limit, and a body of the right size is inflated", async () => {
    const small = gzipSync(new Uint8Array(1 << 20));
    const bomb = gzipSync(new Uint8Array(1 << 28));
    const url = (body: Uint8Array) =>
      serving((_, response) => {
        response.writeHead(200, { "content-type": "application/cbor", "content-encoding": "gzip" });
        response.end(body);
      });
    expect((await transport.send(await url(small), MESSAGE, OPTIONS)).length).toBe(1 << 20);
    const before = process.memoryUsage().arrayBuffers;
    expect(await failure(await url(bomb))).toBe("LIMIT_EXCEEDED");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 26);
  });

  it("a body that breaks off is a broken connection, a content coding that is a lie too", async () => {
    const cut = await serving((_, response) => {
      response.writeHead(200, { "content-type": "application/cbor", "content-length": "100" });
      response.write("abc", () => response.destroy());
    });
    expect(await failure(cut)).toBe("CONNECTION_FAILED");
    const lie = await serving((_, response) => {
      response.writeHead(200, { "content-type": "application/cbor", "content-encoding": "gzip" });
      response.end("not gzip");
    });
    expect(await failure(lie)).toBe("CONNECTION_FAILED");
  });

  it("a redirect is not followed", async () => {
    let reached = false;
    const inner = await serving((_, response) => {
      reached = true;
      response.end();
    });
    const outer = await serving((_, response) => {
      response.writeHead(302, { location: `${inner}/v1/summary` });
      response.end();
    });
    expect(await failure(outer)).toBe("CONNECTION_FAILED");
    expect(reached).toBe(false);
  });

  it("nobody listening is a failed connection", async () => {
    const url = await serving(() => {});
    await Promise.all(open.splice(0).map((server) => new Promise((resolve) => (server as Server).close(resolve))));
    expect(await failure(url)).toBe("CONNECTION_FAILED");
  });

  it("a request whose body breaks off is no failure of ours", async () => {
    const errors: string[] = [];
    const records: RequestRecord[] = [];
    const app = createStorageServiceApp({
      server: serverOf(await buildDevnetWorld({ blocks: 0 })),
      sha3: nodeSha3,
      nowMs: () => 0,
      log: { ...SILENT_LOG, error: (message) => errors.push(message) },
      onRequest: (record) => records.push(record),
    });
    const listener = await NODE_PLATFORM.listen((request) => app.fetch(request), { hostname: "127.0.0.1", port: 0 });
    open.push(listener);
    const bodies = ["content-length: 100\r\n\r\nhello", "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"];
    for (const [i, body] of bodies.entries()) {
      const socket = connect(Number(new URL(listener.url).port), "127.0.0.1");
      socket.write(`POST /v1/request HTTP/1.1\r\nhost: a\r\n${body}`);
      setTimeout(() => socket.destroy(), 100);
      await expect.poll(() => records.length).toBe(i + 1);
    }
    // Node notices that the client is gone before it gives the body up.
    expect(records.map(({ status }) => status)).toEqual([499, 499]);
    expect(errors).toEqual([]);
  });

  it("an overlong head and a broken request line do not reach the service, and dots in a path are resolved before it", async () => {
    const server = serverOf(await buildDevnetWorld({ blocks: 0 }));
    const app = createStorageServiceApp({ server, sha3: nodeSha3, nowMs: () => 0, log: SILENT_LOG });
    const listener = await NODE_PLATFORM.listen((request) => app.fetch(request), { hostname: "127.0.0.1", port: 0 });
    open.push(listener);
    const port = Number(new URL(listener.url).port);
    expect(await raw(port, `GET /v1/summary HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`)).toContain(
      " 431 ",
    );
    expect(await raw(port, "GARBAGE\r\n\r\n")).toContain(" 400 ");
    const get = (path: string) => raw(port, `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    expect(await get("/v1/../v1/summary")).toContain(" 200 ");
    expect(await get("/v1/../summary")).toContain(" 404 ");
  });
});

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (answer.includes("\r\n")) socket.destroy();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}
