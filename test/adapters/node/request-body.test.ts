import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { FetchHandler } from "../../../adapters/cli/platform.ts";
import { readBoundedBody } from "../../../adapters/http/bounded-body.ts";
import { NODE_PLATFORM } from "../../../adapters/node/node-platform.ts";
import { discardBody } from "../../../adapters/node/request-body.ts";

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
const refuseLong: FetchHandler = async ({ method, body }) => {
  if (method === "GET") return new Response("got");
  const limit = { maxBytes: MAX_BODY_BYTES, code: "TOO_LARGE" } as const;
  return await readBoundedBody(body, limit).then(() => new Response("taken"), () => new Response("refused"));
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

async function listen(): Promise<number> {
  const listener = await NODE_PLATFORM.listen(refuseLong, { hostname: "127.0.0.1", port: 0 });
  cleanups.push(() => listener.close(0));
  return Number(new URL(listener.url).port);
}

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

  it("is not taken without end", async () => {
    const { socket, told, isClosed } = await open(await listen());
    socket.write(HEAD + CHUNK);
    await expect.poll(told).toMatch(/refused/);
    let sent = 0;
    while (!isClosed() && sent < 1_000) {
      socket.write(CHUNK);
      sent += 1;
      await pause(1);
    }
    expect(isClosed()).toBe(true);
  });

  it("is not waited for for ever", async () => {
    const server = createServer((request, response) => {
      response.end("refused");
      discardBody(request, { maxBytes: 1024 * 1024, maxMs: 200 });
    });
    cleanups.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { socket, told, isClosed } = await open((server.address() as AddressInfo).port);
    socket.write(HEAD + CHUNK);
    await expect.poll(told).toMatch(/refused/);
    expect(isClosed()).toBe(false);
    await expect.poll(isClosed).toBe(true);
  });
});
