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

/** The platform gives an isolate 128 MB; an isolate that needs more ends the process here. */
export const V8_FLAGS = "--max-heap-size=128";

/**
 * Stands before the bundle, which stays as it is: tells which globals it runs with, counts what waits in the object, ends
 * the object as an eviction does, lets its alarm or storage fail, shortens its slices, remembers the data points that local
 * Analytics Engine drops, and hands everything else on.
 */
const PROBE = `
import worker, { SyncObject as Original } from "./index.js";
const names = ["Buffer", "process", "require", "setImmediate", "global"];
const points = [];
const withPoints = (env) => env.METRICS === undefined ? env : { ...env, METRICS: { writeDataPoint: (point) => points.push(point) } };
const envs = new WeakMap();
const probed = (env) => {
  if (!envs.has(env)) envs.set(env, withPoints(env));
  return envs.get(env);
};
const failing = () => Promise.reject(new Error("SQLITE_FULL"));
const FAULTS = {
  alarm: { getAlarm: failing, setAlarm: failing },
  storage: { transactionSync: () => { throw new Error("SQLITE_FULL"); } },
};
const withFaults = (target, faults) => new Proxy(target, {
  get(_, name) {
    if (Object.hasOwn(faults, name)) return faults[name];
    const value = target[name];
    return typeof value === "function" ? value.bind(target) : value;
  },
});
export class SyncObject extends Original {
  constructor(ctx, env) {
    super(ctx, withPoints(env));
    if (env.SLICE_MS !== undefined) this.sliceMs = env.SLICE_MS;
    if (env.FAULT === undefined) return;
    const storage = withFaults(ctx.storage, FAULTS[env.FAULT]);
    Object.defineProperty(this, "ctx", { value: withFaults(ctx, { storage }) });
  }
  waiting = 0;
  async fetch(request) {
    const { url } = request;
    if (url.endsWith("/probe/abort")) this.ctx.abort("evicted by the test");
    if (url.endsWith("/probe/alarm")) return Response.json(await this.alarm().then(() => "done", String));
    if (url.endsWith("/probe/headers")) return Response.json(Object.fromEntries(request.headers));
    if (url.endsWith("/probe/waiting")) return Response.json(this.waiting);
    if (!url.includes("/v1/new/")) return super.fetch(request);
    this.waiting++;
    return await super.fetch(request).finally(() => this.waiting--);
  }
}
export default {
  ...worker,
  fetch(request, env, ctx) {
    const { url } = request;
    if (url.endsWith("/globals")) return Response.json(Object.fromEntries(names.map((name) => [name, typeof globalThis[name]])));
    if (url.endsWith("/probe/points")) return Response.json(points.splice(0));
    return worker.fetch(request, probed(env), ctx);
  },
};
`;

/** Settings of the Worker that a test decides. */
export interface DeployedWorkerOptions {
  readonly PROFILE?: string;
  readonly WAYPOINT: string;
  readonly UPSTREAM: string;
  readonly TRUSTED_PEERS?: string;
  readonly PEERS?: string;
  readonly STORAGE_SERVICE?: Readonly<Record<string, number | boolean | string>>;
  /** What fails in the object: its alarm cannot be read or set, or its storage takes no commit. */
  readonly FAULT?: "alarm" | "storage";
  /** Milliseconds of a slice of the sync. */
  readonly SLICE_MS?: number;
  /** Directory for the storage of Durable Objects and buckets; a fresh one that goes with the Worker if absent. */
  readonly directory?: string;
  /** Leaves the optional bindings out: no bucket, no dataset. */
  readonly bare?: boolean;
  /** Listens without the Worker that miniflare puts in front: for measuring. No address of a client is known then. */
  readonly direct?: boolean;
}

/** What tests use of a bucket: a part of the platform's `R2Bucket`, whose own types clash with those of Node. */
interface TestBucket {
  head(name: string): Promise<
    {
      readonly size: number;
      readonly customMetadata?: Record<string, string>;
      readonly checksums: { toJSON(): { sha256?: string } };
    } | null
  >;
  put(name: string, bytes: Uint8Array, options?: { customMetadata?: object; sha256?: string }): Promise<unknown>;
  delete(name: string): Promise<void>;
  list(): Promise<{ readonly objects: readonly { readonly key: string }[] }>;
}

/** A Worker that runs. */
export interface DeployedWorker {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** The text of the bundle. */
  readonly bundle: string;
  /** Every line that the Worker logged so far. */
  readonly logLines: readonly string[];
  /** The bucket of large answers. */
  bucket(): Promise<TestBucket>;
  /** Triggers the schedule, as the platform does every few minutes. */
  schedule(): Promise<void>;
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
  const { directory, bare = false, direct = false, ...bindings } = options;
  const storage = directory ?? await mkdtemp(join(tmpdir(), "velor-worker-"));
  const logLines: string[] = [];
  const { workerOptions } = unstable_getMiniflareWorkerOptions(CONFIG);
  process.env["MINIFLARE_WORKERD_V8_FLAGS"] = V8_FLAGS;
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      ...workerOptions,
      ...(bare ? { r2Buckets: {}, analyticsEngineDatasets: {} } : {}),
      ...(direct ? { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] } : {}),
      bindings: { ...workerOptions["bindings"] as object, ...bindings },
      modules: [
        { type: "ESModule", path: "probe.js", contents: PROBE },
        { type: "ESModule", path: "index.js", contents },
      ],
    }),
    resourcePersistencePath: storage,
    handleStructuredLogs: ({ message }) => logLines.push(message),
    telemetry: { enabled: false },
    unsafeTriggerHandlers: true,
  });
  const ready = await miniflare.ready;
  const { origin: url } = direct ? await miniflare.unsafeGetDirectURL() : ready;
  return {
    url,
    bundle: contents,
    logLines,
    bucket: async () => await miniflare.getR2Bucket("ANSWERS") as unknown as TestBucket,
    async schedule() {
      const response = await miniflare.dispatchFetch("http://localhost/cdn-cgi/local/scheduled");
      if (response.status !== 200) throw new Error(`The schedule fails: ${await response.text()}`);
    },
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
