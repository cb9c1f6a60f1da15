/**
 * Surfaces `node` and `worker`: servers as they are deployed, in processes of their own, over sockets.
 *
 * @module
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLedgerDirectory } from "../../../adapters/sqlite/ledger-directory.ts";
import { equalBytes } from "../../../core/bytes/bytes.ts";
import { DEFAULT_STORAGE_SERVICE_CONFIG } from "../../../core/storage-service/config.ts";
import { GET_RESPONSE_BYTES } from "../../../core/wire/limits.ts";
import { buildDevnetWorld } from "../../helpers/devnet-world.ts";
import { startSeededWorker } from "../../helpers/seeded-worker.ts";
import { velorSync } from "../../helpers/velor-sync-process.ts";
import { type ServedConfig, WrongAnswer } from "../answer-oracle.ts";
import type { Outcome, Surface } from "../fuzzer.ts";
import { createHttpConnections, type HttpConnections } from "../http-connections.ts";
import { brokenMaker, getMaker, type InputMaker, postMaker } from "../http-grammar.ts";
import { decodeMessage, encodeMessage, framedMessage } from "../http-message.ts";
import { judgeHttp } from "../http-oracle.ts";
import { type LedgerFacts, readLedgerFacts } from "../ledger-facts.ts";
import { startProbedServe } from "../probed-serve.ts";
import { frameGenerator } from "./server.ts";

/** Time is real here, and what waits takes its time. */
const WAITING_PERCENT = 2;

/** Share of the inputs whose very bytes are changed: each costs a connection. */
const BROKEN_PERCENT = 4;

/** Settings under which the cases end, and every limit matters. */
const SERVE_CONFIG = {
  maxEpochChunkSize: 4,
  maxStateChunkSize: 64,
  maxTransactionChunkSize: 64,
  maxTransactionOutputChunkSize: 32,
  maxNetworkChunkBytes: 12_000,
  maxLruCacheBytes: 2 * 1024 * 1024,
  storageSummaryRefreshIntervalMs: 10,
  maxOptimisticFetchPeriodMs: 5,
  maxSubscriptionPeriodMs: 5,
};

/** Opens the surface of `velor-sync serve` on Node, over a store of a devnet. */
export async function openNodeSurface(): Promise<Surface> {
  const folder = await mkdtemp(join(tmpdir(), "velor-fuzz-"));
  const store = join(folder, "store");
  const config = join(folder, "serve.json");
  await writeFile(config, JSON.stringify({ ...SERVE_CONFIG, allow: ["127.0.0.1"] }));
  const chain = ["--blocks", "36", "--accounts", "24", "--transactions-per-block", "6", "--epoch-blocks", "6"];
  const made = await velorSync(["devnet", "build", "--store", store, ...chain]);
  if (made.exitCode !== 0) throw new Error(`Cannot make a devnet: ${made.stderr}`);
  const { reader, context } = await openLedgerDirectory(store);
  const facts = await readLedgerFacts(reader, context);
  await reader.close();
  const server = await startProbedServe(["--store", store, "--config", config]);
  return socketSurface("node", server.url, {
    facts,
    config: { ...DEFAULT_STORAGE_SERVICE_CONFIG, ...SERVE_CONFIG },
    memoryBytes: server.heapBytes,
    async close() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  });
}

/**
 * Opens the surface of the deployed Worker in miniflare, seeded by its own sync.
 *
 * Its memory is not judged: the process also holds the edge cache and the bucket that miniflare plays, which grow with every
 * answer that may be kept.
 */
export async function openWorkerSurface(): Promise<Surface> {
  const world = await buildDevnetWorld({
    blocks: 24,
    parameters: { accounts: 24, transactionsPerBlock: 6, epochBlocks: 6 },
  });
  const facts = await readLedgerFacts(world.ledger, world.context);
  const seeded = await startSeededWorker(world, { TRUSTED_PEERS: "127.0.0.1 ::1", STORAGE_SERVICE: SERVE_CONFIG });
  return socketSurface("worker", seeded.worker.url, {
    facts,
    config: { ...DEFAULT_STORAGE_SERVICE_CONFIG, maxNetworkChunkBytesV2: GET_RESPONSE_BYTES, ...SERVE_CONFIG },
    // workerd answers so to a method that it does not know.
    platformRefusals: [501],
    memoryBytes: async () => undefined,
    close: () => seeded.close(),
  });
}

/** What is known of a server behind sockets. */
interface SocketServer {
  readonly facts: LedgerFacts;
  readonly config: ServedConfig;
  /** Statuses from 500 on with which the platform itself refuses what is no HTTP, before the server hears of it. */
  readonly platformRefusals?: readonly number[];
  readonly memoryBytes: () => Promise<number | undefined>;
  readonly close: () => Promise<void>;
}

function socketSurface(name: string, url: string, server: SocketServer): Surface {
  const connections = createHttpConnections(url);
  const get = getMaker(server.facts, WAITING_PERCENT);
  const post = postMaker(frameGenerator(server.facts, WAITING_PERCENT));
  const broken = brokenMaker([get, post]);
  const generate: InputMaker = (random, pool) => {
    if (random.chance(BROKEN_PERCENT)) return broken(random, pool);
    return (random.chance(50) ? get : post)(random, pool);
  };
  const { host } = new URL(url);
  return {
    name,
    extension: "http",
    generate,
    run: (input) => ask(connections, input, { ...server, host }),
    memoryBytes: server.memoryBytes,
    async close() {
      connections.close();
      await server.close();
    },
  };
}

async function ask(
  connections: HttpConnections,
  input: Uint8Array,
  { host, config, platformRefusals = [] }: SocketServer & { readonly host: string },
): Promise<Outcome> {
  const message = decodeMessage(input);
  const sent = framedMessage(input, host);
  if (message === undefined || !isWellFormed(input)) {
    const answer = await connections.shout(sent);
    const status = answer?.status ?? 0;
    if (status >= 500 && !platformRefusals.includes(status)) throw new WrongAnswer(`status ${status} to broken HTTP`);
    return { isAnswered: status === 200, way: `broken ${status}` };
  }
  const answer = await connections.ask(sent, message.method === "HEAD");
  return judgeHttp(message, answer, config);
}

/** Whether a message is HTTP that any parser takes. */
function isWellFormed(input: Uint8Array): boolean {
  const message = decodeMessage(input);
  if (message === undefined || !equalBytes(encodeMessage(message), input)) return false;
  const { method, target, headers } = message;
  return /^(GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS)$/.test(method) && TARGET.test(target) &&
    headers.every(([name, value]) => /^[a-z-]+$/.test(name) && /^[ -~]*$/.test(value) && !FRAMING_HEADERS.test(name));
}

/** RFC 9112 §3.2.1 and RFC 3986 §3.3; with two slashes it would begin with a host. */
const TARGET = /^\/(?!\/)[A-Za-z0-9\-._~:/?@!$&'()*+,;=%[\]]*$/;

/** Said by whoever sends the message. */
const FRAMING_HEADERS = /^(content-length|transfer-encoding|connection|host|upgrade|expect|trailer)$/;
