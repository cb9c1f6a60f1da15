/**
 * The deployed Worker over the ledger of a devnet world: seeded by syncing from a Node server, as it is in production.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStorageServiceApp } from "../../adapters/http/storage-service-app.ts";
import { NODE_PLATFORM } from "../../adapters/node/node-platform.ts";
import { nodeSha3 } from "../../adapters/node/node-sha3.ts";
import { SILENT_LOG } from "../../core/ports/log.ts";
import { formatWaypoint } from "../../core/trust/waypoint.ts";
import { type DeployedWorker, type DeployedWorkerOptions, startDeployedWorker } from "./deployed-worker.ts";
import type { DevnetWorld } from "./devnet-world.ts";
import { serverOf } from "./http-world.ts";

/** How often the Worker is asked how far it is, and for how long. */
const POLL_MS = 100;
const MAX_POLLS = 1_200;

/** A Worker and where it got its ledger. */
export interface SeededWorker {
  /** The Worker that runs now. */
  readonly worker: DeployedWorker;
  /** Base URL of the Node server over the same ledger. */
  readonly upstreamUrl: string;
  /** Waits until the Worker has what the world has. */
  caughtUp(): Promise<void>;
  /** Ends the Worker's process and starts another over the same storage. */
  restart(options?: Partial<DeployedWorkerOptions>): Promise<void>;
  /** Ends everything and removes the storage. */
  close(): Promise<void>;
}

/** Starts a Worker and waits until it has the ledger of `world`. */
export async function startSeededWorker(
  world: DevnetWorld,
  options: Partial<DeployedWorkerOptions> = {},
): Promise<SeededWorker> {
  const app = createStorageServiceApp({
    server: serverOf(world),
    sha3: nodeSha3,
    nowMs: () => Date.now(),
    log: SILENT_LOG,
  });
  const upstream = await NODE_PLATFORM.listen((request) => app.fetch(request), { hostname: "127.0.0.1", port: 0 });
  const directory = await mkdtemp(join(tmpdir(), "velor-worker-"));
  const settings = { WAYPOINT: formatWaypoint(world.waypoint), UPSTREAM: upstream.url, directory, ...options };
  let worker = await startDeployedWorker(settings);
  const seeded: SeededWorker = {
    get worker() {
      return worker;
    },
    upstreamUrl: upstream.url,
    async caughtUp() {
      const { committedVersion } = await world.ledger.progress();
      for (let poll = 0; poll < MAX_POLLS; poll++) {
        if (await committedVersionOf(worker.url) === String(committedVersion)) return;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      throw new Error(`The Worker does not reach version ${committedVersion}`);
    },
    async restart(changes = {}) {
      await worker.close();
      worker = await startDeployedWorker({ ...settings, ...changes });
    },
    async close() {
      await worker.close();
      await upstream.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await seeded.caughtUp();
  return seeded;
}

/** What `/healthz` of a server says. */
async function committedVersionOf(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}/healthz`);
  if (response.status !== 200) {
    await response.body?.cancel();
    return undefined;
  }
  return (await response.json() as { committedVersion?: string }).committedVersion;
}
