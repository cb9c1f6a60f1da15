import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { hasRealData, realData } from "../../helpers/real-data.ts";
import { realEpochChange } from "../../helpers/real-proofs.ts";
import { scratchFolder, velorSync, velorSyncJson } from "../../helpers/velor-sync-process.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());

async function file(name: string, bytes: Uint8Array | Promise<Uint8Array>): Promise<string> {
  writeFileSync(scratch.path(name), await bytes);
  return scratch.path(name);
}

describe.skipIf(!hasRealData)("genesis", () => {
  it.each(["mainnet", "devnet", "ait3"])("verify prints the published values of %s", async (network) => {
    const vectors = JSON.parse(new TextDecoder().decode(await realData("genesis/vectors.json")))[network];
    const path = await file(`${network}.blob`, realData(`genesis/${network}.blob`));
    expect(await velorSyncJson(["genesis", "verify", path, "--waypoint", vectors.waypoint])).toEqual({
      waypoint: vectors.waypoint,
      transactionHash: vectors.transaction_hash,
      stateChangeHash: vectors.state_change_hash,
      eventRootHash: vectors.event_root_hash,
      stateRootHash: vectors.state_checkpoint_hash,
      transactionInfoHash: vectors.transaction_info_hash,
      accumulatorRootHash: vectors.transaction_info_hash,
      ledgerInfoHash: vectors.ledger_info_hash,
      writeOps: vectors.write_ops,
      events: vectors.events,
      validators: vectors.num_validators,
      totalVotingPower: vectors.total_voting_power,
      quorumVotingPower: vectors.quorum_voting_power,
      nextEpoch: String(vectors.next_epoch),
    });
  });

  it("verify refuses a flipped bit, with the error as the one document on stdout", async () => {
    const { waypoint } = JSON.parse(new TextDecoder().decode(await realData("genesis/vectors.json"))).ait3;
    const bytes = (await realData("genesis/ait3.blob")).slice();
    bytes[200_000] = (bytes[200_000] as number) ^ 1;
    const path = await file("flipped.blob", bytes);
    const ended = await velorSync(["genesis", "verify", path, "--waypoint", waypoint, "--json"]);
    expect(ended).toMatchObject({ exitCode: 1, stderr: "" });
    expect(JSON.parse(ended.stdout).error).toMatchObject({ fault: "peer" });
  });

  it("import makes a store that inspect reads", async () => {
    const vectors = JSON.parse(new TextDecoder().decode(await realData("genesis/vectors.json"))).ait3;
    const path = await file("import.blob", realData("genesis/ait3.blob"));
    const store = scratch.path("imported");
    await velorSyncJson(["genesis", "import", path, "--waypoint", vectors.waypoint, "--store", store]);
    expect(await velorSyncJson(["inspect", "--store", store])).toMatchObject({
      committedVersion: "0",
      epoch: "1",
      firstVersion: "0",
      stateRootHash: vectors.state_checkpoint_hash,
      accumulatorRootHash: vectors.transaction_info_hash,
      profile: "aptos",
    });
  });
});

describe.skipIf(!hasRealData)("trust ratchet", () => {
  it("accepts the real epoch change of mainnet", async () => {
    const { proofBytes, trustedStateBytes } = await realEpochChange();
    const [proof, state] = [await file("epoch.proof", proofBytes), await file("trusted.state", trustedStateBytes)];
    expect(await velorSyncJson(["trust", "ratchet", "--trusted-state", state, "--epoch-change-proof", proof])).toEqual({
      waypoint: "998146172:40afa6c1739d8c87b4fcf22471d67fd0d224a325a9de2c768081fcf5bfa80d9c",
      epoch: "7496",
      version: "998146172",
      signers: 92,
      validators: 138,
      votingPower: "58130970450833810",
      quorumVotingPower: "57875557537912799",
    });
  });

  it("refuses it on the other profile", async () => {
    const { proofBytes, trustedStateBytes } = await realEpochChange();
    const [proof, state] = [await file("epoch2.proof", proofBytes), await file("trusted2.state", trustedStateBytes)];
    const args = ["--trusted-state", state, "--epoch-change-proof", proof, "--profile", "velor", "--json"];
    const ended = await velorSync(["trust", "ratchet", ...args]);
    expect(ended.exitCode).toBe(1);
    expect(JSON.parse(ended.stdout).error).toMatchObject({ code: "MALFORMED_BCS", fault: "peer" });
  });
});

describe("usage", () => {
  it.each([
    [["nonsense"]],
    [["inspect"]],
    [["serve", "--store", "x", "--listen", "nowhere"]],
    [["sync", "--peer", "ftp://x", "--waypoint", "0:00", "--store", "x"]],
    [["inspect", "--store", "x", "--version", "-1"]],
  ])("%j ends with 2, in JSON on demand", async (args) => {
    const ended = await velorSync([...args, "--json"]);
    expect(ended.exitCode).toBe(2);
    expect(JSON.parse(ended.stdout).error).toMatchObject({ code: "INVALID_ARGUMENT", fault: "caller" });
  });

  it("inspect says that there is no store", async () => {
    const ended = await velorSync(["inspect", "--store", scratch.path("nothing-here")]);
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toContain("there is none in");
  });
});
