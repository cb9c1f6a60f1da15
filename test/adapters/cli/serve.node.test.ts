import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { rawConnection, rawGet } from "../../helpers/raw-http.ts";
import {
  type Ended,
  type RunningServer,
  scratchFolder,
  startServe,
  startServing,
  stop,
  velorSync,
  velorSyncJson,
} from "../../helpers/velor-sync-process.ts";

const CHAIN = ["--accounts", "100", "--blocks", "30", "--transactions-per-block", "40", "--epoch-blocks", "100"];
/** A store that nobody writes to has no news: a request that waits goes on waiting. */
const PATIENT = ["--max-optimistic-fetch-period-ms", "60000"];

const scratch = scratchFolder();
const store = scratch.path("chain");
const running = new Set<RunningServer>();
let chain: { version: string; epoch: string };

beforeAll(async () => {
  chain = await velorSyncJson(["devnet", "build", "--store", store, ...CHAIN]) as typeof chain;
}, 120_000);

afterEach(async () => {
  for (const server of running) server.process.kill("SIGKILL");
  await Promise.all([...running].map(({ ended }) => ended));
  running.clear();
});

afterAll(() => scratch.remove());

/** A server over the chain that is killed after the test, whatever happens. */
async function serve(args: readonly string[], runtime: "node" | "deno" = "node"): Promise<RunningServer> {
  const server = await startServe(["--store", store, "--json", ...args], runtime);
  running.add(server);
  return server;
}

