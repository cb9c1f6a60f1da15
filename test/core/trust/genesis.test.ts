import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes, utf8Text } from "../../../core/bytes/bytes.ts";
import { columnItem, encodeColumn } from "../../../core/bytes/column.ts";
import { encodeHex } from "../../../core/bytes/hex.ts";
import { FRAMEWORK_ADDRESS } from "../../../core/chain/address.ts";
import { encodeBcs } from "../../../core/chain/bcs.ts";
import type { ContractEvent } from "../../../core/chain/event.ts";
import { hashEventLists } from "../../../core/chain/event-lists.ts";
import { writeEpochState } from "../../../core/chain/epoch-state.ts";
import { createNobleHasher } from "../../../core/chain/noble-hasher.ts";
import { CONFIGURATION_KEY, VALIDATOR_SET_KEY } from "../../../core/chain/reconfiguration.ts";
import { decodeStateKey } from "../../../core/chain/state-key.ts";
import { decodeTransaction, encodeTransaction } from "../../../core/chain/transaction.ts";
import { encodeValidatorSet } from "../../../core/chain/validator-set.ts";
import type { WriteEntry } from "../../../core/chain/write-set.ts";
import type { WriteSetPayload } from "../../../core/chain/write-set-payload.ts";
import { type Genesis, readGenesis, verifyGenesis } from "../../../core/trust/genesis.ts";
import { formatWaypoint, parseWaypoint } from "../../../core/trust/waypoint.ts";
import { patternBytes } from "../../helpers/bytes.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { flipGenesisBits, sampleBits } from "../../helpers/genesis-flips.ts";
import { hasRealData, realData } from "../../helpers/real-data.ts";
import { APTOS, VELOR } from "../../helpers/trust-context.ts";

describe.skipIf(!hasRealData)("a published genesis", () => {
  let vectors: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {};
  beforeAll(async () => {
    vectors = JSON.parse(utf8Text(await realData("genesis/vectors.json")));
  });

  /** What `vectors.json` says about a file, computed here. */
  function described(blob: Uint8Array, genesis: Genesis): Readonly<Record<string, string | number>> {
    const epochState = encodeBcs((writer) => writeEpochState(writer, genesis.nextEpochState));
    return {
      genesis_blob_len: blob.length,
      write_ops: genesis.writeOpCount,
      events: genesis.eventCount,
      transaction_hash: encodeHex(genesis.transactionHash),
      first_event_hash: encodeHex(hashEventLists(APTOS, genesis.chunk.events).hashes.subarray(0, 32)),
      event_root_hash: encodeHex(genesis.eventRootHash),
      state_change_hash: encodeHex(genesis.stateChangeHash),
      state_checkpoint_hash: encodeHex(genesis.stateRootHash),
      transaction_info_bcs: encodeHex(columnItem(genesis.chunk.infos, 0)),
      transaction_info_hash: encodeHex(genesis.transactionInfoHash),
      next_epoch: Number(genesis.nextEpochState.epoch),
      num_validators: genesis.nextEpochState.validators.length,
      total_voting_power: String(genesis.totalVotingPower),
      quorum_voting_power: String(genesis.quorumVotingPower),
      epoch_state_bcs_sha3: encodeHex(APTOS.hasher.hash(new Uint8Array(0), epochState)),
      epoch_state_bcs_len: epochState.length,
      ledger_info_bcs_len: genesis.ledgerInfo.ledgerInfoBytes.length,
      ledger_info_hash: encodeHex(genesis.ledgerInfoHash),
      waypoint: formatWaypoint(genesis.waypoint),
    };
  }

  it.each(["mainnet", "devnet", "ait3"])("%s has every published value", async (name) => {
    const blob = await realData(`genesis/${name}.blob`);
    const genesis = verifyGenesis(APTOS, blob, parseWaypoint(String(vectors[name]?.["waypoint"])));
    const { genesis_blob_sha256: _, ...expected } = vectors[name]!;
    expect(described(blob, genesis)).toEqual(expected);
    expect(genesis.accumulatorRootHash).toEqual(genesis.transactionInfoHash);
    expect(genesis.chunk).toMatchObject({ firstVersion: 0n, count: 1, infoHashes: genesis.transactionInfoHash });
    expect(genesis.chunk.auxiliaryInfos).toEqual(encodeColumn([Uint8Array.of(0)]));
    expect(genesis.stateUpdates.count).toBe(genesis.writeOpCount);
  });

  it.each(["mainnet", "devnet", "ait3"])("%s comes back byte by byte through every decoder", async (name) => {
    const blob = await realData(`genesis/${name}.blob`);
    const transaction = decodeTransaction(blob);
    expect(transaction.kind).toBe("genesis");
    expect(encodeTransaction(transaction)).toEqual(blob);
  });

  it("is refused as that of another network, or of another profile", async () => {
    const blob = await realData("genesis/ait3.blob");
    const mainnet = parseWaypoint(String(vectors["mainnet"]?.["waypoint"]));
    expectSyncError(() => verifyGenesis(APTOS, blob, mainnet), "WAYPOINT_MISMATCH");
    const own = parseWaypoint(String(vectors["ait3"]?.["waypoint"]));
    expectSyncError(() => verifyGenesis(APTOS, blob, { ...own, version: 1n }), "WAYPOINT_MISMATCH");
    expectSyncError(() => verifyGenesis(VELOR, blob, own), "MALFORMED_BCS");
  });

  it("is refused with a line feed at its end", async () => {
    const blob = concatBytes(await realData("genesis/ait3.blob"), Uint8Array.of(0x0a));
    expect(expectSyncError(() => readGenesis(APTOS, blob), "MALFORMED_BCS").message).toContain("as long as");
  });

  it("is refused with a bit flipped", async () => {
    const blob = await realData("genesis/ait3.blob");
    const waypoint = parseWaypoint(String(vectors["ait3"]?.["waypoint"]));
    const verdicts = flipGenesisBits({ blob, waypoint, bits: sampleBits(blob.length, 3, 20) }, createNobleHasher());
    expect([...verdicts.keys()].toSorted()).toEqual(["MALFORMED_BCS", "UNSUPPORTED", "WAYPOINT_MISMATCH"]);
  });
});

