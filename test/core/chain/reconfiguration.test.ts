import { describe, expect, it } from "vitest";
import { encodeHex } from "../../../core/bytes/hex.ts";
import { encodeBcs } from "../../../core/chain/bcs.ts";
import { APTOS_PROFILE, VELOR_PROFILE } from "../../../core/chain/profile.ts";
import {
  CONFIGURATION_KEY,
  readNextEpochState,
  VALIDATOR_SET_KEY,
  writtenData,
} from "../../../core/chain/reconfiguration.ts";
import { decodeStateKey } from "../../../core/chain/state-key.ts";
import { encodeValidatorSet } from "../../../core/chain/validator-set.ts";
import { encodeWriteSet, type WriteOp } from "../../../core/chain/write-set.ts";
import { patternBytes } from "../../helpers/bytes.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";

const validator = (index: number) => ({
  address: patternBytes(32, index),
  votingPower: BigInt(10 + index),
  publicKey: patternBytes(32, 100 + index),
  networkAddresses: new Uint8Array(0),
  fullnodeAddresses: new Uint8Array(0),
  validatorIndex: BigInt(index),
});
const set = encodeValidatorSet({
  active: [validator(2), validator(0)],
  pendingInactive: [validator(1)],
  pendingActive: [validator(7)],
  totalVotingPower: 33n,
  totalJoiningPower: 17n,
});
const write = (ops: readonly (readonly [Uint8Array, WriteOp])[]) =>
  encodeWriteSet({ entries: ops.map(([key, op]) => ({ key: decodeStateKey(key), op })) });
const modified = (data: Uint8Array): WriteOp => ({ kind: "modification", data });
const epoch = (value: bigint) => encodeBcs((writer) => writer.u64(value).u64(1n));

describe("the next epoch", () => {
  it("is that of the active and the leaving validators, by index", () => {
    const state = readNextEpochState(
      write([[VALIDATOR_SET_KEY, modified(set)], [CONFIGURATION_KEY, modified(epoch(9n))]]),
      VELOR_PROFILE,
    );
    expect(state.epoch).toBe(9n);
    expect(state.validators.map(({ votingPower }) => votingPower)).toEqual([10n, 11n, 12n]);
  });

  it("is read past metadata", () => {
    const metadata = { slotDeposit: 1n, bytesDeposit: 2n, creationTimeUsecs: 3n };
    const ops = [[VALIDATOR_SET_KEY, { ...modified(set), metadata }], [
      CONFIGURATION_KEY,
      modified(epoch(9n)),
    ]] as const;
    expect(readNextEpochState(write(ops), VELOR_PROFILE).validators.length).toBe(3);
  });

  it("is refused where the write set does not write both, or keys are of another scheme", () => {
    const [validators, configuration] = [[VALIDATOR_SET_KEY, modified(set)], [
      CONFIGURATION_KEY,
      modified(epoch(9n)),
    ]] as const;
    expectSyncError(() => readNextEpochState(write([validators]), VELOR_PROFILE), "MALFORMED_BCS");
    expectSyncError(() => readNextEpochState(write([configuration]), VELOR_PROFILE), "MALFORMED_BCS");
    expectSyncError(() => readNextEpochState(write([validators, configuration]), APTOS_PROFILE), "MALFORMED_BCS");
  });
});

describe("what a write set leaves under a key", () => {
  const bytes = write([[VALIDATOR_SET_KEY, modified(Uint8Array.of(7))], [CONFIGURATION_KEY, { kind: "deletion" }]]);

  it("is the data, or nothing", () => {
    expect(writtenData(bytes, VALIDATOR_SET_KEY)).toEqual(Uint8Array.of(7));
    expect(writtenData(bytes, CONFIGURATION_KEY)).toBeUndefined();
    expect(writtenData(bytes, Uint8Array.of(2, 0))).toBeUndefined();
  });

  it("is looked for in all of the bytes, and nothing may follow", () => {
    expectSyncError(() => writtenData(Uint8Array.of(...bytes, 0), VALIDATOR_SET_KEY), "MALFORMED_BCS");
  });

  it("stands under the keys of the framework's resources", () => {
    const text = (value: string) =>
      `${value.length.toString(16).padStart(2, "0")}${encodeHex(new TextEncoder().encode(value))}`;
    const address = "1".padStart(64, "0");
    const path = `01${address}${text("stake")}${text("ValidatorSet")}00`;
    expect(encodeHex(VALIDATOR_SET_KEY)).toBe(`00${address}${(path.length / 2).toString(16)}${path}`);
  });
});
