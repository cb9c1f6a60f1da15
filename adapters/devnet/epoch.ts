/**
 * The end of an epoch: fees become stake, validators join and leave, keys and powers change, the epoch counts up.
 *
 * @module
 */
import { equalBytes } from "../../core/bytes/bytes.ts";
import { FRAMEWORK_ADDRESS } from "../../core/chain/address.ts";
import { decodeBcs, encodeBcs } from "../../core/chain/bcs.ts";
import type { ChainProfile } from "../../core/chain/profile.ts";
import type { TypeTag } from "../../core/chain/type-tag.ts";
import type { ValidatorInfo } from "../../core/chain/validator-set.ts";
import { changeSupply } from "./coin.ts";
import { type ExecutionState, missingFramework } from "./execution-state.ts";
import { CONFIGURATION, pendingFeeSlot, TIMESTAMP, TREASURY_ADDRESS } from "./framework-resources.ts";
import { ABORT_CATEGORY, assertMove, type DeclaredAbort } from "./move-stop.ts";
import { frameworkType } from "./move-resource.ts";
import { stakeEvent, validatorInfo, writeValidatorSet } from "./stake.ts";
import {
  nextVotingPower,
  STAKE_POOL,
  VALIDATOR_CONFIG,
  VALIDATOR_PERFORMANCE,
  validatorSetType,
} from "./stake-resources.ts";

/** Type of the event that starts an epoch. */
export const NEW_EPOCH_EVENT: TypeTag = { kind: "struct", struct: frameworkType("reconfiguration", "NewEpochEvent") };

const UNAUTHORIZED: DeclaredAbort = {
  module: "aptos_governance",
  category: ABORT_CATEGORY.permissionDenied,
  reason: 15n,
  reasonName: "EUNAUTHORIZED",
  description: "Account is not authorized to call this function",
};

/**
 * `0x1::aptos_governance::force_end_epoch_test_only`: ends the epoch now. The transaction that calls it is the last of its
 * epoch, and of its block.
 *
 * @throws {MoveStop} If the sender is not the treasury.
 */
export async function endEpoch(state: ExecutionState, profile: ChainProfile, sender: Uint8Array): Promise<void> {
  assertMove(equalBytes(sender, TREASURY_ADDRESS), UNAUTHORIZED);
  const set = await state.framework(validatorSetType(profile));
  const current = [...set.active, ...set.pendingInactive];
  const fees = await takePendingFees(state, current);
  for (const validator of current) await settleStake(state, validator, fees.get(validator) ?? 0n);
  const active: ValidatorInfo[] = [];
  for (const { address } of [...set.active, ...set.pendingActive]) {
    active.push(await seatValidator(state, address, BigInt(active.length)));
  }
  const totalVotingPower = active.reduce((total, { votingPower }) => total + votingPower, 0n);
  writeValidatorSet(state, profile, {
    active,
    pendingInactive: [],
    pendingActive: [],
    totalVotingPower,
    totalJoiningPower: 0n,
  });
  await state.framework(VALIDATOR_PERFORMANCE);
  const performance = VALIDATOR_PERFORMANCE.encode(active.map(() => ({ successful: 0n, failed: 0n })));
  state.write(VALIDATOR_PERFORMANCE.slot(FRAMEWORK_ADDRESS), performance);
  await startEpoch(state);
}

/** Empties the table of pending fees and makes the coins again that were burned when the fees were paid. */
async function takePendingFees(
  state: ExecutionState,
  validators: readonly ValidatorInfo[],
): Promise<Map<ValidatorInfo, bigint>> {
  const slots = validators.map(({ validatorIndex }) => pendingFeeSlot(validatorIndex));
  await state.prefetch(slots);
  const fees = new Map<ValidatorInfo, bigint>();
  let total = 0n;
  for (const [i, validator] of validators.entries()) {
    const slot = slots[i];
    const data = slot === undefined ? undefined : await state.read(slot);
    if (slot === undefined || data === undefined) continue;
    const fee = decodeBcs(data, (cursor) => cursor.u64());
    state.write(slot, undefined);
    fees.set(validator, fee);
    total += fee;
  }
  if (total > 0n) await changeSupply(state, total);
  return fees;
}

async function settleStake(state: ExecutionState, { address }: ValidatorInfo, fee: bigint): Promise<void> {
  const pool = await stakePoolOf(state, address);
  if (fee > 0n) {
    const data = encodeBcs((writer) => writer.raw(address).u64(fee));
    state.emit(stakeEvent("DistributeRewards"), data);
  }
  if (fee === 0n && pool.pendingActive === 0n) return;
  const settled = { ...pool, active: pool.active + pool.pendingActive + fee, pendingActive: 0n };
  state.write(STAKE_POOL.slot(address), STAKE_POOL.encode(settled));
}

/** Gives a validator of the next epoch its index, its power and its key. */
async function seatValidator(
  state: ExecutionState,
  address: Uint8Array,
  validatorIndex: bigint,
): Promise<ValidatorInfo> {
  const pool = await stakePoolOf(state, address);
  const config = await state.resource(VALIDATOR_CONFIG, address);
  if (config === undefined) throw missingFramework("stake::ValidatorConfig");
  const seated = { ...config, validatorIndex };
  if (config.validatorIndex !== validatorIndex) {
    state.write(VALIDATOR_CONFIG.slot(address), VALIDATOR_CONFIG.encode(seated));
  }
  return validatorInfo(address, nextVotingPower(pool), seated);
}

async function stakePoolOf(state: ExecutionState, address: Uint8Array) {
  const pool = await state.resource(STAKE_POOL, address);
  if (pool === undefined) throw missingFramework("stake::StakePool");
  return pool;
}

async function startEpoch(state: ExecutionState): Promise<void> {
  const configuration = await state.framework(CONFIGURATION);
  const epoch = configuration.epoch + 1n;
  const events = state.emitTo(configuration.events, NEW_EPOCH_EVENT, encodeBcs((writer) => writer.u64(epoch)));
  const lastReconfigurationTime = await state.framework(TIMESTAMP);
  const data = CONFIGURATION.encode({ epoch, lastReconfigurationTime, events });
  state.write(CONFIGURATION.slot(FRAMEWORK_ADDRESS), data);
}