const VALIDATORS = [3n, 2n].map((votingPower, i) => ({
  address: patternBytes(32, i),
  votingPower,
  publicKey: patternBytes(32, 10 + i),
  networkAddresses: new Uint8Array(0),
  fullnodeAddresses: new Uint8Array(0),
  validatorIndex: BigInt(1 - i),
}));

const entryOf = (key: Uint8Array, data: Uint8Array): WriteEntry => ({
  key: decodeStateKey(key),
  op: { kind: "creation", data },
});
const validatorSet = (validators = VALIDATORS) =>
  entryOf(
    VALIDATOR_SET_KEY,
    encodeValidatorSet({
      active: validators,
      pendingInactive: [],
      pendingActive: [],
      totalVotingPower: 5n,
      totalJoiningPower: 0n,
    }),
  );
const CONFIGURATION = entryOf(CONFIGURATION_KEY, encodeBcs((writer) => writer.u64(1n).u64(99n)));
const event = (name: string): ContractEvent => ({
  kind: "v2",
  type: { kind: "struct", struct: { address: FRAMEWORK_ADDRESS, module: "reconfiguration", name, typeArguments: [] } },
  data: new Uint8Array(8),
});
const blobOf = (entries: readonly WriteEntry[], events = [event("NewEpoch")]) =>
  encodeTransaction({ kind: "genesis", payload: { kind: "direct", writeSet: { entries }, events } });

describe("a genesis of one's own", () => {
  it("is read: validators by index, and their quorum", () => {
    const genesis = readGenesis(VELOR, blobOf([validatorSet(), CONFIGURATION]));
    expect(genesis.nextEpochState.epoch).toBe(1n);
    expect(genesis.nextEpochState.validators.map(({ votingPower }) => votingPower)).toEqual([2n, 3n]);
    expect([genesis.totalVotingPower, genesis.quorumVotingPower]).toEqual([5n, 4n]);
    expect(genesis.ledgerInfo.signatures).toEqual({ scheme: "ed25519", signatures: [] });
  });

  it("may delete what was never there: that is no part of the state", () => {
    const without = readGenesis(VELOR, blobOf([validatorSet(), CONFIGURATION]));
    const deletion: WriteEntry = { key: { kind: "raw", key: Uint8Array.of(1) }, op: { kind: "deletion" } };
    const genesis = readGenesis(VELOR, blobOf([validatorSet(), CONFIGURATION, deletion]));
    expect(genesis.stateRootHash).toEqual(without.stateRootHash);
    expect(genesis.stateChangeHash).not.toEqual(without.stateChangeHash);
    expect(genesis.writeOpCount).toBe(3);
  });

  it.each<[string, Uint8Array]>([
    ["lacks the validators", blobOf([CONFIGURATION])],
    [
      "deletes the validators",
      blobOf([{ key: decodeStateKey(VALIDATOR_SET_KEY), op: { kind: "deletion" } }, CONFIGURATION]),
    ],
    ["lacks the epoch", blobOf([validatorSet()])],
    ["has a broken epoch", blobOf([validatorSet(), entryOf(CONFIGURATION_KEY, new Uint8Array(7))])],
    ["has broken validators", blobOf([entryOf(VALIDATOR_SET_KEY, new Uint8Array(3)), CONFIGURATION])],
    ["begins no epoch", blobOf([validatorSet(), CONFIGURATION], [event("NewEpochs")])],
    ["has no events", blobOf([validatorSet(), CONFIGURATION], [])],
    ["is another transaction", encodeTransaction({ kind: "stateCheckpoint", id: new Uint8Array(32) })],
    ["is empty", new Uint8Array(0)],
    ["is a broken script", Uint8Array.of(1, 1, 2, 3)],
  ])("is refused where it %s", (_, blob) => {
    expectSyncError(() => readGenesis(VELOR, blob), "MALFORMED_BCS");
  });

  it("is refused where an index of a validator is missing", () => {
    const [first] = VALIDATORS as [typeof VALIDATORS[number]];
    expectSyncError(() => readGenesis(VELOR, blobOf([validatorSet([first]), CONFIGURATION])), "INVALID_SIGNERS");
  });

  it("that is a script is unsupported", () => {
    const script = { code: Uint8Array.of(1), typeArguments: [], arguments: [] };
    const payload: WriteSetPayload = { kind: "script", executeAs: FRAMEWORK_ADDRESS, script };
    const error = expectSyncError(
      () => readGenesis(VELOR, encodeTransaction({ kind: "genesis", payload })),
      "UNSUPPORTED",
    );
    expect(error.fault).toBe("caller");
  });
});
