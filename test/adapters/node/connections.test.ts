import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  type ConnectionCount,
  type ConnectionLimits,
  type Connections,
  followConnections,
} from "../../../adapters/node/connections.ts";

const LIMITS: ConnectionLimits = { maxUnanswered: 8, graceMs: 200, minBytesPerSecond: 64 * 1024 * 1024 };
/** More than the system takes over a connection of which the other side reads nothing. */
const LARGE_BYTES = 32 * 1024 * 1024;

interface Serving {
  readonly server: Server;
  readonly connections: Connections;
  /** Responses of all requests, in order; what to do with them is up to the test. */
  readonly responses: ServerResponse[];
  open(): Promise<Socket>;
}

const opened: Serving[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(opened.splice(0).map(({ connections }) => connections.close(0)));
});

async function serve(limits = LIMITS, count: ConnectionCount = { maxConnections: 100 }): Promise<Serving> {
  const responses: ServerResponse[] = [];
  const server = createServer();
  const connections = followConnections(server, count, limits);
  server.on("request", (_, response) => responses.push(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const open = () =>
    new Promise<Socket>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(socket));
      socket.on("error", () => {});
      sockets.push(socket);
    });
  const serving = { server, connections, responses, open };
  opened.push(serving);
  return serving;
}

function requests(count: number): string {
  return "GET / HTTP/1.1\r\nhost: a\r\n\r\n".repeat(count);
}

function connectionCount({ server }: Serving): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => error === null ? resolve(count) : reject(error))
  );
}

describe("a connection", () => {
  it("on top of those there may be is closed and told, until one of them ends", async () => {
    let dropped = 0;
    const serving = await serve(LIMITS, { maxConnections: 2, onDrop: () => dropped++ });
    const [first] = [await serving.open(), await serving.open()];
    const third = await serving.open();
    await new Promise((resolve) => third.resume().once("close", resolve));
    expect(dropped).toBe(1);
    expect(await connectionCount(serving)).toBe(2);
    first.destroy();
    await expect.poll(() => connectionCount(serving)).toBe(1);
    (await serving.open()).write(requests(1));
    await expect.poll(() => serving.responses.length).toBe(1);
    expect(dropped).toBe(1);
  });

  it("is closed if it sends more requests than may be unanswered", async () => {
    const serving = await serve();
    const [polite, greedy] = [await serving.open(), await serving.open()];
    polite.write(requests(LIMITS.maxUnanswered));
    await expect.poll(() => serving.responses.length).toBe(LIMITS.maxUnanswered);
    greedy.write(requests(LIMITS.maxUnanswered + 1));
    await new Promise((resolve) => greedy.resume().once("close", resolve));
    expect(await connectionCount(serving)).toBe(1);
  });

  it("may send any number of requests if answers come in between", async () => {
    const serving = await serve();
    const socket = await serving.open();
    let answers = 0;
    socket.on("data", (bytes) => answers += bytes.toString().split("HTTP/1.1 200").length - 1);
    for (let round = 1; round <= 5; round++) {
      socket.write(requests(LIMITS.maxUnanswered));
      await expect.poll(() => serving.responses.length).toBe(LIMITS.maxUnanswered);
      for (const response of serving.responses.splice(0)) response.end("a");
      await expect.poll(() => answers).toBe(round * LIMITS.maxUnanswered);
    }
  });

  it("is closed if it does not take an answer, and not while there is none", async () => {
    const serving = await serve();
    const [idle, stuck] = [await serving.open(), await serving.open()];
    for (const socket of [idle, stuck]) socket.pause().write(requests(1));
    await expect.poll(() => serving.responses.length).toBe(2);
    serving.responses[1]?.end(new Uint8Array(LARGE_BYTES));
    await expect.poll(() => connectionCount(serving), { timeout: 5_000 }).toBe(1);
    expect(serving.responses[0]?.destroyed, "what is not answered yet may wait").toBe(false);
  });

  it("is kept while an answer waits behind one that is not there yet", async () => {
    const serving = await serve();
    const socket = await serving.open();
    let answers = 0;
    socket.on("data", (bytes) => answers += bytes.toString().split("HTTP/1.1 200").length - 1);
    socket.write(requests(2));
    await expect.poll(() => serving.responses.length).toBe(2);
    serving.responses[1]?.end("a");
    await new Promise((resolve) => setTimeout(resolve, 3 * LIMITS.graceMs));
    serving.responses[0]?.end("a");
    await expect.poll(() => answers).toBe(2);
  });

  it("is kept if it takes an answer as fast as it must", async () => {
    const serving = await serve({ ...LIMITS, minBytesPerSecond: 1024 * 1024 });
    const socket = await serving.open();
    let received = 0;
    socket.on("data", (bytes: Uint8Array) => {
      received += bytes.length;
      socket.pause();
      setTimeout(() => socket.resume(), 2);
    });
    socket.write(requests(1));
    await expect.poll(() => serving.responses.length).toBe(1);
    const startedMs = performance.now();
    serving.responses[0]?.end(new Uint8Array(LARGE_BYTES));
    await expect.poll(() => received, { timeout: 30_000, interval: 50 }).toBeGreaterThanOrEqual(LARGE_BYTES);
    expect(performance.now() - startedMs).toBeGreaterThan(2 * LIMITS.graceMs);
  });
});

describe("whoever waits for an answer to be sent", () => {
  it("is told when it was", async () => {
    const serving = await serve();
    const socket = await serving.open();
    socket.resume().write(requests(1));
    await expect.poll(() => serving.responses.length).toBe(1);
    const response = serving.responses[0] as ServerResponse;
    let sent = 0;
    serving.connections.whenSent(response, () => sent++);
    expect(sent).toBe(0);
    response.end("a");
    await expect.poll(() => sent).toBe(1);
    serving.connections.whenSent(response, () => sent++);
    expect(sent, "at once, if it was sent before").toBe(2);
  });

  it("is told when the client is gone, of every answer that waited behind another", async () => {
    const serving = await serve();
    const socket = await serving.open();
    socket.write(requests(5));
    await expect.poll(() => serving.responses.length).toBe(5);
    const gone: number[] = [];
    const closed: number[] = [];
    for (const [i, response] of serving.responses.entries()) {
      response.on("close", () => closed.push(i));
      serving.connections.whenSent(response, () => gone.push(i));
      if (i > 2) response.end("a");
    }
    socket.destroy();
    await expect.poll(() => [...gone].sort()).toEqual([0, 1, 2, 3, 4]);
    expect([...new Set(closed)].sort()).toEqual([0, 1, 2, 3, 4]);
  });
});

describe("closing", () => {
  it("waits for what is being answered, and for nothing else", async () => {
    const serving = await serve();
    const [busy, idle, half] = [await serving.open(), await serving.open(), await serving.open()];
    busy.resume().write(requests(1));
    half.write("GET / HT");
    await expect.poll(() => serving.responses.length).toBe(1);
    let isClosed = false;
    const closing = serving.connections.close(5_000).then((answered) => {
      isClosed = true;
      return answered;
    });
    await Promise.all([idle, half].map((socket) => new Promise((resolve) => socket.resume().once("close", resolve))));
    expect(isClosed).toBe(false);
    serving.responses[0]?.end("a");
    expect(await closing).toBe(true);
    opened.length = 0;
  });

  it("cuts what is not answered in time", async () => {
    const serving = await serve();
    const socket = await serving.open();
    socket.resume().write(requests(1));
    await expect.poll(() => serving.responses.length).toBe(1);
    expect(await serving.connections.close(50)).toBe(false);
    opened.length = 0;
  });
});
