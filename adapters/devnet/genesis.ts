/**
 * The devnet's genesis: one transaction that writes the framework, the validators and the treasury.
 *
 * @module
 */
import { FRAMEWORK_ADDRESS } from "../../core/chain/address.ts";
import { encodeBcs } from "../../core/chain/bcs.ts";
import type { ContractEvent } from "../../core/chain/event.ts";
import { type ChainContext, ZERO_HASH } from "../../core/chain/hash.ts";
import { encodeTransaction } from "../../core/chain/transaction.ts";
import type { ValidatorInfo } from "../../core/chain/validator-set.ts";
import type { WriteEntry } from "../../core/chain/write-set.ts";
import { SyncError } from "../../core/errors.ts";
import { ACCOUNT, COIN_STORE, newAccount, newCoinStore } from "./account-resources.ts";
import { type Account, type Accounts, authenticationKey, deriveSecret } from "./accounts.ts";
import { encodeNewBlock, NEW_BLOCK_EVENT } from "./block-bounds.ts";
import { encodeSupply } from "./coin.ts";
import { NEW_EPOCH_EVENT } from "./epoch.ts";
import {
  BLOCK,
  CHAIN_ID,
  COIN_INFO,
  CONFIGURATION,
  DEVNET_COIN,
  DEVNET_PENDING_FEES,
  PARAMETERS,
  PENDING_FEES,
  SUPPLY_SLOT,
  TIMESTAMP,
  TREASURY_ADDRESS,
  VERSION,
} from "./framework-resources.ts";
import { type EventHandle, eventHandle, type ResourceType, type Slot } from "./move-resource.ts";
import { type DevnetParameters, poolCount } from "./parameters.ts";
import { createSeededRandom } from "./seeded-random.ts";
import { validatorInfo } from "./stake.ts";
import {
  STAKE_POOL,
  type StakePool,
  STAKING_CONFIG,
  VALIDATOR_CONFIG,
  VALIDATOR_PERFORMANCE,
  type ValidatorConfig,
  validatorSetType,
} from "./stake-resources.ts";
import type { ValidatorKeyring } from "./validator-keyring.ts";

/** Chain id of every devnet: that of the family's local test networks. */
export const DEVNET_CHAIN_ID = 4;

/** Longest genesis transaction, in bytes. */
const MAX_GENESIS_BYTES = 256 * 1024;
const OCTAS = 100_000_000n;
/** Enough for the most accounts that a devnet can have, and their fees. */
const TREASURY_BALANCE = 10_000_000_000n * OCTAS;
/** What operators pay their transactions and further stake from. */
const OPERATOR_BALANCE = 10_000n * OCTAS;
const LEAST_STAKE = 1_000_000n * OCTAS;
const MOST_STAKE = 50_000_000n * OCTAS;
/** A century: the devnet ends epochs by block count. */
const EPOCH_INTERVAL_USECS = 3_155_760_000_000_000n;
const LOCKUP_SECS = 2_592_000n;
/** Creation numbers of the framework's streams, by which readers of the chain know them. */
const NEW_EPOCH_STREAM = 2n;
const NEW_BLOCK_STREAM = 3n;
/** BCS of an empty list: nobody reaches a devnet's validators over a network. */
const NO_ADDRESSES = new Uint8Array(1);

/** What genesis is made of. */
export interface GenesisInput {
  /** The chain's rules. */
  readonly context: ChainContext;
  /** What decides the chain. */
  readonly parameters: DevnetParameters;
  /** Keys of the treasury and the operators. */
  readonly accounts: Accounts;
  /** Consensus keys. */
  readonly keyring: ValidatorKeyring;
}

interface Pool {
  readonly operator: Account;
  readonly stake: StakePool;
  readonly config: ValidatorConfig;
}

/**
 * BCS of the genesis transaction (a direct change set), at most 256 KiB.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if it would be longer.
 */
