/**
 * What decides a devnet: the same parameters give the same bytes. They are written into the chain's own state at genesis,
 * so a chain can be continued from its store alone.
 *
 * @module
 */
import { decodeBcs, encodeBcs } from "../../core/chain/bcs.ts";
import { SyncError } from "../../core/errors.ts";

/** 2026-01-01T00:00:00Z. A constant, so that two builds agree. */
const DEFAULT_GENESIS_TIME_MS = 1_767_225_600_000;

/** Every validator is described in the genesis transaction, which must stay below 256 KiB. */
const MAX_VALIDATORS = 100;
/** The treasury must be able to fund them all. */
const MAX_ACCOUNTS = 10_000_000;
/** A block is committed as one chunk in memory; 10,000 transfers are about 14 MB. */
const MAX_TRANSACTIONS_PER_BLOCK = 10_000;

/** The parameters of a devnet. */
export interface DevnetParameters {
  /** Decides every key, every transfer and every signer. 0 to 2⁶⁴ − 1. */
  readonly seed: bigint;
  /** Accounts created by the funding blocks. */
  readonly accounts: number;
  /** Transfers in each block, besides what validators and the end of an epoch need. */
  readonly transactionsPerBlock: number;
  /** Blocks in an epoch (funding blocks, which come before block 1, are in the first one and do not count). ≥ 1. */
  readonly epochBlocks: number;
  /** Validators of the first epoch, 1 to 100. A quarter more (at least one) stand by to join later. */
  readonly validators: number;
  /** Time before the first block, in milliseconds since the Unix epoch. */
  readonly genesisTimeMs: number;
  /** Time between two blocks where no clock says otherwise, in milliseconds. ≥ 1. */
  readonly blockIntervalMs: number;
}

/** A small devnet: 4 validators, 100 accounts, blocks of 10 transfers, epochs of 20 blocks. */
export const DEFAULT_DEVNET_PARAMETERS: DevnetParameters = {
  seed: 0n,
  accounts: 100,
  transactionsPerBlock: 10,
  epochBlocks: 20,
  validators: 4,
  genesisTimeMs: DEFAULT_GENESIS_TIME_MS,
  blockIntervalMs: 1_000,
};

/**
 * Fills in what is not given, and checks all of it.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if a parameter is outside its range.
 */
export function devnetParameters(given: Partial<DevnetParameters> = {}): DevnetParameters {
  const parameters = { ...DEFAULT_DEVNET_PARAMETERS, ...given };
  if (parameters.seed < 0n || parameters.seed > 0xffff_ffff_ffff_ffffn) {
    throw new SyncError("INVALID_ARGUMENT", `Cannot use seed: 0 to 2^64 - 1, current value is ${parameters.seed}`);
  }
  assertWithin("accounts", parameters.accounts, 0, MAX_ACCOUNTS);
  assertWithin("transactions per block", parameters.transactionsPerBlock, 0, MAX_TRANSACTIONS_PER_BLOCK);
  assertWithin("epoch blocks", parameters.epochBlocks, 1, 2 ** 32);
  assertWithin("validators", parameters.validators, 1, MAX_VALIDATORS);
  assertWithin("genesis time", parameters.genesisTimeMs, 0, 2 ** 43);
  assertWithin("block interval", parameters.blockIntervalMs, 1, 2 ** 31);
  return parameters;
}

/** Stake pools that exist from genesis on: the first validators, and those who stand by. */
export function poolCount(parameters: DevnetParameters): number {
  return parameters.validators + Math.ceil(parameters.validators / 4);
}

/** BCS of the parameters, as the chain's state keeps them. */
export function encodeParameters(parameters: DevnetParameters): Uint8Array {
  return encodeBcs((writer) => {
    writer.u64(parameters.seed);
    for (const value of numbersOf(parameters)) writer.u64(BigInt(value));
  });
}

/**
 * Reads what {@link encodeParameters} wrote.
 *
 * @throws {SyncError} `MALFORMED_BCS` if it is something else.
 * @throws {SyncError} `INVALID_ARGUMENT` if a parameter is outside its range.
 */
export function decodeParameters(bytes: Uint8Array): DevnetParameters {
  return decodeBcs(bytes, (cursor) =>
    devnetParameters({
      seed: cursor.u64(),
      accounts: Number(cursor.u64()),
      transactionsPerBlock: Number(cursor.u64()),
      epochBlocks: Number(cursor.u64()),
      validators: Number(cursor.u64()),
      genesisTimeMs: Number(cursor.u64()),
      blockIntervalMs: Number(cursor.u64()),
    }));
}

function numbersOf(parameters: DevnetParameters): number[] {
  const { accounts, transactionsPerBlock, epochBlocks, validators, genesisTimeMs, blockIntervalMs } = parameters;
  return [accounts, transactionsPerBlock, epochBlocks, validators, genesisTimeMs, blockIntervalMs];
}

function assertWithin(what: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new SyncError("INVALID_ARGUMENT", `Cannot use ${what}: ${least} to ${most}, current value is ${value}`);
  }
}
