/**
 * The deployed Worker under load, in workerd over real sockets: CPU a read, and memory beside many clients.
 *
 * `node test/bench/worker.bench.ts`, about three minutes; needs `wrk` and Linux. Everything is measured from outside the
 * process (`/proc/PID`), beside a Worker in the same run that does nothing but return the same bytes, itself or from a
 * Durable Object. Heaps are held to the 128 MB that an isolate has on the platform. Requests come to the Worker without
 * the one that miniflare puts in front; the edge cache and R2 are simulated by Workers in the same process, so only answers
 * from the object tell of ours.
 *
 * Idle is after a load of 32 connections and a pause: V8 and the allocator keep what the first requests made them take,
 * whoever serves; a fresh process is shown beside it.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { buildDevnetWorld, type DevnetWorld } from "../helpers/devnet-world.ts";
import { V8_FLAGS } from "../helpers/deployed-worker.ts";
import { startSeededWorker } from "../helpers/seeded-worker.ts";
import { printRow, seededBytes } from "./bench-tools.ts";
import { cpuSeconds, residentMegabytes, workerdProcesses } from "./workerd-process.ts";
import { runLoad } from "./wrk-load.ts";

process.env["MINIFLARE_WORKERD_V8_FLAGS"] = V8_FLAGS;

const SECONDS = 6;
const CONNECTIONS = 32;
const CLIENTS = 1_000;
/** Proofs that were never asked for before, a run: more than the response cache holds. */
const COLD_PROOFS = 20_000;
/** Chunks that overlap but are not the same, several times what the response cache holds. */
const COLD_CHUNKS = 200;

const TRIVIAL = `
import { DurableObject } from "cloudflare:workers";
import bytes from "./answer.bin";
const answer = () => new Response(bytes, { headers: { "content-type": "application/cbor" } });
export class Trivial extends DurableObject {
  fetch() { return answer(); }
}
export default {
  fetch(request, env) {
    return request.url.endsWith("/object") ? env.TRIVIAL.get(env.TRIVIAL.idFromName("one")).fetch(request) : answer();
  },
};
`;

/** A process of workerd that serves. */
interface Target {
  readonly url: string;
  readonly pid: number;
}

/** Runs a load and prints what it cost the process. */
async function measure(name: string, at: Target, paths: readonly string[]): Promise<void> {
  await runLoad(at.url, { paths, connections: CONNECTIONS, seconds: 2 });
  const start = cpuSeconds(at.pid);
  const { requests, requestsPerSecond, p99Ms, refused, broken } = await runLoad(at.url, {
    paths,
    connections: CONNECTIONS,
    seconds: SECONDS,
  });
  const cpuUs = (cpuSeconds(at.pid) - start) * 1e6 / requests;
  printRow([name.padEnd(34), cpuUs, requestsPerSecond, p99Ms, refused + broken], 0);
}

/** Starts the rival over the same bytes. */
async function startTrivial(bytes: Uint8Array): Promise<Target & { close(): Promise<void> }> {
  const before = workerdProcesses();
  const miniflare = new Miniflare(convertV4MiniflareOptions({
    compatibilityDate: "2026-11-01",
    compatibilityFlags: ["no_nodejs_compat", "no_nodejs_compat_v2"],
    modules: [
      { type: "ESModule", path: "trivial.js", contents: TRIVIAL },
      { type: "Data", path: "answer.bin", contents: bytes },
    ],
    durableObjects: { TRIVIAL: { className: "Trivial", useSQLite: true } },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  }));
  await miniflare.ready;
  const { origin: url } = await miniflare.unsafeGetDirectURL();
  const pid = workerdProcesses().find((candidate) => !before.includes(candidate)) ?? 0;
  return { url, pid, close: () => miniflare.dispose() };
}

/** Opens `CLIENTS` connections that wait for what comes next. */
async function waitingClients(world: DevnetWorld, url: string): Promise<Socket[]> {
  const { committedVersion, epochState } = await world.ledger.progress();
  const { hostname, port } = new URL(url);
  return Array.from({ length: CLIENTS }, () => {
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    socket.resume();
    socket.write(`GET /v1/new/outputs/${committedVersion}/${epochState?.epoch} HTTP/1.1\r\nHost: bench\r\n\r\n`);
    return socket;
  });
}

/** Largest resident memory of a process while `run` runs. */
async function peakMegabytes(pid: number, run: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  const timer = setInterval(() => peak = Math.max(peak, residentMegabytes(pid)), 50);
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
  return peak;
}

