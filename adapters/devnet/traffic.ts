/**
 * What users of the devnet do: first the treasury funds them, then they pay each other. The block's number and the seed
 * decide all of it.
 *
 * @module
 */
import { encodeBcs } from "../../core/chain/bcs.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import { type Account, type Accounts, deriveSecret } from "./accounts.ts";
import { type Draft, frameworkCall, u64Argument } from "./drafts.ts";
import { TREASURY_ADDRESS } from "./framework-resources.ts";
import type { DevnetParameters } from "./parameters.ts";
import { createSeededRandom, type SeededRandom } from "./seeded-random.ts";
import { MAX_GAS_AMOUNT } from "./user-execution.ts";

/** Recipients of one funding transaction: its write set stays below 128 KiB. */
const FUNDING_RECIPIENTS = 200;
/** Funding transactions of one block: about half a megabyte of write sets. */
const FUNDING_TRANSACTIONS = 4;
const FUNDING_OCTAS = 10_000_000_000n;
/** Gas enough for a transfer, and for one that creates an account. */
const TRANSFER_GAS = 5_000n;
/** Gas enough for a transfer, but not for one that creates an account. */
const SHORT_GAS = 100n;
const MOST_PAID_OCTAS = 1_000_000;
/** More than any account has. */
const TOO_MUCH_OCTAS = 2n ** 63n;

/** One in so many transfers goes to an account that is not there yet. */
const NEWCOMER_EVERY = 64;
/** One in so many transfers pays more than the sender has. */
const OVERDRAFT_EVERY = 50;
/** One in so many transfers runs out of gas. */
const OUT_OF_GAS_EVERY = 100;
/** One in so many blocks is offered a transaction with a sequence number out of turn. */
const OUT_OF_TURN_EVERY = 4;

/** What the users' side of a devnet is made from. */
export interface TrafficInput {
  /** The chain's rules. */
  readonly context: ChainContext;
  /** What decides the chain. */
  readonly parameters: DevnetParameters;
  /** Keys of the users. */
  readonly accounts: Accounts;
}

/** Blocks that create the accounts, before block 1. */
export function fundingBlockCount({ accounts }: DevnetParameters): number {
  return Math.ceil(accounts / (FUNDING_RECIPIENTS * FUNDING_TRANSACTIONS));
}

/** Transactions of funding block `index` (from 0 on): the treasury pays accounts that are not there yet. */
export function fundingDrafts({ parameters, accounts }: TrafficInput, index: number): Draft[] {
  const drafts: Draft[] = [];
  const first = index * FUNDING_RECIPIENTS * FUNDING_TRANSACTIONS;
  const next = Math.min(parameters.accounts, first + FUNDING_RECIPIENTS * FUNDING_TRANSACTIONS);
  for (let start = first; start < next; start += FUNDING_RECIPIENTS) {
    const count = Math.min(FUNDING_RECIPIENTS, next - start);
    const recipients = Array.from({ length: count }, (_, i) => accounts.account("user", start + i).address);
    drafts.push(treasuryDraft(accounts, "aptos_account", "batch_transfer", [
      encodeBcs((writer) => writer.sequence(recipients, (inner, address) => inner.raw(address))),
      encodeBcs((writer) => writer.sequence(recipients, (inner) => inner.u64(FUNDING_OCTAS))),
    ]));
  }
  return drafts;
}

/** Transfers of block `block` (from 1 on): most succeed, some fail on chain, some must never get there. */
export function transferDrafts(input: TrafficInput, block: number): Draft[] {
  const { context, parameters } = input;
  const random = createSeededRandom(deriveSecret(context, parameters.seed, `transfers ${block}`));
  const drafts: Draft[] = [];
  for (let i = 0; i < parameters.transactionsPerBlock; i++) {
    drafts.push(transferDraft(input, random, `${block} ${i}`));
  }
  const isOutOfTurn = drafts.length > 0 && random.below(OUT_OF_TURN_EVERY) === 0;
  if (isOutOfTurn) drafts.push({ ...transferDraft(input, random, `${block}`), isOutOfTurn });
  return drafts;
}

/** The transaction that ends an epoch. */
export function endEpochDraft(accounts: Accounts): Draft {
  return treasuryDraft(accounts, "aptos_governance", "force_end_epoch_test_only", []);
}

/**
 * @param name Names an account that nobody has paid before.
 */
function transferDraft(input: TrafficInput, random: SeededRandom, name: string): Draft {
  const sender = party(input, random);
  const recipient = party(input, random);
  const isOutOfGas = random.below(OUT_OF_GAS_EVERY) === 0;
  const isNewcomer = isOutOfGas || random.below(NEWCOMER_EVERY) === 0;
  const isOverdraft = random.below(OVERDRAFT_EVERY) === 0;
  const paid = BigInt(1 + random.below(MOST_PAID_OCTAS));
  const to = isNewcomer ? deriveSecret(input.context, input.parameters.seed, `newcomer ${name}`) : recipient.address;
  return {
    account: sender.account,
    sender: sender.address,
    call: frameworkCall("aptos_account", "transfer", [to, u64Argument(isOverdraft ? TOO_MUCH_OCTAS : paid)]),
    maxGasAmount: isOutOfGas ? SHORT_GAS : TRANSFER_GAS,
  };
}

/** One of the users, or the treasury. */
function party(
  { parameters, accounts }: TrafficInput,
  random: SeededRandom,
): { readonly account: Account; readonly address: Uint8Array } {
  const index = random.below(parameters.accounts + 1);
  if (index === parameters.accounts) return { account: accounts.account("treasury", 0), address: TREASURY_ADDRESS };
  const account = accounts.account("user", index);
  return { account, address: account.address };
}

function treasuryDraft(accounts: Accounts, module: string, name: string, args: readonly Uint8Array[]): Draft {
  return {
    account: accounts.account("treasury", 0),
    sender: TREASURY_ADDRESS,
    call: frameworkCall(module, name, args),
    maxGasAmount: MAX_GAS_AMOUNT,
  };
}
