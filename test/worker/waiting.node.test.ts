import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeResponse } from "../../core/wire/response.ts";
import { buildDevnetWorld, type DevnetWorld } from "../helpers/devnet-world.ts";
import { type SeededWorker, startSeededWorker } from "../helpers/seeded-worker.ts";

/**
 * Times longer than any of these tests: nothing is answered because its time is over, and nothing but the driver's commits
 * tells the server that there is more.
 */
const STORAGE_SERVICE = {
  maxOptimisticFetchPeriodMs: 60_000,
  storageSummaryRefreshIntervalMs: 60_000,
  maxActiveOptimisticFetches: 50,
};

let world: DevnetWorld;
let seeded: SeededWorker;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 8 });
  seeded = await startSeededWorker(world, { STORAGE_SERVICE });
});

afterAll(() => seeded?.close());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
}

/** The path that asks for what comes after the head of the world. */
async function newDataPath(): Promise<string> {
  const { committedVersion, epochState } = await world.ledger.progress();
  return `/v1/new/outputs/${committedVersion}/${epochState?.epoch}`;
}

function codeOf({ bytes }: Answer): string | undefined {
  return decodeResponse(bytes, { maxBytes: 1 << 22 }).error?.code;
}

/** Waits until so many requests wait in the object. */
async function waitingAre(count: number): Promise<void> {
  const url = `${seeded.worker.url}/probe/waiting`;
  await expect.poll(async () => await (await fetch(url)).json(), { timeout: 20_000, interval: 50 }).toBe(count);
}

describe("requests that wait in the object", () => {
  it("are answered alike by the commit that they wait for, with what another server would say", async () => {
    const path = await newDataPath();
    const answers = Promise.all(Array.from({ length: 20 }, () => ask(seeded.worker.url + path)));
    await waitingAre(20);
    await world.devnet.produceBlock();
    const [first, ...others] = await answers;
    expect(first).toMatchObject({ status: 200 });
    expect(first?.headers.get("cache-control")).toBe("no-store");
    expect(first?.headers.get("cf-cache-status")).toBeNull();
    for (const other of others) expect(other.bytes).toEqual(first?.bytes);
    expect(first?.bytes).toEqual((await ask(seeded.upstreamUrl + path)).bytes);
  });

  it("end with 503 when the object is evicted, and ask again for the same answer", async () => {
    await seeded.caughtUp();
    const path = await newDataPath();
    const waiting = Array.from({ length: 5 }, () => ask(seeded.worker.url + path));
    await waitingAre(5);
    await ask(`${seeded.worker.url}/probe/abort`);
    for (const answer of await Promise.all(waiting)) {
      expect([answer.status, codeOf(answer)]).toEqual([503, "INTERNAL"]);
      expect([answer.headers.get("retry-after"), answer.headers.get("cache-control")]).toEqual(["1", "no-store"]);
    }
    // The same request again: the object is there again, has what was committed, and waits.
    const again = ask(seeded.worker.url + path);
    await waitingAre(1);
    await world.devnet.produceBlock();
    const { status, bytes } = await again;
    expect(status).toBe(200);
    expect(bytes).toEqual((await ask(seeded.upstreamUrl + path)).bytes);
  });

  it("lose their connection when the runtime ends, and are answered by the next one from the store", async () => {
    await seeded.caughtUp();
    const path = await newDataPath();
    const waiting = ask(seeded.worker.url + path).then((answer) => answer.status, () => "connection lost");
    await waitingAre(1);
    await seeded.restart();
    expect(["connection lost", 503]).toContain(await waiting);
    await world.devnet.produceBlock();
    const { status, bytes } = await ask(seeded.worker.url + path);
    expect(status).toBe(200);
    expect(bytes).toEqual((await ask(seeded.upstreamUrl + path)).bytes);
  });

  it("leave their place when the connection of their client breaks", async () => {
    await seeded.caughtUp();
    const path = await newDataPath();
    const sockets = Array.from({ length: STORAGE_SERVICE.maxActiveOptimisticFetches }, () => openRequest(path));
    await waitingAre(sockets.length);
    const refused = await ask(seeded.worker.url + path);
    expect([refused.status, codeOf(refused)]).toEqual([429, "TOO_MANY_REQUESTS"]);
    for (const socket of sockets) socket.resetAndDestroy();
    await waitingAre(0);
    const next = ask(seeded.worker.url + path);
    await waitingAre(1);
    await world.devnet.produceBlock();
    expect((await next).status).toBe(200);
  });
});

/** Sends a GET over a socket of its own. `fetch` closes one politely, which the runtime takes for a client that still listens. */
function openRequest(path: string): Socket {
  const { hostname, port } = new URL(seeded.worker.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  return socket;
}