export function createGenesis(input: GenesisInput): Uint8Array {
  const pools = createPools(input);
  const entries = [...frameworkEntries(input, pools), ...treasuryEntries(input), ...pools.flatMap(poolEntries)];
  const payload = { kind: "direct", writeSet: { entries }, events: genesisEvents() } as const;
  const blob = encodeTransaction({ kind: "genesis", payload });
  if (blob.length > MAX_GENESIS_BYTES) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot create genesis: at most ${MAX_GENESIS_BYTES} bytes, current value is ${blob.length}`,
    );
  }
  return blob;
}

function createPools({ context, parameters, accounts, keyring }: GenesisInput): Pool[] {
  const random = createSeededRandom(deriveSecret(context, parameters.seed, "stakes"));
  return Array.from({ length: poolCount(parameters) }, (_, index) => {
    const operator = accounts.account("operator", index);
    const active = LEAST_STAKE + BigInt(random.below(1_000_000)) * OCTAS;
    const stake = { ...noStake(operator.address), active };
    const config = {
      consensusPublicKey: keyring.key(index, 0).publicKey,
      networkAddresses: NO_ADDRESSES,
      fullnodeAddresses: NO_ADDRESSES,
      // Standing by, a pool has no index; zero is what the framework writes.
      validatorIndex: index < parameters.validators ? BigInt(index) : 0n,
    };
    return { operator, stake, config };
  });
}

function noStake(address: Uint8Array): StakePool {
  return { address, active: 0n, inactive: 0n, pendingActive: 0n, pendingInactive: 0n, lockedUntilSecs: 0n };
}

function frameworkEntries({ context, parameters }: GenesisInput, pools: readonly Pool[]): WriteEntry[] {
  const active = pools.slice(0, parameters.validators).map(validatorOf);
  const totalVotingPower = active.reduce((total, { votingPower }) => total + votingPower, 0n);
  const set = { active, pendingInactive: [], pendingActive: [], totalVotingPower, totalJoiningPower: 0n };
  const stake = pools.reduce((total, pool) => total + pool.stake.active, 0n);
  const supply = TREASURY_BALANCE + BigInt(pools.length) * OPERATOR_BALANCE + stake;
  return [
    at(FRAMEWORK_ADDRESS, ACCOUNT, newAccount(FRAMEWORK_ADDRESS)),
    at(FRAMEWORK_ADDRESS, CHAIN_ID, DEVNET_CHAIN_ID),
    at(FRAMEWORK_ADDRESS, VERSION, 1n),
    at(FRAMEWORK_ADDRESS, TIMESTAMP, 0n),
    at(FRAMEWORK_ADDRESS, BLOCK, {
      height: 0n,
      epochInterval: EPOCH_INTERVAL_USECS,
      newBlockEvents: once(NEW_BLOCK_STREAM),
      updateEpochIntervalEvents: eventHandle(FRAMEWORK_ADDRESS, 4n),
    }),
    at(FRAMEWORK_ADDRESS, CONFIGURATION, { epoch: 1n, lastReconfigurationTime: 0n, events: once(NEW_EPOCH_STREAM) }),
    at(FRAMEWORK_ADDRESS, validatorSetType(context.profile), set),
    at(FRAMEWORK_ADDRESS, VALIDATOR_PERFORMANCE, active.map(() => ({ successful: 0n, failed: 0n }))),
    at(FRAMEWORK_ADDRESS, STAKING_CONFIG, {
      minimumStake: LEAST_STAKE,
      maximumStake: MOST_STAKE,
      recurringLockupSecs: LOCKUP_SECS,
      allowValidatorSetChange: true,
    }),
    at(FRAMEWORK_ADDRESS, PENDING_FEES, DEVNET_PENDING_FEES),
    at(FRAMEWORK_ADDRESS, COIN_INFO, DEVNET_COIN),
    creation(SUPPLY_SLOT, encodeSupply(supply)),
  ];
}

function treasuryEntries({ context, parameters, accounts }: GenesisInput): WriteEntry[] {
  const key = authenticationKey(context, accounts.account("treasury", 0).publicKey);
  return [
    at(TREASURY_ADDRESS, ACCOUNT, newAccount(TREASURY_ADDRESS, key)),
    at(TREASURY_ADDRESS, COIN_STORE, newCoinStore(TREASURY_ADDRESS, TREASURY_BALANCE)),
    at(TREASURY_ADDRESS, PARAMETERS, parameters),
  ];
}

function poolEntries({ operator, stake, config }: Pool): WriteEntry[] {
  const { address } = operator;
  return [
    at(address, ACCOUNT, newAccount(address)),
    at(address, COIN_STORE, newCoinStore(address, OPERATOR_BALANCE)),
    at(address, STAKE_POOL, stake),
    at(address, VALIDATOR_CONFIG, config),
  ];
}

function genesisEvents(): ContractEvent[] {
  const block = {
    id: ZERO_HASH,
    epoch: 0n,
    round: 0n,
    proposer: ZERO_HASH,
    previousBlockVotes: new Uint8Array(0),
    failedProposerIndices: [],
    timestampUsecs: 0n,
  };
  const first = (creationNumber: bigint, type: typeof NEW_EPOCH_EVENT, data: Uint8Array): ContractEvent => ({
    kind: "v1",
    key: { creationNumber, address: FRAMEWORK_ADDRESS },
    sequenceNumber: 0n,
    type,
    data,
  });
  return [
    first(NEW_BLOCK_STREAM, NEW_BLOCK_EVENT, encodeNewBlock(block, 0n)),
    first(NEW_EPOCH_STREAM, NEW_EPOCH_EVENT, encodeBcs((writer) => writer.u64(1n))),
  ];
}

/** A stream of the framework with one event in it. */
function once(creationNumber: bigint): EventHandle {
  return eventHandle(FRAMEWORK_ADDRESS, creationNumber, 1n);
}

function validatorOf({ operator, stake, config }: Pool): ValidatorInfo {
  return validatorInfo(operator.address, stake.active, config);
}

function at<T>(address: Uint8Array, type: ResourceType<T>, value: T): WriteEntry {
  return creation(type.slot(address), type.encode(value));
}

function creation(slot: Slot, data: Uint8Array): WriteEntry {
  return { key: slot.key, op: { kind: "creation", data } };
}
