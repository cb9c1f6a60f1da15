/**
 * Clients that wait for what comes next: long-polls and subscriptions against one `velor-sync serve` on Node, over real
 * connections, while a devnet in another process makes five blocks a second.
 *
 * `node test/bench/waiting-clients.bench.ts [--seconds 60] [--clients 100,1000] [--one-process]`; Linux. For each number of
 * long-polls, with a fifth as many subscriptions: that every client got every version in order, what a new head costs in
 * storage reads (which must not depend on how many wait), how long a block takes to its clients, and the server's memory and
 * CPU time. With `--one-process` the devnet serves by itself and tells its server of each block. Ends with 1 if a version was
 * missed, the reads grow with the clients, or the memory grows.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { decodeLedgerInfoWithSignatures, nextBlockEpoch } from "../../core/chain/ledger-info.ts";
import { VELOR_PROFILE } from "../../core/chain/profile.ts";
import { decodeResponse } from "../../core/wire/response.ts";
import { type RunningServer, scratchFolder, startServe, startServing, stop } from "../helpers/velor-sync-process.ts";
import { printRow } from "./bench-tools.ts";
import { mean, percentile, thirds } from "./statistics.ts";
import {
  type ClientParts,
  nothingSeen,
  type Seen,
  startLongPoller,
  startSubscriber,
  type WaitingClient,
} from "./waiting-client.ts";
import { cpuSeconds, residentMegabytes } from "./workerd-process.ts";

const { values: args } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    clients: { type: "string", default: "100,1000" },
    "one-process": { type: "boolean", default: false },
  },
});
const SECONDS = Number(args.seconds);
const BLOCK_MS = 200;
const CHAIN = [
  ...["--accounts", "100", "--transactions-per-block", "5", "--epoch-blocks", "100"],
  ...["--block-ms", String(BLOCK_MS)],
];
/** Below the streams that a server grants to one address. */
const CLIENTS_PER_ADDRESS = 10;
/** Clients that come together. */
const CLIENTS_AT_ONCE = 50;
/** Until caches are filled and code is compiled. */
const WARM_UP_MS = 10_000;
/** A client that has not heard of a block for so long has missed it. */
const PATIENCE_MS = 10_000;
/** Megabytes by which the memory may differ from one third of the run to the last: what the collector leaves for later. */
const MEMORY_NOISE = 24;
/**
 * How many times the reads of one run may be those of another. Who comes late asks for two blocks at once, which is a read of
 * its own, shared by all who are as late; ten times the clients must not cost twice as much.
 */
const READ_NOISE = 2;

interface Measured {
  readonly polls: number;
  readonly seen: Seen;
  /** Answers with data while it was measured. */
  readonly answers: number;
  /** Newest versions that clients heard of. */
  readonly newHeads: number;
  /** Clients that never got as far as the chain. */
  readonly missed: number;
  /** Calls of the store by name, for each new head. */
  readonly readsPerHead: ReadonlyMap<string, number>;
  readonly memory: readonly number[];
  /** CPU time of the server: by the second, and in microseconds for each answer. */
  readonly cores: number;
  readonly cpuUsPerAnswer: number;
}

/** A cache that is full when measuring begins; filling one of the default size would look like a leak for half an hour. */
const CACHE = ["--max-lru-cache-bytes", String(4 * 1024 * 1024)];

/** Servers that must not outlive this process. */
const running = new Set<RunningServer>();

async function started(starting: Promise<RunningServer>): Promise<RunningServer> {
  const server = await starting;
  running.add(server);
  return server;
}

/** Starts what the clients ask. The chain has a store of its own for each run. */
async function startServers(store: string): Promise<RunningServer> {
  const live = ["devnet", "run", "--store", store, "--listen", "127.0.0.1:0", ...CHAIN];
  if (args["one-process"]) {
    return await started(startServing([...live, ...CACHE, "--metrics-listen", "0"]));
  }
  await started(startServing(live));
  return await started(startServe(["--store", store, ...CACHE, "--metrics-listen", "0"]));
}

async function clientParts(url: string, signal: AbortSignal): Promise<ClientParts> {
  const frame = await (await fetch(`${url}/v1/ledger-info/latest`)).bytes();
  const { chain, response } = decodeResponse(frame, { maxBytes: 1 << 20 });
  if (response?.kind !== "latestLedgerInfo") throw new Error(`There is no ledger info: ${response?.kind}`);
  const { commitInfo } = decodeLedgerInfoWithSignatures(response.ledgerInfo, VELOR_PROFILE).ledgerInfo;
  const start = { version: commitInfo.version, epoch: nextBlockEpoch(commitInfo) };
  return { url, chain: chain.slice(), signal, seen: nothingSeen(), start };
}

/** Calls of the store so far, by name. */
async function storageReads({ metricsUrl }: RunningServer): Promise<Map<string, number>> {
  const text = await (await fetch(metricsUrl as string)).text();
  const counts = text.matchAll(/^velor_storage_service_db_read_latency_count\{request_type="(\w+)",.*\} (\d+)$/gm);
  return new Map([...counts].map(([, name, count]) => [name as string, Number(count)]));
}

