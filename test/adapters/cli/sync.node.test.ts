import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { utf8Bytes } from "../../../core/bytes/bytes.ts";
import { createSeededRandom } from "../../../adapters/devnet/seeded-random.ts";
import { openLedgerDirectory } from "../../../adapters/sqlite/ledger-directory.ts";
import { exhaustive } from "../../helpers/exhaustive.ts";
import {
  type Running,
  runStart,
  scratchFolder,
  startServe,
  startVelorSync,
  stop,
  velorSync,
  velorSyncJson,
} from "../../helpers/velor-sync-process.ts";

const CHAIN = exhaustive
  ? ["--accounts", "10000", "--blocks", "200", "--transactions-per-block", "50", "--epoch-blocks", "40"]
  : ["--accounts", "500", "--blocks", "80", "--transactions-per-block", "20", "--epoch-blocks", "10"];
const PATIENCE = exhaustive ? 10 : 1;
const KILLS = 20;

const scratch = scratchFolder();
const requestLog = scratch.path("requests.log");
let chain: Record<string, unknown>;
let server: Running & { readonly url: string };

beforeAll(async () => {
  chain = await velorSyncJson(["devnet", "build", "--store", scratch.path("chain"), ...CHAIN]);
  server = await startServe(["--store", scratch.path("chain"), "--request-log", requestLog]);
}, 120_000 * PATIENCE);

afterAll(async () => {
  if (server !== undefined) await stop(server);
  scratch.remove();
});

const syncArgs = (store: string) => [
  ...["sync", "--mode", "outputs", "--peer", server.url],
  ...["--waypoint", String(chain["waypoint"]), "--store", scratch.path(store)],
];

const head = () => ({
  version: chain["version"],
  epoch: chain["epoch"],
  stateRootHash: chain["stateRootHash"],
  accumulatorRootHash: chain["accumulatorRootHash"],
});

/** First versions of the output requests in the log, from a line on. */
function requestedVersions(fromLine: number): bigint[] {
  const lines = readFileSync(requestLog, "utf8").split("\n").slice(fromLine);
  return lines.flatMap((line) => /\/v1\/outputs\/(\d+)-/.exec(line)?.[1] ?? []).map(BigInt);
}

const lineCount = () => readFileSync(requestLog, "utf8").split("\n").length - 1;

async function committedVersion(store: string): Promise<bigint | undefined> {
  const { reader } = await openLedgerDirectory(scratch.path(store)).catch(() => ({ reader: undefined }));
  const progress = await reader?.progress();
  await reader?.close();
  return progress?.preCommittedVersion;
}

describe("sync", () => {
  it("ends with the roots of the chain it copied, and inspect agrees", async () => {
    expect(await velorSyncJson(syncArgs("copy"))).toMatchObject(head());
    const { version, ...rest } = head();
    expect(await velorSyncJson(["inspect", "--store", scratch.path("copy")])).toMatchObject({
      committedVersion: version,
      preCommittedVersion: version,
      ...rest,
    });
  }, 60_000 * PATIENCE);

  it("runs under Deno", async () => {
    expect(await velorSyncJson(syncArgs("deno-copy"), "deno")).toMatchObject(head());
  }, 90_000 * PATIENCE);

  it("refuses a store of another network", async () => {
    const waypoint = `0:${"11".repeat(32)}`;
    const args = ["sync", "--peer", server.url, "--waypoint", waypoint, "--store", scratch.path("chain"), "--json"];
    const { exitCode, stdout } = await velorSync(args);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({ code: "NETWORK_MISMATCH", fault: "caller" });
  });

  it(`goes on where it stood after kill -9 at ${KILLS} random moments`, async () => {
    const seed = BigInt(process.env["VELOR_TEST_SEED"] ?? Date.now());
    const random = createSeededRandom(utf8Bytes(seed.toString().padStart(32, "0")));
    let kills = 0;
    while (kills < KILLS) {
      const committed = await committedVersion("killed");
      const before = lineCount();
      const running = startVelorSync(syncArgs("killed"));
      // Counted in requests, not in time, so that a slow machine gets as far as a fast one.
      const wanted = 1 + Math.floor(random.next() * 3);
      const pauseMs = random.next() * 40;
      let isOver = false;
      void running.ended.then(() => isOver = true);
      while (!isOver && requestedVersions(before).length < wanted) await sleep(5);
      await sleep(pauseMs);
      running.process.kill("SIGKILL");
      const { exitCode } = await running.ended;
      if (committed !== undefined) {
        expect(requestedVersions(before).filter((version) => version <= committed), `seed ${seed}`).toEqual([]);
      }
      if (exitCode === 0) break;
      kills++;
    }
    expect(kills, `seed ${seed}: the chain is too short for so many kills`).toBe(KILLS);
    expect(await velorSyncJson(syncArgs("killed")), `seed ${seed}`).toMatchObject(head());
  }, 180_000 * PATIENCE);
});

describe("devnet build", () => {
  it("makes the same chain of the same arguments, and another of another seed", async () => {
    const small = ["--accounts", "10", "--blocks", "3", "--transactions-per-block", "4"];
    const build = (store: string, ...more: string[]) =>
      velorSyncJson(["devnet", "build", "--store", scratch.path(store), ...small, ...more]);
    const first = await build("one");
    expect(await build("two")).toEqual(first);
    expect((await build("three", "--seed", "7"))["waypoint"]).not.toBe(first["waypoint"]);
  }, 60_000);
});

describe("npm start", () => {
  it("builds, serves, copies and compares, and ends with --once", async () => {
    const { exitCode, stdout } = await runStart(["--once"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("the roots agree");
  }, 90_000);
});
