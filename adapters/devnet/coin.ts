/**
 * Coins and accounts: the functions behind `0x1::aptos_account::transfer` and `batch_transfer`, and the supply.
 *
 * @module
 */
import { decodeBcs, encodeBcs } from "../../core/chain/bcs.ts";
import type { TypeTag } from "../../core/chain/type-tag.ts";
import { ACCOUNT, COIN_STORE, newAccount, newCoinStore } from "./account-resources.ts";
import type { ExecutionState } from "./execution-state.ts";
import { SUPPLY_SLOT } from "./framework-resources.ts";
import { ABORT_CATEGORY, assertMove, type DeclaredAbort } from "./move-stop.ts";
import { frameworkType } from "./move-resource.ts";

const WITHDRAW_EVENT: TypeTag = { kind: "struct", struct: frameworkType("coin", "WithdrawEvent") };
const DEPOSIT_EVENT: TypeTag = { kind: "struct", struct: frameworkType("coin", "DepositEvent") };

/** A withdrawal of more than there is. */
const INSUFFICIENT_BALANCE: DeclaredAbort = {
  module: "coin",
  category: ABORT_CATEGORY.invalidArgument,
  reason: 6n,
  reasonName: "EINSUFFICIENT_BALANCE",
  description: "Not enough coins to complete transaction",
};
const STORE_NOT_PUBLISHED: DeclaredAbort = {
  module: "coin",
  category: ABORT_CATEGORY.notFound,
  reason: 5n,
  reasonName: "ECOIN_STORE_NOT_PUBLISHED",
  description: "Account hasn't registered `CoinStore` for `CoinType`",
};
const BALANCE_OVERFLOW: DeclaredAbort = {
  module: "coin",
  category: ABORT_CATEGORY.outOfRange,
  reason: 7n,
  reasonName: "EBALANCE_OVERFLOW",
  description: "The balance would not fit an unsigned 64-bit integer",
};
const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** A payment, in octas. */
export interface Payment {
  /** 32-byte address. */
  readonly from: Uint8Array;
  /** 32-byte address; the account is created if it is not there. */
  readonly to: Uint8Array;
  /** In octas. */
  readonly amount: bigint;
}

/** `0x1::aptos_account::transfer`. */
export async function transfer(state: ExecutionState, { from, to, amount }: Payment): Promise<void> {
  await createAccountIfMissing(state, to);
  await withdraw(state, from, amount);
  await deposit(state, to, amount);
}

/**
 * Takes coins out of an account, with an event.
 *
 * @throws {MoveStop} If there are not enough, or no store.
 */
export async function withdraw(state: ExecutionState, address: Uint8Array, amount: bigint): Promise<void> {
  const store = await state.resource(COIN_STORE, address);
  assertMove(store !== undefined, STORE_NOT_PUBLISHED);
  assertMove(store.balance >= amount, INSUFFICIENT_BALANCE);
  const withdrawEvents = state.emitTo(store.withdrawEvents, WITHDRAW_EVENT, amountData(amount));
  state.write(
    COIN_STORE.slot(address),
    COIN_STORE.encode({ ...store, balance: store.balance - amount, withdrawEvents }),
  );
}

/** Burns coins of an account without an event, as fees are. The coins must be there. */
export async function burn(state: ExecutionState, address: Uint8Array, amount: bigint): Promise<void> {
  const store = await state.resource(COIN_STORE, address);
  assertMove(store !== undefined && store.balance >= amount, INSUFFICIENT_BALANCE);
  state.write(COIN_STORE.slot(address), COIN_STORE.encode({ ...store, balance: store.balance - amount }));
  await changeSupply(state, -amount);
}

/** Adds `difference` (octas, may be negative) to the supply. */
export async function changeSupply(state: ExecutionState, difference: bigint): Promise<void> {
  const supply = decodeSupply(await state.read(SUPPLY_SLOT));
  state.write(SUPPLY_SLOT, encodeSupply(supply + difference));
}

/** BCS of a supply. */
export function encodeSupply(supply: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u128(supply));
}

/** The supply in octas; 0 where there is none. */
export function decodeSupply(data: Uint8Array | undefined): bigint {
  return data === undefined ? 0n : decodeBcs(data, (cursor) => cursor.u128());
}

async function deposit(state: ExecutionState, address: Uint8Array, amount: bigint): Promise<void> {
  const store = await state.resource(COIN_STORE, address);
  assertMove(store !== undefined, STORE_NOT_PUBLISHED);
  const balance = store.balance + amount;
  assertMove(balance <= U64_MAX, BALANCE_OVERFLOW);
  const depositEvents = state.emitTo(store.depositEvents, DEPOSIT_EVENT, amountData(amount));
  state.write(COIN_STORE.slot(address), COIN_STORE.encode({ ...store, balance, depositEvents }));
}

async function createAccountIfMissing(state: ExecutionState, address: Uint8Array): Promise<void> {
  const accountSlot = ACCOUNT.slot(address);
  if ((await state.read(accountSlot)) !== undefined) return;
  const storeSlot = COIN_STORE.slot(address);
  await state.read(storeSlot);
  state.write(accountSlot, ACCOUNT.encode(newAccount(address)));
  state.write(storeSlot, COIN_STORE.encode(newCoinStore(address)));
}

function amountData(amount: bigint): Uint8Array {
  return encodeBcs((writer) => writer.u64(amount));
}
