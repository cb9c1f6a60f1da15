/**
 * What operators of validators do: in every epoch something that changes the validator set of the next one.
 *
 * @module
 */
import { encodeHex } from "../../core/bytes/hex.ts";
import { encodeBcs } from "../../core/chain/bcs.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import type { EpochState } from "../../core/chain/epoch-state.ts";
import { type Accounts, deriveSecret } from "./accounts.ts";
import { type Draft, frameworkCall, u64Argument } from "./drafts.ts";
import { type DevnetParameters, poolCount } from "./parameters.ts";
import { createSeededRandom, type SeededRandom } from "./seeded-random.ts";
import { KEY_GENERATIONS, type ValidatorKeyring } from "./validator-keyring.ts";

const OPERATION_GAS = 5_000n;
const LEAST_ADDED_OCTAS = 1_000_000_000n;
const MOST_ADDED_COINS = 10;
/** Proofs of possession are not checked by the devnet's framework. */
const NO_PROOF = new Uint8Array(1);

/** What operators know. */
export interface OperationsInput {
  /** The chain's rules. */
  readonly context: ChainContext;
  /** What decides the chain. */
  readonly parameters: DevnetParameters;
  /** Keys of the operators. */
  readonly accounts: Accounts;
  /** Consensus keys. */
  readonly keyring: ValidatorKeyring;
  /** The validators of the current epoch. */
  readonly epochState: EpochState;
}

/** Index of the pool of each operator address, as hex. */
export function poolIndexes(parameters: DevnetParameters, accounts: Accounts): Map<string, number> {
  const pools = Array.from({ length: poolCount(parameters) }, (_, index) => index);
  return new Map(pools.map((index) => [encodeHex(accounts.account("operator", index).address), index]));
}

/**
 * Transactions of operators in the first block of an epoch. In turn, from epoch to epoch: one joins, one takes a new key,
 * one leaves; and in every epoch one adds stake.
 */
export function operationDrafts(input: OperationsInput): Draft[] {
  const { context, parameters, accounts, keyring, epochState } = input;
  const random = createSeededRandom(deriveSecret(context, parameters.seed, `operations ${epochState.epoch}`));
  const pools = poolIndexes(parameters, accounts);
  const active = epochState.validators.map(({ address }) => pools.get(encodeHex(address)) ?? 0);
  const standingBy = [...pools.values()].filter((pool) => !active.includes(pool));
  const drafts = [addStakeDraft(accounts, pick(random, active), random)];
  switch (epochState.epoch % 3n) {
    case 1n:
      if (standingBy.length > 0) drafts.push(setDraft(accounts, "join_validator_set", pick(random, standingBy)));
      break;
    case 2n: {
      const pool = pick(random, active);
      const index = active.indexOf(pool);
      const current = keyring.generationOf(pool, epochState.validators[index]?.publicKey ?? NO_PROOF);
      drafts.push(rotateDraft(accounts, pool, keyring.key(pool, (current + 1) % KEY_GENERATIONS).publicKey));
      break;
    }
    default:
      if (active.length > 1) drafts.push(setDraft(accounts, "leave_validator_set", pick(random, active)));
  }
  return drafts;
}

function addStakeDraft(accounts: Accounts, pool: number, random: SeededRandom): Draft {
  const octas = LEAST_ADDED_OCTAS * BigInt(1 + random.below(MOST_ADDED_COINS));
  return operatorDraft(accounts, pool, "add_stake", [u64Argument(octas)]);
}

function setDraft(accounts: Accounts, name: string, pool: number): Draft {
  return operatorDraft(accounts, pool, name, [accounts.account("operator", pool).address]);
}

function rotateDraft(accounts: Accounts, pool: number, publicKey: Uint8Array): Draft {
  const key = encodeBcs((writer) => writer.byteString(publicKey));
  return operatorDraft(accounts, pool, "rotate_consensus_key", [
    accounts.account("operator", pool).address,
    key,
    NO_PROOF,
  ]);
}

function operatorDraft(accounts: Accounts, pool: number, name: string, args: readonly Uint8Array[]): Draft {
  const account = accounts.account("operator", pool);
  return {
    account,
    sender: account.address,
    call: frameworkCall("stake", name, args),
    maxGasAmount: OPERATION_GAS,
  };
}

function pick(random: SeededRandom, items: readonly number[]): number {
  return items[random.below(items.length)] ?? 0;
}
