import { describe, expect, it } from "vitest";
import { APTOS_PROFILE, VELOR_PROFILE } from "../../../core/chain/profile.ts";
import {
  decodeValidatorSet,
  encodeValidatorSet,
  epochStateOf,
  type ValidatorInfo,
  type ValidatorSet,
} from "../../../core/chain/validator-set.ts";
import { fill } from "../../helpers/epoch-chain.ts";
import { refusal } from "../../helpers/trust-context.ts";

const info = (validatorIndex: number, keyBytes = 32): ValidatorInfo => ({
  address: fill(validatorIndex + 1),
  votingPower: BigInt(validatorIndex + 1) * 100n,
  publicKey: new Uint8Array(keyBytes).fill(validatorIndex),
  networkAddresses: Uint8Array.of(1, 2, 3),
  fullnodeAddresses: new Uint8Array(0),
  validatorIndex: BigInt(validatorIndex),
});

const setOf = (
  active: ValidatorInfo[],
  pendingInactive: ValidatorInfo[] = [],
  pendingActive: ValidatorInfo[] = [],
) => ({
  active,
  pendingInactive,
  pendingActive,
  totalVotingPower: 2n ** 100n,
  totalJoiningPower: 7n,
});

describe.each([[APTOS_PROFILE, 48], [VELOR_PROFILE, 32]] as const)("validator set of %o", (profile, keyBytes) => {
  const set: ValidatorSet = setOf([info(1, keyBytes), info(0, keyBytes)], [info(2, keyBytes)], [info(0, keyBytes)]);
  const bytes = encodeValidatorSet(set);

  it("is read from the bytes that it is written to", () => {
    expect(decodeValidatorSet(bytes, profile)).toEqual(set);
  });

  it("is refused with another scheme, other keys, bytes missing or left over", () => {
    const other = profile === APTOS_PROFILE ? VELOR_PROFILE : APTOS_PROFILE;
    expect(() => decodeValidatorSet(bytes, other)).toThrow(expect.objectContaining(refusal("MALFORMED_BCS")));
    for (const input of [Uint8Array.of(1, ...bytes.slice(1)), bytes.slice(0, -1), Uint8Array.of(...bytes, 0)]) {
      expect(() => decodeValidatorSet(input, profile)).toThrow(expect.objectContaining(refusal("MALFORMED_BCS")));
    }
  });
});

describe("epoch state of a validator set", () => {
  it("holds the active and the leaving by index, and not those who only join", () => {
    const { epoch, validators } = epochStateOf(setOf([info(2), info(0)], [info(1)], [info(5)]), 9n);
    expect(epoch).toBe(9n);
    expect(validators).toEqual([0, 1, 2].map((index) => {
      const { address, publicKey, votingPower } = info(index);
      return { address, publicKey, votingPower };
    }));
  });

  it("may be empty", () => {
    expect(epochStateOf(setOf([]), 1n).validators).toEqual([]);
  });

  it.each([
    ["a gap", [0, 2]],
    ["no first", [1, 2]],
    ["a repetition", [0, 1, 1]],
  ])("is refused with %s in the indexes", (_, indexes) => {
    expect(() => epochStateOf(setOf(indexes.map((index) => info(index))), 1n)).toThrow(
      expect.objectContaining(refusal("INVALID_SIGNERS")),
    );
  });

  it("does not change the set", () => {
    const set = setOf([info(1), info(0)]);
    epochStateOf(set, 1n);
    expect(set.active.map(({ validatorIndex }) => validatorIndex)).toEqual([1n, 0n]);
  });
});
