/**
 * User transactions of the devnet, from what should be called to signed bytes.
 *
 * @module
 */
import { FRAMEWORK_ADDRESS } from "../../core/chain/address.ts";
import { encodeBcs } from "../../core/chain/bcs.ts";
import type { EntryFunction } from "../../core/chain/executable.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import { type RawTransaction, rawTransactionSigningMessage } from "../../core/chain/signed-transaction.ts";
import { decodeStateValue } from "../../core/chain/state-value.ts";
import { encodeTransaction } from "../../core/chain/transaction.ts";
import type { StateView } from "../../core/ports/executor.ts";
import { ACCOUNT } from "./account-resources.ts";
import type { Account } from "./accounts.ts";
import type { Ed25519Signer } from "./ed25519-signer.ts";
import { DEVNET_CHAIN_ID } from "./genesis.ts";
import { MIN_GAS_UNIT_PRICE } from "./user-execution.ts";

/** Transactions expire ten minutes after the block they are made for. */
const LIFETIME_SECS = 600n;
/** Far enough ahead that a transaction out of turn cannot come of age. */
const OUT_OF_TURN = 1_000_000n;

/** A transaction that is not numbered and signed yet. */
export interface Draft {
  /** Who signs. */
  readonly account: Account;
  /** 32-byte address of the sender; the account's own unless its key signs for another. */
  readonly sender: Uint8Array;
  /** What to call. */
  readonly call: EntryFunction;
  /** Most gas units to spend. */
  readonly maxGasAmount: bigint;
  /** Gets a sequence number that the chain must refuse for now. */
  readonly isOutOfTurn?: boolean;
}

/** What signing needs. */
export interface SigningInput {
  /** The chain's rules. */
  readonly context: ChainContext;
  /** Signs. */
  readonly signer: Ed25519Signer;
  /** The state that the transactions will run on. */
  readonly view: StateView;
  /** Microseconds since the Unix epoch of the block that they are made for. */
  readonly timestampUsecs: bigint;
}

/** Numbers drafts in their order, each sender from where it stands in the state, and signs them. BCS `Transaction` each. */
export async function signDrafts(input: SigningInput, drafts: readonly Draft[]): Promise<Uint8Array[]> {
  const numbers = await sequenceNumbers(input.view, drafts);
  return drafts.map((draft) => {
    const slot = ACCOUNT.slot(draft.sender);
    const next = numbers.get(slot.id) ?? 0n;
    if (draft.isOutOfTurn === true) return sign(input, draft, next + OUT_OF_TURN);
    numbers.set(slot.id, next + 1n);
    return sign(input, draft, next);
  });
}

/** A call of a function of the framework. */
export function frameworkCall(module: string, name: string, args: readonly Uint8Array[]): EntryFunction {
  return {
    module: { address: FRAMEWORK_ADDRESS, name: module },
    function: name,
    typeArguments: [],
    arguments: args,
  };
}

/** BCS of a u64 argument. */
export function u64Argument(value: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(value));
}

async function sequenceNumbers(view: StateView, drafts: readonly Draft[]): Promise<Map<string, bigint>> {
  const slots = new Map(drafts.map(({ sender }) => {
    const slot = ACCOUNT.slot(sender);
    return [slot.id, slot.keyBytes];
  }));
  const values = await view.read([...slots.values()]);
  return new Map([...slots.keys()].map((id, i) => {
    const value = values[i];
    const number = value === undefined ? 0n : ACCOUNT.decode(decodeStateValue(value).data).sequenceNumber;
    return [id, number];
  }));
}

function sign({ context, signer, timestampUsecs }: SigningInput, draft: Draft, sequenceNumber: bigint): Uint8Array {
  const raw: RawTransaction = {
    sender: draft.sender,
    sequenceNumber,
    payload: { kind: "entryFunction", entryFunction: draft.call },
    maxGasAmount: draft.maxGasAmount,
    gasUnitPrice: MIN_GAS_UNIT_PRICE,
    expirationTimestampSecs: timestampUsecs / 1_000_000n + LIFETIME_SECS,
    chainId: DEVNET_CHAIN_ID,
  };
  const { privateKey, publicKey } = draft.account;
  const signature = signer.sign(privateKey, rawTransactionSigningMessage(context, raw));
  const authenticator = { kind: "ed25519", publicKey, signature } as const;
  return encodeTransaction({ kind: "user", transaction: { raw, authenticator } });
}
