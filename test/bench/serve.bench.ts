/**
 * `velor-sync serve` on Node beside a bare `node:http` server that sends the same bytes under the same headers: hot answers,
 * both driven by `wrk` in the same run, in turn.
 *
 * `node test/bench/serve.bench.ts [ROUNDS]`; needs `wrk` and Linux. Prints requests a second, the 99th percentile of the
 * latency and CPU time a request (medians over the rounds), and what part of the rival's requests `serve` answers: the median
 * of the rounds' ratios, since a machine's speed changes from one moment to the next for both.
 *
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDevnet } from "../../adapters/devnet/ledger-builder.ts";
import { createNodeSigner } from "../../adapters/devnet/node-ed25519-signer.ts";
import { createLedgerDirectory } from "../../adapters/sqlite/ledger-directory.ts";
import { VELOR } from "../helpers/trust-context.ts";
import { startServe, stop } from "../helpers/velor-sync-process.ts";
import { printRow } from "./bench-tools.ts";
import type { RawAnswer } from "./raw-server.ts";
import { cpuSeconds } from "./workerd-process.ts";
import { type LoadResult, runLoad } from "./wrk-load.ts";

const ROUNDS = Number(process.argv[2] ?? 7);
const SECONDS = 3;
const CONNECTIONS = 32;
/** More accounts than state values in the largest chunk. */
const CHAIN = { accounts: 4_500, blocks: 4, transactionsPerBlock: 100, epochBlocks: 2, validators: 4 };
/** Headers that belong to the connection: every server writes its own. */
const CONNECTION_HEADERS = new Set(["connection", "date", "keep-alive"]);

interface Server {
  readonly url: string;
  readonly pid: number;
}

/** What the rounds of one server and one path came to. */
interface Measured {
  readonly loads: LoadResult[];
  readonly cpuUs: number[];
}

/** Builds the chain that is served; returns the paths to ask for, by what they are. */
async function buildStore(store: string): Promise<ReadonlyMap<string, string>> {
  const built = await buildDevnet({
    context: VELOR,
    signer: createNodeSigner(),
    ...CHAIN,
    ledger: ({ waypoint }) => createLedgerDirectory(store, { context: VELOR, waypoint }),
  });
  const endings = await built.ledger.epochEndings(0n, 100);
  const end = endings.at(-1)?.ledgerInfo.commitInfo.version;
  await built.ledger.close();
  return new Map([
    ["4,096 states", `/v1/states/${end}/0-4095`],
    ["state proof", `/v1/state/${end}/${"5a".repeat(32)}@${end}`],
  ]);
}

/** An answer of `serve`, for the rival to send. */
async function rawAnswerOf({ url }: Server, path: string): Promise<RawAnswer> {
  // As `wrk` asks.
  const response = await fetch(url + path, { headers: { "accept-encoding": "identity" } });
  if (response.status !== 200) throw new Error(`${path} is answered with ${response.status}`);
  const headers = [...response.headers].filter(([name]) => !CONNECTION_HEADERS.has(name));
  return {
    path,
    headers: Object.fromEntries(headers),
    body: Buffer.from(await response.arrayBuffer()).toString("base64"),
  };
}

async function startRival(answers: readonly RawAnswer[], folder: string): Promise<Server & { process: ChildProcess }> {
  const file = join(folder, "answers.json");
  writeFileSync(file, JSON.stringify(answers));
  const child = spawn("node", ["test/bench/raw-server.ts", file], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await once(child.stdout, "data");
  return { url: `http://127.0.0.1:${String(port).trim()}`, pid: child.pid ?? 0, process: child };
}

async function measure({ url, pid }: Server, path: string, { loads, cpuUs }: Measured): Promise<void> {
  const startSeconds = cpuSeconds(pid);
  const load = await runLoad(url, { paths: [path], connections: CONNECTIONS, seconds: SECONDS });
  if (load.refused + load.broken > 0) throw new Error(`${load.refused + load.broken} requests for ${path} failed`);
  loads.push(load);
  cpuUs.push((cpuSeconds(pid) - startSeconds) * 1e6 / load.requests);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

function report(name: string, { loads, cpuUs }: Measured): void {
  const requestsPerSecond = median(loads.map((load) => load.requestsPerSecond));
  printRow([name.padEnd(30), requestsPerSecond, median(loads.map(({ p99Ms }) => p99Ms)), median(cpuUs)]);
}

/** What part of the rival's requests ours answered, round by round; from the smallest to the largest. */
function ratiosOf(ours: Measured, rival: Measured): number[] {
  const ratios = ours.loads.map(({ requestsPerSecond }, round) => {
    return requestsPerSecond / (rival.loads[round]?.requestsPerSecond ?? Number.NaN);
  });
  return ratios.sort((a, b) => a - b);
}

/** Drives both for all rounds, in turn. */
async function compare(name: string, path: string, servers: { readonly ours: Server; readonly rival: Server }) {
  const [ours, rival]: [Measured, Measured] = [{ loads: [], cpuUs: [] }, { loads: [], cpuUs: [] }];
  // The first round warms both up.
  for (let round = 0; round <= ROUNDS; round++) {
    await measure(servers.rival, path, rival);
    await measure(servers.ours, path, ours);
    if (round === 0) { for (const list of [ours.loads, ours.cpuUs, rival.loads, rival.cpuUs]) list.length = 0; }
  }
  report(`${name}, serve`, ours);
  report(`${name}, node:http`, rival);
  const ratios = ratiosOf(ours, rival);
  const [ratio, least, most] = [median(ratios), ratios[0] ?? 0, ratios.at(-1) ?? 0].map((value) => value.toFixed(2));
  console.log(`${name}: serve answers ${ratio} of what node:http does (${least} to ${most})`);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "velor-serve-bench-"));
  try {
    const store = join(folder, "store");
    const paths = await buildStore(store);
    const running = await startServe(["--store", store]);
    const ours: Server = { url: running.url, pid: running.process.pid ?? 0 };
    const answers = await Promise.all([...paths.values()].map((path) => rawAnswerOf(ours, path)));
    const rival = await startRival(answers, folder);
    try {
      for (const { path, body } of answers) console.log(`${Buffer.byteLength(body, "base64")} B: ${path}`);
      printRow(["".padEnd(30), "requests/s", "p99 ms", "CPU µs"]);
      for (const [name, path] of paths) await compare(name, path, { ours, rival });
    } finally {
      rival.process.kill();
      await stop(running);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (spawnSync("wrk", ["--version"]).error !== undefined) console.error("Not measured: wrk is not installed");
else await main();