/** An address of the loopback network: a server tells clients apart by it. */
function addressOf(client: number): string {
  const index = Math.floor(client / CLIENTS_PER_ADDRESS);
  return `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;
}

/** What the server and the clients have counted so far. */
async function countsOf(server: RunningServer, { seen }: ClientParts) {
  const reads = await storageReads(server);
  return { reads, heads: seen.heads.size, answers: seen.answers, atMs: performance.now() };
}

/**
 * Starts clients, some after the others: a server whose event loop is busy accepts one connection a turn, and what is
 * measured begins when all are there.
 */
async function startClients(parts: ClientParts, polls: number): Promise<WaitingClient[]> {
  const clients: WaitingClient[] = [];
  while (clients.length < polls + polls / 5) {
    const count = Math.min(CLIENTS_AT_ONCE, polls + polls / 5 - clients.length);
    const next = Array.from({ length: count }, (_, i) => startClient(parts, polls, clients.length + i));
    clients.push(...next);
    await Promise.all(next.map(({ accepted }) => accepted));
  }
  return clients;
}

function startClient(parts: ClientParts, polls: number, client: number): WaitingClient {
  const address = addressOf(client);
  return client < polls ? startLongPoller(parts, address) : startSubscriber(parts, address, BigInt(client));
}

/** One run: servers, clients, and what came of it. */
async function measure(polls: number, store: string): Promise<Measured> {
  const server = await startServers(store);
  const controller = new AbortController();
  try {
    const parts = await clientParts(server.url, controller.signal);
    const clients = await startClients(parts, polls);
    const failed = Promise.race(clients.map(({ ended }) => ended));
    await Promise.race([sleep(WARM_UP_MS), failed]);
    const pid = server.process.pid as number;
    const before = { ...await countsOf(server, parts), cpu: cpuSeconds(pid) };
    parts.seen.delaysMs.length = 0;
    const memory = await Promise.race([sampleMemory(pid), failed.then(() => [])]);
    const after = { ...await countsOf(server, parts), cpu: cpuSeconds(pid) };
    const newHeads = after.heads - before.heads;
    const readsOf = ([name, count]: [string, number]) =>
      [name, (count - (before.reads.get(name) ?? 0)) / newHeads] as const;
    const result = {
      polls,
      seen: { ...parts.seen, delaysMs: parts.seen.delaysMs.slice() },
      newHeads,
      answers: after.answers - before.answers,
      readsPerHead: new Map([...after.reads].map(readsOf)),
      memory,
      cores: (after.cpu - before.cpu) / (after.atMs - before.atMs) * 1_000,
      cpuUsPerAnswer: (after.cpu - before.cpu) / (after.answers - before.answers) * 1e6,
    };
    return { ...result, missed: await missedBy(clients, parts.seen) };
  } finally {
    controller.abort();
    // The server first: the store is its while it answers.
    for (const one of [...running].reverse()) await stop(one);
    running.clear();
  }
}

/** Resident memory, once a second. */
async function sampleMemory(pid: number): Promise<number[]> {
  const samples: number[] = [];
  for (let second = 0; second < SECONDS; second++) {
    await sleep(1_000);
    samples.push(residentMegabytes(pid));
  }
  return samples;
}

/** Clients that do not come as far as the chain was at the end. */
async function missedBy(clients: readonly WaitingClient[], { heads }: Seen): Promise<number> {
  const head = [...heads].reduce((highest, version) => version > highest ? version : highest, 0n);
  const behind = () => clients.filter(({ version }) => version < head).length;
  for (let waitedMs = 0; waitedMs < PATIENCE_MS && behind() > 0; waitedMs += 100) await sleep(100);
  return behind();
}

const totalReads = ({ readsPerHead }: Measured) => mean([...readsPerHead.values()]) * readsPerHead.size;

function print(
  { polls, seen, answers, newHeads, missed, readsPerHead, memory, cores, cpuUsPerAnswer }: Measured,
): void {
  printRow([polls, polls / 5, newHeads, answers, seen.gaps, missed], 0);
  const [first, middle, last] = thirds(memory);
  console.log(`  reads a head: ${[...readsPerHead].map(([name, count]) => `${name} ${count.toFixed(2)}`).join(", ")}`);
  console.log(`  block to client: p50 ${percentile(seen.delaysMs, 0.5)} ms, p99 ${percentile(seen.delaysMs, 0.99)} ms`);
  console.log(
    `  memory: ${first.toFixed(0)}, ${middle.toFixed(0)}, ${last.toFixed(0)} MB (thirds); CPU: ${
      cores.toFixed(2)
    } cores, ${cpuUsPerAnswer.toFixed(0)} µs an answer`,
  );
  if (seen.refusals.size > 0) console.log("  refusals:", Object.fromEntries(seen.refusals));
}

/** What is wrong with the runs; nothing, if all is well. */
function complaints(runs: readonly Measured[]): string[] {
  const wrong: string[] = [];
  for (const run of runs) {
    if (run.seen.gaps > 0 || run.missed > 0) {
      wrong.push(`${run.polls} long-polls: ${run.seen.gaps} gaps, ${run.missed} missed`);
    }
    const [, middle, last] = thirds(run.memory);
    if (last - middle > MEMORY_NOISE) {
      wrong.push(`${run.polls} long-polls: the memory grew by ${(last - middle).toFixed(0)} MB`);
    }
  }
  const reads = runs.map(totalReads);
  if (Math.max(...reads) > Math.min(...reads) * READ_NOISE) {
    wrong.push(`reads a head depend on the clients: ${reads.map((count) => count.toFixed(2)).join(", ")}`);
  }
  return wrong;
}

const scratch = scratchFolder();
process.once("exit", () => {
  for (const { process: child } of running) child.kill("SIGKILL");
  scratch.remove();
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

printRow(["polls", "streams", "heads", "answers", "gaps", "missed"]);
const runs: Measured[] = [];
for (const polls of args.clients.split(",").map(Number)) {
  const run = await measure(polls, scratch.path(`chain-${polls}`));
  print(run);
  runs.push(run);
}
const wrong = complaints(runs);
for (const complaint of wrong) console.log(`WRONG: ${complaint}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
