/**
 * Staking: what validators ask for during an epoch. All of it takes effect with the next epoch (see `epoch.ts`).
 *
 * @module
 */
import { FRAMEWORK_ADDRESS } from "../../core/chain/address.ts";
import { equalBytes } from "../../core/bytes/bytes.ts";
import type { ChainProfile } from "../../core/chain/profile.ts";
import type { TypeTag } from "../../core/chain/type-tag.ts";
import type { ValidatorInfo, ValidatorSet } from "../../core/chain/validator-set.ts";
import { withdraw } from "./coin.ts";
import type { ExecutionState } from "./execution-state.ts";
import { ABORT_CATEGORY, assertMove, type DeclaredAbort } from "./move-stop.ts";
import { frameworkType } from "./move-resource.ts";
import {
  nextVotingPower,
  STAKE_POOL,
  STAKING_CONFIG,
  VALIDATOR_CONFIG,
  type ValidatorConfig,
  validatorSetType,
} from "./stake-resources.ts";

const { invalidArgument, invalidState, notFound } = ABORT_CATEGORY;
const STAKE_TOO_LOW = declare(invalidArgument, 2n, "ESTAKE_TOO_LOW", "Not enough stake to join the validator set");
const STAKE_TOO_HIGH = declare(invalidArgument, 3n, "ESTAKE_TOO_HIGH", "Too much stake to join the validator set");
const ALREADY_ACTIVE = declare(invalidState, 4n, "EALREADY_ACTIVE_VALIDATOR", "Account is already a validator");
const NOT_VALIDATOR = declare(invalidArgument, 5n, "ENOT_VALIDATOR", "Account is not a validator");
const LAST_VALIDATOR = declare(invalidState, 6n, "ELAST_VALIDATOR", "The last validator cannot leave");
const INVALID_PUBLIC_KEY = declare(invalidArgument, 11n, "EINVALID_PUBLIC_KEY", "Invalid consensus public key");
const POOL_MISSING = declare(notFound, 14n, "ESTAKE_POOL_DOES_NOT_EXIST", "Stake pool does not exist");
const NOT_OPERATOR = declare(invalidArgument, 9n, "ENOT_OPERATOR", "Account does not operate this stake pool");

/** A call of a staking function by the account that owns, operates and votes for a pool. */
export interface StakeCall {
  /** The chain's rules. */
  readonly profile: ChainProfile;
  /** 32-byte address of the sender. */
  readonly sender: Uint8Array;
  /** 32-byte address of the pool, which must be the sender's. */
  readonly pool: Uint8Array;
}

/** `0x1::stake::join_validator_set`: signs from the next epoch on. */
export async function joinValidatorSet(state: ExecutionState, { profile, sender, pool }: StakeCall): Promise<void> {
  const { stakePool, config } = await operatedPool(state, sender, pool);
  const set = await state.framework(validatorSetType(profile));
  assertMove(!members(set).some(({ address }) => equalBytes(address, pool)), ALREADY_ACTIVE);
  const votingPower = nextVotingPower(stakePool);
  const rules = await state.framework(STAKING_CONFIG);
  assertMove(votingPower >= rules.minimumStake, STAKE_TOO_LOW);
  assertMove(votingPower <= rules.maximumStake, STAKE_TOO_HIGH);
  writeValidatorSet(state, profile, {
    ...set,
    pendingActive: [...set.pendingActive, validatorInfo(pool, votingPower, config)],
    totalJoiningPower: set.totalJoiningPower + votingPower,
  });
  state.emit(stakeEvent("JoinValidatorSet"), pool);
}

/** `0x1::stake::leave_validator_set`: signs until the end of this epoch. */
export async function leaveValidatorSet(state: ExecutionState, { profile, sender, pool }: StakeCall): Promise<void> {
  await operatedPool(state, sender, pool);
  const set = await state.framework(validatorSetType(profile));
  const leaving = set.active.find(({ address }) => equalBytes(address, pool));
  assertMove(leaving !== undefined, NOT_VALIDATOR);
  assertMove(set.active.length > 1, LAST_VALIDATOR);
  writeValidatorSet(state, profile, {
    ...set,
    active: set.active.filter((validator) => validator !== leaving),
    pendingInactive: [...set.pendingInactive, leaving],
  });
  state.emit(stakeEvent("LeaveValidatorSet"), pool);
}

/** `0x1::stake::rotate_consensus_key`: the new key signs from the next epoch on. The proof of possession is not checked. */
export async function rotateConsensusKey(
  state: ExecutionState,
  { profile, sender, pool, publicKey }: StakeCall & { readonly publicKey: Uint8Array },
): Promise<void> {
  const { config } = await operatedPool(state, sender, pool);
  assertMove(publicKey.length === profile.publicKeyBytes, INVALID_PUBLIC_KEY);
  const data = VALIDATOR_CONFIG.encode({ ...config, consensusPublicKey: publicKey });
  state.write(VALIDATOR_CONFIG.slot(pool), data);
  state.emit(stakeEvent("RotateConsensusKey"), pool);
}

/** `0x1::stake::add_stake`: coins of the sender become stake; of an active validator, from the next epoch on. */
export async function addStake(
  state: ExecutionState,
  { profile, sender, amount }: { readonly profile: ChainProfile; readonly sender: Uint8Array; readonly amount: bigint },
): Promise<void> {
  const { stakePool } = await operatedPool(state, sender, sender);
  await withdraw(state, sender, amount);
  const set = await state.framework(validatorSetType(profile));
  const isCurrent = [...set.active, ...set.pendingInactive].some(({ address }) => equalBytes(address, sender));
  const grown = isCurrent
    ? { ...stakePool, pendingActive: stakePool.pendingActive + amount }
    : { ...stakePool, active: stakePool.active + amount };
  state.write(STAKE_POOL.slot(sender), STAKE_POOL.encode(grown));
  state.emit(stakeEvent("AddStake"), sender);
}

/** A validator as the validator set describes it. */
export function validatorInfo(address: Uint8Array, votingPower: bigint, config: ValidatorConfig): ValidatorInfo {
  const { consensusPublicKey, networkAddresses, fullnodeAddresses, validatorIndex } = config;
  return { address, votingPower, publicKey: consensusPublicKey, networkAddresses, fullnodeAddresses, validatorIndex };
}

/** Sets the validator set, as part of the current transaction. */
export function writeValidatorSet(state: ExecutionState, profile: ChainProfile, set: ValidatorSet): void {
  const type = validatorSetType(profile);
  state.write(type.slot(FRAMEWORK_ADDRESS), type.encode(set));
}

/** Type of an event of staking. */
export function stakeEvent(name: string): TypeTag {
  return { kind: "struct", struct: frameworkType("stake", name) };
}

async function operatedPool(state: ExecutionState, sender: Uint8Array, pool: Uint8Array) {
  const stakePool = await state.resource(STAKE_POOL, pool);
  const config = await state.resource(VALIDATOR_CONFIG, pool);
  assertMove(stakePool !== undefined && config !== undefined, POOL_MISSING);
  assertMove(equalBytes(sender, pool), NOT_OPERATOR);
  return { stakePool, config };
}

function members(set: ValidatorSet): ValidatorInfo[] {
  return [...set.active, ...set.pendingInactive, ...set.pendingActive];
}

function declare(category: bigint, reason: bigint, reasonName: string, description: string): DeclaredAbort {
  return { module: "stake", category, reason, reasonName, description };
}
