import { describe, expect, it } from "vitest";
import { COIN_STORE } from "../../../adapters/devnet/account-resources.ts";
import { decodeSupply } from "../../../adapters/devnet/coin.ts";
import { createDevnetGenesis } from "../../../adapters/devnet/devnet.ts";
import { PARAMETERS, SUPPLY_SLOT, TREASURY_ADDRESS } from "../../../adapters/devnet/framework-resources.ts";
import { STAKE_POOL } from "../../../adapters/devnet/stake-resources.ts";
import { columnItem } from "../../../core/bytes/column.ts";
import { encodeHex } from "../../../core/bytes/hex.ts";
import { decodeContractEvent, isNewEpochEvent } from "../../../core/chain/event.ts";
import { splitEvents } from "../../../core/chain/event-lists.ts";
import { decodeTransaction } from "../../../core/chain/transaction.ts";
import { encodeStateKey } from "../../../core/chain/state-key.ts";
import { decodeWriteSet } from "../../../core/chain/write-set.ts";
import { verifyGenesis } from "../../../core/trust/genesis.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { APTOS, VELOR } from "../../helpers/trust-context.ts";

describe.each([["velor", VELOR], ["aptos", APTOS]])("genesis of a devnet of profile %s", (_, context) => {
  const genesis = createDevnetGenesis({ context }, { validators: 7, seed: 3n });

  it("is a direct change set that verifies against its own waypoint and no other", () => {
    expect(decodeTransaction(genesis.blob)).toMatchObject({ kind: "genesis", payload: { kind: "direct" } });
    expect(verifyGenesis(context, genesis.blob, genesis.waypoint).stateRootHash).toEqual(genesis.stateRootHash);
    const other = createDevnetGenesis({ context }, { validators: 7, seed: 4n }).waypoint;
    expectSyncError(() => verifyGenesis(context, genesis.blob, other), "WAYPOINT_MISMATCH");
  });

  it("names the first validators in the order of their indexes", () => {
    expect(genesis.nextEpochState.epoch).toBe(1n);
    expect(genesis.nextEpochState.validators).toHaveLength(7);
    const addresses = genesis.nextEpochState.validators.map(({ address }) => encodeHex(address));
    expect(new Set(addresses).size).toBe(7);
    for (const { votingPower } of genesis.nextEpochState.validators) expect(votingPower).toBeGreaterThan(0n);
  });

  it("ends with the event that starts the first epoch", () => {
    const { events } = splitEvents(genesis.chunk.events);
    expect(isNewEpochEvent(columnItem(events, events.count - 1))).toBe(true);
    expect(decodeContractEvent(columnItem(events, 0))).toMatchObject({ type: { struct: { name: "NewBlockEvent" } } });
  });

  it("counts every coin and every stake in the supply", () => {
    const values = decodeWriteSet(columnItem(genesis.chunk.writeSets, 0)).entries;
    const dataOf = (name: string) =>
      values.flatMap(({ key, op }) => op.kind !== "deletion" && isResource(key, name) ? [op.data] : []);
    const coins = dataOf("CoinStore").reduce((sum, data) => sum + COIN_STORE.decode(data).balance, 0n);
    const stakes = dataOf("StakePool").reduce((sum, data) => sum + STAKE_POOL.decode(data).active, 0n);
    const supply = values.find(({ key }) => encodeHex(encodeStateKey(key)) === encodeHex(SUPPLY_SLOT.keyBytes))?.op;
    expect(decodeSupply(supply?.kind === "creation" ? supply.data : undefined)).toBe(coins + stakes);
  });

  it("holds the parameters that it was made from", () => {
    const name = encodeHex(PARAMETERS.slot(TREASURY_ADDRESS).keyBytes);
    const entry = decodeWriteSet(columnItem(genesis.chunk.writeSets, 0)).entries.find(({ key }) =>
      encodeHex(encodeStateKey(key)) === name
    );
    expect(entry?.op.kind === "creation" && PARAMETERS.decode(entry.op.data)).toEqual(genesis.parameters);
  });

  it("stays below 256 KiB with as many validators as there may be", () => {
    const largest = createDevnetGenesis({ context }, { validators: 100 });
    expect(largest.nextEpochState.validators).toHaveLength(100);
    expect(largest.blob.length).toBeLessThanOrEqual(256 * 1024);
  });
});

function isResource(key: ReturnType<typeof decodeWriteSet>["entries"][number]["key"], name: string): boolean {
  // The path ends with the name and the type arguments, so the name is somewhere in it as plain ASCII.
  return key.kind === "accessPath" && String.fromCharCode(...key.path).includes(name);
}
