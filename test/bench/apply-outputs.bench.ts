/**
 * Applying outputs end to end: transactions a second and microseconds a transaction by stage, with our hasher and with
 * OpenSSL's.
 *
 * `node test/bench/apply-outputs.bench.ts [--accounts N] [--blocks N] [--transactions-per-block N]` builds a devnet, serves
 * it from a process of its own and syncs it over HTTP into fresh SQLite stores, composed as `velor-sync sync --mode outputs`
 * is. The run with the hasher of node:crypto differs in nothing else: it shows what a faster hasher brings.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { buildDevnet } from "../../adapters/devnet/ledger-builder.ts";
import { createNodeSigner } from "../../adapters/devnet/node-ed25519-signer.ts";
import { wholeNumber } from "../../adapters/cli/option-values.ts";
import { createFetchTransport } from "../../adapters/http/http-transport.ts";
import { createLedgerDirectory } from "../../adapters/sqlite/ledger-directory.ts";
import { createWebClock } from "../../adapters/web/web-clock.ts";
import { createWebRandom } from "../../adapters/web/web-random.ts";
import { createWebSignatureVerifier } from "../../adapters/web/web-signatures.ts";
import { equalBytes } from "../../core/bytes/bytes.ts";
import { createChainContext } from "../../core/chain/hash.ts";
import { createNobleHasher } from "../../core/chain/noble-hasher.ts";
import { VELOR_PROFILE } from "../../core/chain/profile.ts";
import { createDataClient } from "../../core/data-client/client.ts";
import { createDriver, type RunOptions } from "../../core/driver/driver.ts";
import type { SyncReport } from "../../core/driver/report.ts";
import { createLedger } from "../../core/ledger/open-ledger.ts";
import type { Hasher } from "../../core/ports/hasher.ts";
import { SILENT_LOG } from "../../core/ports/log.ts";
import { createStreamingService } from "../../core/streaming/service.ts";
import type { Waypoint } from "../../core/trust/waypoint.ts";
import { createNodeHasher } from "../helpers/node-hasher.ts";
import { scratchFolder, startServe, stop } from "../helpers/velor-sync-process.ts";
import { withSqlite } from "./bench-tools.ts";
import {
  StageClock,
  type StageTime,
  withDecodeStage,
  withHashStages,
  withLedgerStages,
  withStoreStages,
  withStreamStages,
} from "./stage-clock.ts";

/** More would not end today; the devnet has lower limits of its own. */
const MAX_COUNT = 1_000_000;
/** Long enough for chunks of the largest size, short enough that there are several epochs. */
const EPOCH_BLOCKS = 40;
/** As the command line has them. */
const MAX_CONCURRENT = 64;
const NODE_CACHE_BYTES = 256 * 1024 * 1024;
/** Run before measuring, so that the first hasher measured has no colder code than the second. */
const WARM_UP: RunOptions = { untilVersion: 1_000n };
/** Below this, in microseconds a transaction, the steps of the kernel's accounting are too coarse to be compared. */
const LEAST_COMPARED_US = 1;
/** The rows of the table. What a stage does besides its parts comes last. */
const STAGES: readonly (readonly [stage: string, what: string])[] = [
  ["fetch", "fetch"],
  ["decode", "decode"],
  ["verify: hash columns", "verify: hash columns"],
  ["verify: hash nodes", "verify: hash proofs"],
  ["verify", "verify: walk, compare"],
  ["state: hash columns", "state: hash keys, values"],
  ["state: hash nodes", "state: hash nodes"],
  ["state: read store", "state: read SQLite"],
  ["state", "state: walk the tree"],
  ["commit: hash nodes", "commit: hash accumulator"],
  ["commit: read store", "commit: read SQLite"],
  ["commit", "commit: build segments"],
  ["commit: write store", "commit: write SQLite"],
];

/** Where to sync from, and what must come out. */
interface Source {
  readonly url: string;
  readonly waypoint: Waypoint;
  readonly stateRootHash: Uint8Array;
}

/** One sync: where its time went. */
interface Measured {
  readonly report: SyncReport;
  readonly times: ReadonlyMap<string, StageTime>;
}

function optionsOfCommandLine() {
  const { values } = parseArgs({
    options: {
      accounts: { type: "string", default: "1000" },
      blocks: { type: "string", default: "100" },
      "transactions-per-block": { type: "string", default: "100" },
    },
  });
  const count = wholeNumber(1, MAX_COUNT);
  const [accounts, blocks] = [count(values.accounts), count(values.blocks)];
  return { accounts, blocks, transactionsPerBlock: count(values["transactions-per-block"]) };
}

