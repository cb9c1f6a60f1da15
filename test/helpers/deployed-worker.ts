/**
 * The Worker as it is deployed: the bundle of `wrangler deploy --dry-run`, run by miniflare with the bindings, flags and
 * storage that `wrangler.toml` declares. Runs in Node.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

const ROOT = new URL("../..", import.meta.url).pathname;
const CONFIG = join(ROOT, "wrangler.toml");

/**
 * Stands before the bundle, which stays as it is: tells which globals it runs with, hands everything else on.
 */
const PROBE = `
import worker from "./index.js";
export * from "./index.js";
const names = ["Buffer", "process", "require", "setImmediate", "global"];
export default {
  ...worker,
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/globals") return worker.fetch(request, env, ctx);
    return Response.json(Object.fromEntries(names.map((name) => [name, typeof globalThis[name]])));
  },
};
`;

/** Settings of the Worker that a test decides. */
export interface DeployedWorkerOptions {
  readonly PROFILE?: string;
  readonly WAYPOINT: string;
  readonly UPSTREAM: string;
  /** Directory for the storage of Durable Objects; a fresh one that goes with the Worker if absent. */
  readonly directory?: string;
}

/** A Worker that runs. */
export interface DeployedWorker {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** The text of the bundle. */
  readonly bundle: string;
  /** Ends the process of the runtime. */
  close(): Promise<void>;
}

let bundling: Promise<string> | undefined;

/** Bundles the Worker, once a process. */
function bundleWorker(): Promise<string> {
  bundling ??= bundle();
  return bundling;
}

/** Starts the deployed Worker. */
export async function startDeployedWorker(options: DeployedWorkerOptions): Promise<DeployedWorker> {
  const contents = await bundleWorker();
  const { directory, ...bindings } = options;
  const storage = directory ?? await mkdtemp(join(tmpdir(), "velor-worker-"));
  const { workerOptions } = unstable_getMiniflareWorkerOptions(CONFIG);
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      ...workerOptions,
      bindings: { ...workerOptions["bindings"] as object, ...bindings },
      modules: [
        { type: "ESModule", path: "probe.js", contents: PROBE },
        { type: "ESModule", path: "index.js", contents },
      ],
    }),
    resourcePersistencePath: storage,
    telemetry: { enabled: false },
  });
  const url = (await miniflare.ready).origin;
  return {
    url,
    bundle: contents,
    async close() {
      await miniflare.dispose();
      if (directory === undefined) await rm(storage, { recursive: true, force: true });
    },
  };
}

async function bundle(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "velor-bundle-"));
  try {
    const args = ["deploy", "--dry-run", "--config", CONFIG, "--outdir", directory];
    // Wrangler writes to HOME, and phones home.
    const env = { ...process.env, HOME: directory, WRANGLER_SEND_METRICS: "false", WRANGLER_LOG: "error" };
    await promisify(execFile)(join(ROOT, "node_modules/.bin/wrangler"), args, { cwd: ROOT, env });
    return await readFile(join(directory, "index.js"), "utf8");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
