import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLedgerDirectory } from "../../../adapters/sqlite/ledger-directory.ts";
import type { LedgerInfoWithSignatures } from "../../../core/chain/ledger-info.ts";
import { formatWaypoint, type Waypoint, waypointOf } from "../../../core/trust/waypoint.ts";
import {
  type Running,
  scratchFolder,
  startServe,
  stop,
  velorSync,
  velorSyncJson,
} from "../../helpers/velor-sync-process.ts";

const CHAIN = ["--accounts", "5", "--blocks", "6", "--transactions-per-block", "2", "--epoch-blocks", "2"];

const scratch = scratchFolder();
let chain: Record<string, unknown>;
let later: Waypoint;
let server: Running & { readonly url: string };

beforeAll(async () => {
  chain = await velorSyncJson(["devnet", "build", "--store", scratch.path("chain"), ...CHAIN]);
  const { reader, context } = await openLedgerDirectory(scratch.path("chain"));
  const [ending] = await reader.epochEndings(2n, 1);
  later = waypointOf(context, (ending as LedgerInfoWithSignatures).ledgerInfo);
  await reader.close();
  server = await startServe(["--store", scratch.path("chain")]);
});

afterAll(async () => {
  if (server !== undefined) await stop(server);
  scratch.remove();
});

const syncArgs = (
  store: string,
  waypoint: string,
) => ["sync", "--peer", server.url, "--store", scratch.path(store), "--waypoint", waypoint];

/** A store with the beginning of the chain, which knows of no epoch that has ended since genesis. */
async function begin(store: string): Promise<void> {
  await velorSyncJson(["devnet", "build", "--store", scratch.path(store), ...CHAIN, "--blocks", "0"]);
}

describe("velor-sync sync with a later waypoint", () => {
  it("goes on with a store that has not come to it, and checks it as the chain passes", async () => {
    await begin("copy");
    const { accumulatorRootHash } = chain;
    for (let run = 0; run < 2; run++) {
      expect(await velorSyncJson(syncArgs("copy", formatWaypoint(later)))).toMatchObject({ accumulatorRootHash });
    }
  });

  it("refuses a chain that has another ledger info there", async () => {
    await begin("other");
    const wrong = { ...later, value: later.value.map((byte) => byte ^ 1) };
    const { exitCode, stdout } = await velorSync([...syncArgs("other", formatWaypoint(wrong)), "--json"]);
    expect([exitCode, JSON.parse(stdout).error]).toMatchObject([1, { code: "WAYPOINT_MISMATCH" }]);
  });
});

describe("velor-sync sync after a mistyped first waypoint", () => {
  it("says so, and copies the chain into the same store once it is corrected", async () => {
    const waypoint = String(chain["waypoint"]);
    const mistyped = `0:${"ab".repeat(32)}`;
    const { exitCode, stdout } = await velorSync([...syncArgs("mistyped", mistyped), "--json"]);
    expect([exitCode, JSON.parse(stdout).error]).toMatchObject([1, { code: "WRONG_CHAIN" }]);
    const { accumulatorRootHash } = chain;
    expect(await velorSyncJson(syncArgs("mistyped", waypoint))).toMatchObject({ accumulatorRootHash });
    const refused = await velorSync([...syncArgs("mistyped", mistyped), "--json"]);
    expect([refused.exitCode, JSON.parse(refused.stdout).error]).toMatchObject([1, { code: "NETWORK_MISMATCH" }]);
  });
});
