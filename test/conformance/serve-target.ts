/**
 * `velor-sync serve` as a process of its own, over a store that the test writes to.
 *
 * @module
 */
import { createLedgerDirectory } from "../../adapters/sqlite/ledger-directory.ts";
import { buildDevnetWorld } from "../helpers/devnet-world.ts";
import { scratchFolder, startServe, stop } from "../helpers/velor-sync-process.ts";
import type { StartServer } from "./suite.ts";
import { TARGET_CONFIG } from "./target.ts";

/** Starts the server of a runtime. */
export function startServeTarget(runtime: "node" | "deno"): StartServer {
  return async (blocks) => {
    const folder = scratchFolder();
    const store = folder.path("store");
    const world = await buildDevnetWorld({ blocks, newLedger: (options) => createLedgerDirectory(store, options) });
    const flags = Object.entries(TARGET_CONFIG).flatMap(([name, value]) => [flagOf(name), String(value)]);
    const server = await startServe(["--store", store, ...flags], runtime);
    return {
      world,
      url: server.url,
      compresses: true,
      async close() {
        await stop(server);
        await world.ledger.close();
        folder.remove();
      },
    };
  };
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
