/**
 * What staking holds: pools and configurations of validators, their performance, and the rules of joining.
 *
 * The validator set itself is the chain's business: `core/chain/validator-set.ts`.
 *
 * @module
 */
import { ADDRESS_BYTES } from "../../core/chain/address.ts";
import type { ChainProfile } from "../../core/chain/profile.ts";
import { decodeValidatorSet, encodeValidatorSet, type ValidatorSet } from "../../core/chain/validator-set.ts";
import {
  eventHandle,
  frameworkType,
  readEventHandle,
  type ResourceType,
  resourceType,
  writeEventHandle,
} from "./move-resource.ts";

/** `0x1::stake::StakePool`, without its event streams: their counters stay 0, as events of staking are module events. */
export interface StakePool {
  /** 32-byte address of the pool; owner, operator and voter are one account here. */
  readonly address: Uint8Array;
  /** Stake that counts, in octas. */
  readonly active: bigint;
  /** Stake that may be withdrawn, in octas; unused here. */
  readonly inactive: bigint;
  /** Stake that counts from the next epoch on. */
  readonly pendingActive: bigint;
  /** Stake that still counts in this epoch, in octas; unused here. */
  readonly pendingInactive: bigint;
  /** Seconds since 1970; unused here. */
  readonly lockedUntilSecs: bigint;
}

/** `0x1::stake::ValidatorConfig`. */
export interface ValidatorConfig {
  /** Consensus key: 48 bytes (BLS12-381) or 32 bytes (Ed25519). */
  readonly consensusPublicKey: Uint8Array;
  /** BCS of where other validators reach it; opaque here. */
  readonly networkAddresses: Uint8Array;
  /** BCS of where full nodes reach it; opaque here. */
  readonly fullnodeAddresses: Uint8Array;
  /** Index in the current epoch; means nothing for a validator that is not active. */
  readonly validatorIndex: bigint;
}

/** Proposals of one validator in the current epoch. */
export interface ProposalCounts {
  /** Blocks proposed. */
  readonly successful: bigint;
  /** Rounds without a block. */
  readonly failed: bigint;
}

/** `0x1::staking_config::StakingConfig`. */
export interface StakingConfig {
  /** Least stake of a validator, in octas. */
  readonly minimumStake: bigint;
  /** Most stake of a validator, in octas. */
  readonly maximumStake: bigint;
  /** For how long stake is locked; unused here. */
  readonly recurringLockupSecs: bigint;
  /** Whether validators may join and leave. */
  readonly allowValidatorSetChange: boolean;
}

/** Event streams of a stake pool, which take the creation numbers from here on. */
const POOL_EVENT_STREAMS = 12;
const FIRST_POOL_STREAM = 4n;

/** Type of a validator's stake. */
export const STAKE_POOL: ResourceType<StakePool> = /* @__PURE__ */ resourceType(
  frameworkType("stake", "StakePool"),
  {
    write(writer, pool) {
      writer.u64(pool.active).u64(pool.inactive).u64(pool.pendingActive).u64(pool.pendingInactive);
      writer.u64(pool.lockedUntilSecs).raw(pool.address).raw(pool.address);
      for (let i = 0; i < POOL_EVENT_STREAMS; i++) {
        writeEventHandle(writer, eventHandle(pool.address, FIRST_POOL_STREAM + BigInt(i)));
      }
    },
    read(cursor) {
      const stakes = {
        active: cursor.u64(),
        inactive: cursor.u64(),
        pendingActive: cursor.u64(),
        pendingInactive: cursor.u64(),
        lockedUntilSecs: cursor.u64(),
      };
      const address = cursor.raw(ADDRESS_BYTES);
      cursor.skip(ADDRESS_BYTES);
      for (let i = 0; i < POOL_EVENT_STREAMS; i++) readEventHandle(cursor);
      return { ...stakes, address };
    },
  },
);

/** Type of a validator's configuration. */
export const VALIDATOR_CONFIG: ResourceType<ValidatorConfig> = /* @__PURE__ */ resourceType(
  frameworkType("stake", "ValidatorConfig"),
  {
    write(writer, config) {
      writer.byteString(config.consensusPublicKey).byteString(config.networkAddresses);
      writer.byteString(config.fullnodeAddresses).u64(config.validatorIndex);
    },
    read: (cursor) => ({
      consensusPublicKey: cursor.byteString(),
      networkAddresses: cursor.byteString(),
      fullnodeAddresses: cursor.byteString(),
      validatorIndex: cursor.u64(),
    }),
  },
);

/** `0x1::stake::ValidatorPerformance`, by validator index. */
export const VALIDATOR_PERFORMANCE: ResourceType<readonly ProposalCounts[]> = /* @__PURE__ */ resourceType(
  frameworkType("stake", "ValidatorPerformance"),
  {
    write: (writer, list) => writer.sequence(list, (inner, item) => inner.u64(item.successful).u64(item.failed)),
    read: (cursor) => cursor.sequence(() => ({ successful: cursor.u64(), failed: cursor.u64() }), 16),
  },
);

/** Type of the rules of staking; rewards are zero here, so that coins are made of fees alone. */
export const STAKING_CONFIG: ResourceType<StakingConfig> = /* @__PURE__ */ resourceType(
  frameworkType("staking_config", "StakingConfig"),
  {
    write(writer, config) {
      writer.u64(config.minimumStake).u64(config.maximumStake).u64(config.recurringLockupSecs);
      writer.bool(config.allowValidatorSetChange).u64(0n).u64(1n).u64(100n);
    },
    read(cursor) {
      const config = {
        minimumStake: cursor.u64(),
        maximumStake: cursor.u64(),
        recurringLockupSecs: cursor.u64(),
        allowValidatorSetChange: cursor.bool(),
      };
      cursor.skip(24);
      return config;
    },
  },
);

/** Type of the validator set; the profile decides the length of its keys. */
export function validatorSetType(profile: ChainProfile): ResourceType<ValidatorSet> {
  const tag = frameworkType("stake", "ValidatorSet");
  return resourceType<ValidatorSet>(tag, {
    write: (writer, set) => writer.raw(encodeValidatorSet(set)),
    read: (cursor) => decodeValidatorSet(cursor.raw(cursor.remaining), profile),
  });
}

/** Voting power of a pool in the next epoch. */
export function nextVotingPower(pool: StakePool): bigint {
  return pool.active + pool.pendingActive + pool.pendingInactive;
}
