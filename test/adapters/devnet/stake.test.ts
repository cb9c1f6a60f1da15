import { beforeEach, describe, expect, it } from "vitest";
import { COIN_STORE } from "../../../adapters/devnet/account-resources.ts";
import { type Draft, frameworkCall, u64Argument } from "../../../adapters/devnet/drafts.ts";
import { CONFIGURATION } from "../../../adapters/devnet/framework-resources.ts";
import { STAKE_POOL, VALIDATOR_CONFIG, validatorSetType } from "../../../adapters/devnet/stake-resources.ts";
import { endEpochDraft } from "../../../adapters/devnet/traffic.ts";
import { FRAMEWORK_ADDRESS } from "../../../core/chain/address.ts";
import { encodeBcs } from "../../../core/chain/bcs.ts";
import type { EpochState } from "../../../core/chain/epoch-state.ts";
import { readNextEpochState } from "../../../core/chain/reconfiguration.ts";
import { epochStateOf } from "../../../core/chain/validator-set.ts";
import { encodeWriteSet } from "../../../core/chain/write-set.ts";
import { blockMetadata, createExecutorBench, type ExecutorBench, type Outcome } from "../../helpers/devnet-executor.ts";
import { APTOS, VELOR } from "../../helpers/trust-context.ts";

/** Index of the pool that stands by, behind the four validators. */
const STANDING_BY = 4;

