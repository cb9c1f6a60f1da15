import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { FetchHandler } from "../../../adapters/cli/platform.ts";
import { readBoundedBody } from "../../../adapters/http/bounded-body.ts";
import { NODE_PLATFORM } from "../../../adapters/node/node-platform.ts";
import { discardUnreadBodies } from "../../../adapters/node/request-body.ts";

const MAX_BODY_BYTES = 65_536;
/** One chunk of a body whose length nobody said, above what any reader takes at once. */
const CHUNK = `${(2 * MAX_BODY_BYTES).toString(16)}\r\n${"a".repeat(2 * MAX_BODY_BYTES)}\r\n`;
const HEAD = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
const END = "0\r\n\r\n";

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Refuses what is too long, without reading it whole, as the storage service does. */
const refuseLong: FetchHandler = async (request) => {
  if (request.method === "GET") return new Response("got");
  if (Number(request.headers.get("content-length")) > MAX_BODY_BYTES) return new Response("refused");
  const limit = { maxBytes: MAX_BODY_BYTES, code: "TOO_LARGE" } as const;
  return await readBoundedBody(request.body, limit).then(() => new Response("taken"), () => new Response("refused"));
};

/** Tells how many bytes came, and what they sum up to. */
const tell: FetchHandler = async ({ body }) => {
  const bytes = await readBoundedBody(body, { maxBytes: 2 * MAX_BODY_BYTES, code: "TOO_LARGE" });
  return new Response(`${bytes.length} bytes, sum ${bytes.reduce((sum, byte) => sum + byte, 0)}`);
};

/** A client that shows all that it was told, and whether the other side has closed. */
async function open(port: number): Promise<{ socket: Socket; told(): string; isClosed(): boolean }> {
  const socket = connect(port, "127.0.0.1");
  cleanups.push(() => socket.destroy());
  let told = "";
  let isClosed = false;
  socket.on("data", (bytes) => told += bytes.toString("latin1"));
  socket.on("error", () => {});
  socket.on("close", () => isClosed = true);
  await new Promise((resolve) => socket.once("connect", resolve));
  return { socket, told: () => told, isClosed: () => isClosed };
}

async function listen(handler = refuseLong): Promise<number> {
  const listener = await NODE_PLATFORM.listen(handler, { hostname: "127.0.0.1", port: 0 });
  cleanups.push(() => listener.close(0));
  return Number(new URL(listener.url).port);
}

describe("a body whose length nobody said", () => {
  it.each([
    ["nothing", [], 0],
    ["a byte at a time", Array.from({ length: 3_000 }, () => 1), 3_000],
    ["parts of all sizes", [1, 40_000, 7, 25_528], MAX_BODY_BYTES],
    ["one byte too many", [MAX_BODY_BYTES, 1], MAX_BODY_BYTES + 1],
    ["far too many", [60_000, 60_000, 60_000], MAX_BODY_BYTES + 1],
  ])("is read as it was sent, up to one byte above the longest: %s", async (_, sizes, length) => {
    const { socket, told } = await open(await listen(tell));
    socket.write(HEAD);
    for (const size of sizes) socket.write(`${size.toString(16)}\r\n${"\u0001".repeat(size)}\r\n`);
    socket.write(END);
    await expect.poll(told).toContain(`${length} bytes, sum ${length}`);
  });
});

describe("a body that was refused before it was read whole", () => {
  it.each([["all of it had come", 0], ["its sender pauses", 700]])(
    "leaves its connection to the next request when %s",
    async (_, pauseMs) => {
      const { socket, told, isClosed } = await open(await listen());
      socket.write(HEAD + CHUNK + CHUNK);
      if (pauseMs === 0) socket.write(END);
      await expect.poll(told).toMatch(/refused/);
      if (pauseMs > 0) {
        await pause(pauseMs);
        socket.write(CHUNK + END);
      }
      // Longer than the HTTP adapter's own cleaning waits until it closes the connection.
      await pause(700);
      socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
      await expect.poll(told).toMatch(/refused[\s\S]*got/);
      expect(isClosed()).toBe(false);
    },
  );

  it.each([
    ["whose length nobody said", HEAD],
    ["whose length was said", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10000000000\r\n\r\n"],
    ["of a method that has none", HEAD.replace("POST", "GET")],
    ["of what is no request", HEAD.replace("host: a", "host: a b")],
  ])("is not taken without end, %s", async (_, head) => {
    const { socket, told, isClosed } = await open(await listen());
    socket.write(head + CHUNK);
    await expect.poll(told).toMatch(/HTTP/);
    let sent = 0;
    while (!isClosed() && sent < 1_000) {
      socket.write(CHUNK);
      sent += 1;
      await pause(1);
    }
    expect(isClosed()).toBe(true);
  });

  it.each([["after it was begun", MAX_BODY_BYTES], ["before it was begun", undefined]])(
    "is not taken without end where its reader gave it up %s",
    async (_, maxBytes) => {
      const port = await listen(async ({ body }) => {
        if (maxBytes !== undefined) await readBoundedBody(body, { maxBytes, code: "TOO_LARGE" }).catch(() => {});
        return new Response("refused");
      });
      const { socket, isClosed } = await open(port);
      socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10000000000\r\n\r\n`);
      for (let sent = 0; sent < 1_000 && !isClosed(); sent++) {
        socket.write(CHUNK);
        await pause(1);
      }
      expect(isClosed()).toBe(true);
    },
  );

  it("is not waited for for ever", async () => {
    const server = createServer((_, response) => response.end("refused"));
    discardUnreadBodies(server, { maxBytes: 1024 * 1024, maxMs: 200 });
    cleanups.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { socket, told, isClosed } = await open((server.address() as AddressInfo).port);
    socket.write(HEAD + CHUNK);
    await expect.poll(told).toMatch(/refused/);
    expect(isClosed()).toBe(false);
    await expect.poll(isClosed).toBe(true);
  });
});