async function buildChain(store: string): Promise<Omit<Source, "url">> {
  const context = createChainContext(VELOR_PROFILE, createNodeHasher());
  const options = optionsOfCommandLine();
  const start = performance.now();
  const { ledger, ...built } = await buildDevnet({
    context,
    signer: createNodeSigner(),
    ...options,
    epochBlocks: EPOCH_BLOCKS,
    ledger: ({ waypoint }) => createLedgerDirectory(store, { context, waypoint }),
  });
  await ledger.close();
  const seconds = ((performance.now() - start) / 1_000).toFixed(0);
  const { accounts, blocks, transactionsPerBlock } = options;
  console.log(`${accounts} accounts, ${blocks} blocks of ${transactionsPerBlock} transfers: built in ${seconds} s`);
  return built;
}

/** One sync into a fresh store. */
async function sync(source: Source, hasher: Hasher, options: RunOptions = {}): Promise<Measured> {
  return await withSqlite(async (sqlite) => {
    const { url, waypoint } = source;
    const stages = new StageClock();
    const context = createChainContext(VELOR_PROFILE, withHashStages(hasher, stages));
    const kv = withStoreStages(sqlite, stages);
    const ledger = await createLedger(kv, { context, waypoint, nodeCacheBytes: NODE_CACHE_BYTES });
    const clock = createWebClock();
    const fetchTransport = createFetchTransport({
      fetch: (to, init) => fetch(to, init),
      maxConcurrent: MAX_CONCURRENT,
    });
    const dataClient = createDataClient({
      transport: withDecodeStage(fetchTransport, stages),
      peers: [url],
      context,
      chain: waypoint.value,
      clock,
      random: createWebRandom(),
      log: SILENT_LOG,
    });
    const driver = createDriver({
      dataClient,
      streaming: withStreamStages(createStreamingService({ dataClient }), stages),
      ledger: withLedgerStages(ledger, stages),
      waypoint,
      context,
      signatureVerifier: createWebSignatureVerifier(),
      clock,
      log: SILENT_LOG,
    });
    stages.start();
    const report = await driver.run(options);
    return { report, times: stages.stop() };
  });
}

async function measure(source: Source, hasher: Hasher): Promise<Measured> {
  await sync(source, hasher, WARM_UP);
  const measured = await sync(source, hasher);
  const { stateRootHash } = measured.report;
  if (stateRootHash !== undefined && equalBytes(stateRootHash, source.stateRootHash)) return measured;
  throw new Error("Cannot measure: the state is another");
}

/** Microseconds a transaction of the stages that `isPart` picks. */
function timeOf({ times, report }: Measured, isPart: (stage: string) => boolean): StageTime {
  const sum = { wall: 0, cpu: 0 };
  for (const [stage, { wall, cpu }] of times) {
    if (!isPart(stage)) continue;
    sum.wall += (1_000 * wall) / Number(report.transactions);
    sum.cpu += (1_000 * cpu) / Number(report.transactions);
  }
  return sum;
}

function printTable(ours: Measured, rival: Measured): void {
  const print = (what: string, isPart: (stage: string) => boolean, unit = (us: number) => us.toFixed(1)) => {
    const [ourTime, rivalTime] = [timeOf(ours, isPart), timeOf(rival, isPart)];
    const cells = [ourTime.wall, ourTime.cpu, rivalTime.wall, rivalTime.cpu].map(unit);
    const isMeasurable = Math.min(ourTime.cpu, rivalTime.cpu) >= LEAST_COMPARED_US;
    printLine(what, isMeasurable ? [...cells, `${(ourTime.cpu / rivalTime.cpu).toFixed(2)}x`] : cells);
  };
  const names = STAGES.map(([stage]) => stage);
  const perSecond = (us: number) => (1e6 / us).toFixed(0);
  console.log("wall-clock and CPU time; how many times as fast the run with node:crypto is, by CPU time");
  printLine("microseconds a transaction", ["noble wall", "CPU", "crypto wall", "CPU", "crypto is"]);
  for (const [stage, what] of STAGES) print(what, (name) => name === stage);
  print("rest", (name) => !names.includes(name));
  print("all", () => true);
  print("transactions/s", () => true, perSecond);
  print("verified alone, /s", (name) => name === "decode" || name.startsWith("verify"), perSecond);
}

function printLine(what: string, cells: readonly string[]): void {
  console.log(what.padEnd(26) + cells.map((cell) => cell.padStart(12)).join(""));
}

const scratch = scratchFolder();
try {
  const chain = await buildChain(scratch.path("store"));
  const server = await startServe(["--store", scratch.path("store")]);
  try {
    const source = { ...chain, url: server.url };
    const ours = await measure(source, createNobleHasher());
    console.log(`${ours.report.transactions} transactions, ${ours.report.bytes} bytes of answers`);
    printTable(ours, await measure(source, createNodeHasher()));
  } finally {
    await stop(server);
  }
} finally {
  scratch.remove();
}