describe.each([["velor", VELOR], ["aptos", APTOS]])("staking on a devnet of profile %s", (_, context) => {
  let bench: ExecutorBench;

  beforeEach(async () => {
    bench = await createExecutorBench(context);
    await bench.run([blockMetadata(bench)]);
  });

  it("seats a validator that asked to join, from the next epoch on", async () => {
    const before = await signers();
    const [joined] = await bench.runDrafts([operation(STANDING_BY, "join_validator_set")]);
    expect(isSuccess(joined)).toBe(true);
    expect(await signers()).toEqual(before);
    expect((await validatorSet()).pendingActive.map(({ address }) => address)).toEqual([pool(STANDING_BY)]);

    const next = await endEpoch();
    expect(next.epoch).toBe(2n);
    expect(next.validators.map(({ address }) => address)).toEqual([0, 1, 2, 3, STANDING_BY].map(pool));
    expect(next.validators.at(-1)?.votingPower).toBe((await bench.resource(STAKE_POOL, pool(STANDING_BY))).active);
    expect((await bench.resource(VALIDATOR_CONFIG, pool(STANDING_BY))).validatorIndex).toBe(4n);
  });

  it("lets a validator that leaves sign until the epoch ends, and closes the gap", async () => {
    const before = await signers();
    const [left] = await bench.runDrafts([operation(1, "leave_validator_set")]);
    expect(isSuccess(left)).toBe(true);
    expect((await validatorSet()).pendingInactive).toHaveLength(1);
    expect(await signers()).toEqual(before);

    const next = await endEpoch();
    expect(next.validators.map(({ address }) => address)).toEqual([0, 2, 3].map(pool));
    expect((await bench.resource(VALIDATOR_CONFIG, pool(2))).validatorIndex).toBe(1n);
    await bench.runDrafts([operation(1, "join_validator_set")]);
    expect((await endEpoch()).validators.map(({ address }) => address)).toEqual([0, 2, 3, 1].map(pool));
  });

  it("changes a key with the next epoch", async () => {
    const before = await signers();
    const publicKey = new Uint8Array(context.profile.publicKeyBytes).fill(5);
    const [rotated] = await bench.runDrafts([rotation(2, publicKey)]);
    expect(isSuccess(rotated)).toBe(true);
    expect(await signers()).toEqual(before);
    const next = await endEpoch();
    expect(next.validators.map((validator) => validator.publicKey)).toEqual(
      before.validators.map((validator, i) => (i === 2 ? publicKey : validator.publicKey)),
    );
  });

  it("turns coins into stake that counts from the next epoch on", async () => {
    const before = await signers();
    const coins = (await bench.resource(COIN_STORE, pool(3))).balance;
    const [added] = await bench.runDrafts([stakeDraft(3, 1_000n)]);
    expect(isSuccess(added)).toBe(true);
    const fee = (added as Outcome).gasUsed * 100n;
    expect((await bench.resource(COIN_STORE, pool(3))).balance).toBe(coins - 1_000n - fee);
    expect(await bench.resource(STAKE_POOL, pool(3))).toMatchObject({ pendingActive: 1_000n });
    const next = await endEpoch();
    expect(next.validators[3]?.votingPower).toBe((before.validators[3]?.votingPower ?? 0n) + 1_000n);
  });

  it("counts stake of a pool that stands by at once", async () => {
    const { active } = await bench.resource(STAKE_POOL, pool(STANDING_BY));
    await bench.runDrafts([stakeDraft(STANDING_BY, 1_000n)]);
    expect(await bench.resource(STAKE_POOL, pool(STANDING_BY))).toMatchObject({
      active: active + 1_000n,
      pendingActive: 0n,
    });
  });

  it("announces the epoch in the same transaction that writes it", async () => {
    const [end] = await bench.runDrafts([endEpochDraft(bench.accounts)]);
    const data = end?.events.find(({ type }) => type.kind === "struct" && type.struct.name === "NewEpochEvent")?.data;
    expect(data).toEqual(u64Argument(2n));
    expect(await bench.resource(CONFIGURATION, FRAMEWORK_ADDRESS)).toMatchObject({
      epoch: 2n,
      events: { counter: 2n },
    });
  });

  it.each<[string, () => Draft, string]>([
    ["a validator that is one", () => operation(0, "join_validator_set"), "EALREADY_ACTIVE_VALIDATOR"],
    ["leaving without being one", () => operation(STANDING_BY, "leave_validator_set"), "ENOT_VALIDATOR"],
    ["a key of the wrong length", () => rotation(0, new Uint8Array(31)), "EINVALID_PUBLIC_KEY"],
    ["somebody else's pool", () => operation(0, "leave_validator_set", 1), "ENOT_OPERATOR"],
    ["more stake than coins", () => stakeDraft(0, 2n ** 63n), "EINSUFFICIENT_BALANCE"],
    ["too much stake", () => operation(STANDING_BY, "join_validator_set"), "ESTAKE_TOO_HIGH"],
  ])("refuses %s", async (what, draft, reason) => {
    if (what === "too much stake") await makeRich(STANDING_BY);
    const [outcome] = await bench.runDrafts([draft()]);
    const status = outcome?.status.kind === "keep" ? outcome.status.status : undefined;
    expect(status).toMatchObject({ kind: "moveAbort", info: { reasonName: reason } });
  });

  it("refuses that the last validator leaves", async () => {
    await bench.runDrafts([0, 1, 2].map((index) => operation(index, "leave_validator_set")));
    const [last] = await bench.runDrafts([operation(3, "leave_validator_set")]);
    expect(isSuccess(last)).toBe(false);
    expect((await endEpoch()).validators.map(({ address }) => address)).toEqual([pool(3)]);
  });

  function pool(index: number): Uint8Array {
    return bench.accounts.account("operator", index).address;
  }

  function operation(index: number, name: string, target = index): Draft {
    return stakeCall(index, name, [pool(target)]);
  }

  function rotation(index: number, publicKey: Uint8Array): Draft {
    const key = encodeBcs((writer) => writer.byteString(publicKey));
    return stakeCall(index, "rotate_consensus_key", [pool(index), key, new Uint8Array(1)]);
  }

  function stakeDraft(index: number, octas: bigint): Draft {
    return stakeCall(index, "add_stake", [u64Argument(octas)]);
  }

  function stakeCall(index: number, name: string, args: readonly Uint8Array[]): Draft {
    const account = bench.accounts.account("operator", index);
    return { account, sender: account.address, call: frameworkCall("stake", name, args), maxGasAmount: 5_000n };
  }

  async function validatorSet() {
    return await bench.resource(validatorSetType(context.profile), FRAMEWORK_ADDRESS);
  }

  async function signers(): Promise<EpochState> {
    return epochStateOf(await validatorSet(), 1n);
  }

  /** Ends the epoch and reads the next one as everybody else does: from the write set. */
  async function endEpoch(): Promise<EpochState> {
    const [end] = await bench.runDrafts([endEpochDraft(bench.accounts)]);
    return readNextEpochState(encodeWriteSet({ entries: end?.writes ?? [] }), context.profile);
  }

  async function makeRich(index: number): Promise<void> {
    const stake = await bench.resource(STAKE_POOL, pool(index));
    const data = STAKE_POOL.encode({ ...stake, active: 10n ** 17n });
    bench.put(STAKE_POOL.slot(pool(index)), data);
  }
});

function isSuccess(outcome: Outcome | undefined): boolean {
  return outcome?.status.kind === "keep" && outcome.status.status.kind === "success";
}
