import { describe, expect, it } from "vitest";
import { decodeBcs, encodeBcs } from "../../../core/chain/bcs.ts";
import {
  type EpochState,
  equalEpochStates,
  MAX_VALIDATORS,
  readEpochState,
  type ValidatorConsensusInfo,
  writeEpochState,
} from "../../../core/chain/epoch-state.ts";
import { VELOR_PROFILE } from "../../../core/chain/profile.ts";
import { patternBytes } from "../../helpers/bytes.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";

const validator = (seed: number): ValidatorConsensusInfo => ({
  address: patternBytes(32, seed),
  publicKey: patternBytes(32, seed + 1),
  votingPower: BigInt(seed),
});
const [first, second] = [validator(10), validator(20)];
const state: EpochState = { epoch: 7n, validators: [first, second] };

const encoded = (epochState: EpochState) => encodeBcs((writer) => writeEpochState(writer, epochState));
const decoded = (bytes: Uint8Array) => decodeBcs(bytes, (cursor) => readEpochState(cursor, VELOR_PROFILE));

describe("an epoch state", () => {
  it("equals one that was read from its bytes", () => {
    expect(decoded(encoded(state))).toEqual(state);
    expect(equalEpochStates(state, decoded(encoded(state)))).toBe(true);
  });

  it.each<[string, EpochState]>([
    ["epoch", { ...state, epoch: 8n }],
    ["order of validators", { ...state, validators: [second, first] }],
    ["number of validators", { ...state, validators: [first] }],
    ["voting power", { ...state, validators: [first, { ...second, votingPower: 21n }] }],
    ["public key", { ...state, validators: [{ ...first, publicKey: patternBytes(32, 12) }, second] }],
    ["address", { ...state, validators: [{ ...first, address: patternBytes(32, 11) }, second] }],
  ])("differs from one with another %s", (_, other) => {
    expect(equalEpochStates(state, other)).toBe(false);
  });

  it("has as many validators as a bitmap of signers has bits, and no more", () => {
    const validators = Array.from({ length: MAX_VALIDATORS }, () => first);
    expect(decoded(encoded({ epoch: 1n, validators })).validators).toHaveLength(65_536);
    const tooMany = encoded({ epoch: 1n, validators: [...validators, second] });
    expect(expectSyncError(() => decoded(tooMany), "MALFORMED_BCS").message).toContain("65536 members");
  });
});
