import { describe, expect, it } from "vitest";
import { utf8Bytes } from "../../../core/bytes/bytes.ts";
import { encodeHex } from "../../../core/bytes/hex.ts";
import {
  ACCUMULATOR_PLACEHOLDER_HASH,
  createChainContext,
  SPARSE_MERKLE_PLACEHOLDER_HASH,
  ZERO_HASH,
} from "../../../core/chain/hash.ts";
import { createNobleHasher } from "../../../core/chain/noble-hasher.ts";
import { APTOS_PROFILE, profileByName, VELOR_PROFILE } from "../../../core/chain/profile.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { referenceSha3 } from "../../helpers/reference-sha3.ts";

/** Published seeds of the aptos profile. */
const APTOS_SEEDS = {
  ledgerInfo: "98274d3a1dfd01624eb9df4f2fc4e34fa24f18334a0091ec93d0ea833e1fbaa2",
  transaction: "fa210a9417ef3e7fa45bfa1d17a8dbd4d883711910a550d265fee189e9266dd4",
  transactionInfo: "a7571b1ac557d1d3f9e884d79f9174c9ff81fd091502dfad0008455b39eca471",
  contractEvent: "38f46bbd4b520466a91d4166cd85fa9c3c83ac6993bf65f8d90bad19c5e2f661",
  writeSet: "27805b4e56482a52f649482bde40b3c45a4b98f37523bb128379aaaad014d2a8",
  stateKey: "14715f27d7ab9aad7041a4809fbb1dc5bcd80e0c5ee58c18469f1fde7bd347e4",
  stateValue: "f23de2fd4cb9705bff983c28e48638d29707ad5e0fc73d5db94b50dfd36dbcfa",
  sparseMerkleLeafNode: "9df5ce426e6c3cc7a648886c12b661d7d87cba44ce9b7c3b8579bac5b8e8519b",
  sparseMerkleInternal: "6738db124643f427d7b7d92c0cc11ac9ef1caaaaec2ac77145646e1d293e6b38",
  transactionAccumulator: "9d054c84c0d2c98b618a1a3247e9979a72229dbd162985a2a924144b8aad0327",
  eventAccumulator: "4dbe0448340a3095e1696708e4be4e93f4956d1f9f5755292767ef8a1344ac36",
  waypoint: "2539380256a7df4f1a22fa5d30cd72c123103ad06479987c44b58b4d7a20efdf",
  persistedAuxiliaryInfo: "83365516453ccf7cd4407bb5d7888ab49a4099e7ac71690272a1b23acda81a58",
  rawTransaction: "b5e97db07fa0bd0e5598aa3643a9bc6f6693bddc1a9fec9e674a461eaa00b193",
};

describe("the chain context", () => {
  it("has the published seeds on the aptos profile", () => {
    const { seeds } = createChainContext(APTOS_PROFILE, createNobleHasher());
    expect(Object.fromEntries(Object.entries(seeds).map(([name, seed]) => [name, encodeHex(seed)]))).toEqual(
      APTOS_SEEDS,
    );
  });

  it("has seeds of its own on the velor profile", () => {
    const { seeds } = createChainContext(VELOR_PROFILE, createNobleHasher());
    expect(seeds.ledgerInfo).toEqual(referenceSha3(utf8Bytes("VELOR::LedgerInfo")));
    expect(seeds.waypoint).toEqual(referenceSha3(utf8Bytes("VELOR::Ledger2WaypointConverter")));
    const aptos = createChainContext(APTOS_PROFILE, createNobleHasher()).seeds;
    for (const name of Object.keys(aptos) as (keyof typeof aptos)[]) expect(seeds[name]).not.toEqual(aptos[name]);
  });

  it("has placeholders that are text and not hashes", () => {
    expect(encodeHex(ACCUMULATOR_PLACEHOLDER_HASH)).toBe(
      "414343554d554c41544f525f504c414345484f4c4445525f4841534800000000",
    );
    expect(encodeHex(SPARSE_MERKLE_PLACEHOLDER_HASH)).toBe(
      "5350415253455f4d45524b4c455f504c414345484f4c4445525f484153480000",
    );
    expect(ZERO_HASH).toEqual(new Uint8Array(32));
  });
});

describe("profiles", () => {
  it("are found by name", () => {
    expect(profileByName("aptos")).toBe(APTOS_PROFILE);
    expect(profileByName("velor")).toBe(VELOR_PROFILE);
  });

  it("refuses a name it does not know", () => {
    expectSyncError(() => profileByName("diem"), "INVALID_ARGUMENT");
  });
});