/** Runs a load in a fresh process that has warmed up, and prints what it holds at each step. */
async function measureMemory(
  name: string,
  start: () => Promise<Target>,
  load: { readonly warmUp: readonly string[]; readonly run: (at: Target) => Promise<unknown> },
): Promise<void> {
  const at = await start();
  const fresh = residentMegabytes(at.pid);
  await runLoad(at.url, { paths: load.warmUp, connections: CONNECTIONS, seconds: SECONDS });
  await pause(3_000);
  const idle = residentMegabytes(at.pid);
  const peak = await peakMegabytes(at.pid, () => load.run(at));
  printRow([name.padEnd(34), fresh, idle, peak, peak - idle], 0);
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

const parameters = { accounts: 500, transactionsPerBlock: 200, epochBlocks: 4, validators: 4 };
const world = await buildDevnetWorld({ blocks: 6, parameters });
const [ending] = await world.ledger.epochEndings(1n, 1);
const end = ending?.ledgerInfo.commitInfo.version ?? 0n;
const proofPath = (seed: number) => {
  const hash = Buffer.from(seededBytes(32, seed)).toString("hex");
  return `/v1/state/${end}/${hash}@${end}`;
};
const seeded = await startSeededWorker(world, {
  // Nobody tells the Worker who connects, so all clients here count as one.
  STORAGE_SERVICE: { maxOptimisticFetchPeriodMs: 60_000, maxActiveOptimisticFetchesPerPeer: CLIENTS },
  direct: true,
});
const target = (): Target => ({ url: seeded.worker.url, pid: workerdProcesses()[0] ?? 0 });
const ours = target();
const proof = new Uint8Array(await (await fetch(ours.url + proofPath(1))).arrayBuffer());
const chunkPath = `/v1/outputs/256-511@${end}`;
const chunk = await (await fetch(ours.url + chunkPath)).arrayBuffer();
const trivial = await startTrivial(proof);

console.log(`\nproof of ${proof.length} B, chunk of ${chunk.byteLength} B; ${CONNECTIONS} connections`);
printRow(["".padEnd(34), "CPU µs", "requests/s", "p99 ms", "errors"]);
await measure("trivial Worker", trivial, ["/"]);
await measure("trivial object behind it", trivial, ["/object"]);
await measure("proof, hot, from the object", ours, [`${proofPath(1)}?fresh=1`]);
await measure("proof, hot, simulated edge cache", ours, [proofPath(1)]);
const cold = Array.from({ length: COLD_PROOFS }, (_, i) => `${proofPath(i + 2)}?fresh=1`);
await measure("proof, cold, from the object", ours, cold);
await measure("chunk, hot, from the object", ours, [`${chunkPath}?fresh=1`]);
const chunks = Array.from({ length: COLD_CHUNKS }, (_, i) => `/v1/outputs/${i + 256}-${i + 511}@${end}?fresh=1`);
await measure("chunk, cold, from the object", ours, chunks);

await trivial.close();

console.log(`\nresident memory in MB beside ${CLIENTS} clients at once, each in a fresh process`);
printRow(["".padEnd(34), "fresh", "idle", "peak", "growth"]);
const clients = { connections: CLIENTS, seconds: SECONDS };
let rival: Awaited<ReturnType<typeof startTrivial>> | undefined;
await measureMemory("trivial object", async () => rival = await startTrivial(proof), {
  warmUp: ["/object"],
  run: ({ url }) => runLoad(url, { paths: ["/object"], ...clients }),
});
await rival?.close();
const restarted = async () => {
  await seeded.restart();
  return target();
};
const hot = [`${proofPath(1)}?fresh=1`];
await measureMemory("proofs, hot, from the object", restarted, {
  warmUp: hot,
  run: ({ url }) => runLoad(url, { paths: hot, ...clients }),
});
await measureMemory("proofs, cold, from the object", restarted, {
  warmUp: cold.slice(0, COLD_PROOFS / 2),
  run: ({ url }) => runLoad(url, { paths: cold.slice(COLD_PROOFS / 2), ...clients }),
});
await measureMemory("waiting for the next version", restarted, {
  warmUp: hot,
  run: async ({ url }) => {
    const sockets = await waitingClients(world, url);
    await pause(SECONDS * 1_000);
    const waiting = await (await fetch(`${url}/probe/waiting`)).json();
    if (waiting !== CLIENTS) throw new Error(`${waiting} of ${CLIENTS} clients wait`);
    for (const socket of sockets) socket.resetAndDestroy();
  },
});
await seeded.close();