function configFile(name: string, settings: object): string {
  const path = scratch.path(name);
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

const newestPath = () => `/v1/new/outputs/${chain.version}/${chain.epoch}`;

/** Values of one metric, by labels as they are printed. */
async function metric(server: RunningServer, name: string): Promise<Record<string, number>> {
  const text = await (await fetch(server.metricsUrl as string)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(`velor_storage_service_${name}{`));
  return Object.fromEntries(lines.map((line) => {
    const [, labels, value] = /\{(.*)\} (.*)$/.exec(line) ?? [];
    return [labels, Number(value)];
  }));
}

describe("serve", () => {
  const refused: [what: string, args: string[], exitCode: number, message: string][] = [
    ["a flag out of its range", ["--max-active-streams", "-1"], 2, "It must be a whole number from 0 to 100000."],
    ["a store that is missing", ["--store", "/nowhere", "--listen", "0"], 1, "there is none in /nowhere"],
    ["a config that is missing", ["--config", "/nowhere.json"], 1, "Cannot read /nowhere.json"],
  ];
  it.each(refused)("refuses %s", async (_, args, exitCode, message) => {
    const ended = await velorSync(["serve", ...args, "--json"]);
    expect(ended.exitCode).toBe(exitCode);
    expect(JSON.parse(ended.stdout).error).toMatchObject({ code: "INVALID_ARGUMENT", fault: "caller" });
    expect(JSON.parse(ended.stdout).error.message).toContain(message);
  });

  it("refuses an address that is taken, of the service or of the metrics, and ends", async () => {
    const { url } = await serve([]);
    const taken = new URL(url).host;
    for (const args of [["--listen", taken], ["--listen", "0", "--metrics-listen", taken]]) {
      const { exitCode, stderr } = await velorSync(["serve", "--store", store, ...args]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`Cannot listen on ${taken}`);
    }
  });

  it("takes what its file says, and flags before it", async () => {
    const config = configFile("serve.json", {
      store: "chain",
      listen: "127.0.0.1:0",
      metricsListen: "127.0.0.1:0",
      peers: ["https://one.example"],
      maxRequestsPerSecondPerPeer: 1,
    });
    const strict = await startServing(["serve", "--config", config, "--json"]);
    running.add(strict);
    expect((await fetch(`${strict.url}/v1/peers`)).status).toBe(200);
    expect((await fetch(`${strict.url}/v1/summary`)).status).toBe(429);
    expect(await metric(strict, "requests_rate_limited")).toEqual({
      'network_id="public",request_type="get_storage_server_summary"': 1,
    });
    const flags = [
      "--config",
      config,
      "--max-requests-per-second-per-peer",
      "1000",
      "--peer-list",
      "https://two.example",
    ];
    const generous = await serve(flags);
    for (let i = 0; i < 5; i++) expect((await fetch(`${generous.url}/v1/summary`)).status).toBe(200);
    const peers = await (await fetch(`${generous.url}/v1/peers`)).text();
    expect(peers).toContain("https://two.example");
    expect(peers).not.toContain("https://one.example");
  });

  it("never limits who is on its allow-list", async () => {
    const { url } = await serve(["--max-requests-per-second-per-peer", "1", "--allow", "10.0.0.0/8", "127.0.0.1"]);
    for (let i = 0; i < 5; i++) expect((await fetch(`${url}/v1/summary`)).status).toBe(200);
  });

  it("tells clients apart by what its proxies say, and only its proxies", async () => {
    const args = ["--max-requests-per-second-per-peer", "1", "--client-address-header", "X-Real-IP"];
    const proxied = await serve([...args, "--trusted-proxy", "127.0.0.0/8"]);
    const status = async (server: RunningServer, client: string) =>
      (await fetch(`${server.url}/v1/summary`, { headers: { "x-real-ip": client } })).status;
    expect(await status(proxied, "192.0.2.1")).toBe(200);
    expect(await status(proxied, "192.0.2.2")).toBe(200);
    expect(await status(proxied, "192.0.2.2")).toBe(429);
    const direct = await serve([...args, "--trusted-proxy", "10.0.0.0/8"]);
    expect(await status(direct, "192.0.2.1")).toBe(200);
    expect(await status(direct, "192.0.2.2")).toBe(429);
  });
});

describe.each(["node", "deno"] as const)("serve on %s", (runtime) => {
  it("serves metrics on an address of their own, and bytes with them", async () => {
    const server = await serve(["--metrics-listen", "0"], runtime);
    const { length } = await (await fetch(`${server.url}/v1/summary`)).bytes();
    await fetch(`${server.url}/v1/nonsense`);
    expect(await metric(server, "requests_received")).toEqual({
      'network_id="public",request_type="get_storage_server_summary"': 1,
    });
    expect(await metric(server, "http_responses")).toEqual({
      'method="GET",status="200"': 1,
      'method="GET",status="400"': 1,
    });
    expect((await metric(server, "response_bytes"))['method="GET",status="200"']).toBe(length);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
    const answer = await fetch(server.metricsUrl as string);
    expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    expect(await answer.text()).toMatch(/^process_resident_memory_bytes [1-9]/m);
    expect((await fetch((server.metricsUrl as string).replace("metrics", ""))).status).toBe(404);
  });

  it("closes connections above its limit and serves those it has", async () => {
    const server = await serve(["--max-connections", "2", "--metrics-listen", "0"], runtime);
    const { url } = server;
    const first = await rawConnection(url);
    const second = await rawConnection(url);
    const third = await rawConnection(url, rawGet("/healthz"));
    await third.closed;
    expect(await (await fetch(server.metricsUrl as string)).text()).toContain(
      "\nvelor_storage_service_connections_dropped 1\n",
    );
    expect(third.received()).toBe("");
    for (const { socket } of [first, second]) socket.write(rawGet("/healthz"));
    for (const { received } of [first, second]) await expect.poll(received).toContain("200 OK");
    for (const { socket } of [first, second]) socket.destroy();
  });

  it("refuses headers that are too large, and what is no HTTP", async () => {
    const { url } = await serve([], runtime);
    const large = await rawConnection(url, rawGet("/healthz", [`x-large: ${"y".repeat(20_000)}`]));
    await large.closed;
    expect(large.received()).toContain(" 431 ");
    const nonsense = await rawConnection(url, "NONSENSE\r\n\r\n");
    await nonsense.closed;
    expect(nonsense.received()).toContain(" 400 ");
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("knows the address of the socket", async () => {
    const { url } = await serve(["--max-requests-per-second-per-peer", "1", "--allow", "127.0.0.1"], runtime);
    const port = new URL(url).port;
    for (let i = 0; i < 3; i++) expect((await fetch(`http://127.0.0.1:${port}/v1/summary`)).status).toBe(200);
  });

  it("gives a request that waits up when its client goes away", async () => {
    const server = await serve([...PATIENT, "--metrics-listen", "0"], runtime);
    const waiting = async () => (await metric(server, "optimistic_fetch_count"))['network_id="public"'];
    const controllers = Array.from({ length: 20 }, () => new AbortController());
    const answers = controllers.map(({ signal }) => fetch(server.url + newestPath(), { signal }).catch(() => {}));
    await expect.poll(waiting).toBe(20);
    for (const controller of controllers) controller.abort();
    await expect.poll(waiting).toBe(0);
    await Promise.all(answers);
  });

  it("answers what waits when it is stopped, and ends with 0", async () => {
    const server = await serve([...PATIENT, "--metrics-listen", "0"], runtime);
    const answers = Array.from({ length: 50 }, () => fetch(server.url + newestPath()));
    await expect.poll(() => metric(server, "optimistic_fetch_count")).toEqual({ 'network_id="public"': 50 });
    const silent = await rawConnection(server.url);
    const half = await rawConnection(server.url, "GET /healthz HTT");
    const startMs = performance.now();
    server.process.kill("SIGTERM");
    for (const answer of await Promise.all(answers)) {
      expect(answer.status).toBe(404);
      // The client is told not to use the connection again.
      expect(answer.headers.get("connection")).toBe("close");
      expect(new TextDecoder("latin1").decode(await answer.bytes())).toContain("server");
    }
    const ended = await server.ended;
    expect(performance.now() - startMs).toBeLessThan(8_000);
    expectStopped(ended, { answeredAll: true });
    await Promise.all([silent.closed, half.closed]);
  });

  it("sends what it was sending when it is stopped, and then accepts nobody", async () => {
    const server = await serve(["--metrics-listen", "0"], runtime);
    const { connection, made } = await slowReader(server);
    server.process.kill("SIGTERM");
    await expect.poll(() => rawConnection(server.url).then(() => "open", () => "refused")).toBe("refused");
    connection.socket.resume();
    await connection.closed;
    expect(bodiesIn(connection.received())).toEqual({ count: made, missing: 0 });
    expectStopped(await server.ended, { answeredAll: true });
  });

  it("does not wait for a client that does not read longer than it was told", async () => {
    const server = await serve(["--metrics-listen", "0", "--shutdown-timeout-ms", "700"], runtime);
    const { connection } = await slowReader(server);
    const startMs = performance.now();
    server.process.kill("SIGTERM");
    expectStopped(await server.ended, { answeredAll: false });
    expect(performance.now() - startMs).toBeGreaterThan(650);
    expect(performance.now() - startMs).toBeLessThan(8_000);
    connection.socket.destroy();
  });

  it("ends at once at a second signal", async () => {
    const server = await serve(["--metrics-listen", "0", "--shutdown-timeout-ms", "60000"], runtime);
    const { connection } = await slowReader(server);
    server.process.kill("SIGTERM");
    await expect.poll(() => rawConnection(server.url).then(() => "open", () => "refused")).toBe("refused");
    const startMs = performance.now();
    server.process.kill("SIGTERM");
    expect((await server.ended).exitCode).not.toBe(0);
    expect(performance.now() - startMs).toBeLessThan(5_000);
    connection.socket.destroy();
  });
});

function expectStopped({ exitCode, stdout, stderr }: Ended, { answeredAll }: { answeredAll: boolean }): void {
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(stdout)).toMatchObject({ stopped: true, answeredAll });
}

/** More answers than the system's buffers hold. */
const SLOW_REQUESTS = 24;

/** A client that asked for a lot in one go and reads nothing of it for now. */
async function slowReader(server: RunningServer) {
  const path = `/v1/outputs/1-1023@${chain.version}`;
  const connection = await rawConnection(server.url);
  connection.socket.pause();
  connection.socket.write(rawGet(path).repeat(SLOW_REQUESTS));
  let made = 0;
  // Until the server cannot write any more, it goes on making answers.
  await expect.poll(async () => {
    const before = made;
    made = (await metric(server, "http_responses"))['method="GET",status="200"'] ?? 0;
    return made > 0 && made === before;
  }, { interval: 300, timeout: 20_000 }).toBe(true);
  return { connection, made };
}

/** Bytes that are missing of the bodies that came, and how many came. */
function bodiesIn(received: string): { count: number; missing: number } {
  const answers = received.split("HTTP/1.1 200 OK\r\n").slice(1);
  const missing = answers.map((answer) => {
    const start = answer.indexOf("\r\n\r\n") + 4;
    return Number(/^content-length: (\d+)\r$/m.exec(answer)?.[1]) - (answer.length - start);
  });
  return { count: answers.length, missing: missing.reduce((sum, bytes) => sum + bytes, 0) };
}

describe("devnet run", () => {
  it("answers who waits at once when it makes a block", async () => {
    // Nothing but the notification can tell of a block: looking at the store is an hour's work away.
    const server = await startServing([
      ...["devnet", "run", "--store", scratch.path("live"), "--accounts", "10", "--block-ms", "1500"],
      ...["--listen", "127.0.0.1:0", "--storage-summary-refresh-interval-ms", "60000", ...PATIENT],
    ]);
    running.add(server);
    const { committedVersion, epoch } = await (await fetch(`${server.url}/healthz`)).json() as Record<string, string>;
    const startMs = performance.now();
    const answer = await fetch(`${server.url}/v1/new/outputs/${committedVersion}/${epoch}`);
    expect(answer.status).toBe(200);
    expect(performance.now() - startMs).toBeLessThan(20_000);
    const { exitCode, stderr } = await stop(server);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("a second signal ends at once");
  });

  it("ends when its chain cannot go on, and speaks of no second signal where none came first", async () => {
    const folder = scratch.path("broken");
    const server = await startServing([
      ...["devnet", "run", "--store", folder, "--accounts", "10", "--block-ms", "100", "--listen", "127.0.0.1:0"],
    ]);
    running.add(server);
    const database = new DatabaseSync(join(folder, "ledger.sqlite"));
    database.exec("PRAGMA busy_timeout = 5000; DELETE FROM kv");
    database.close();
    const { exitCode, stderr } = await server.ended;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: /m);
    expect(stderr).not.toContain("second signal");
  });
});
