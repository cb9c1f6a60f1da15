/**
 * What the framework does with a user transaction: checks it, runs it, charges for it.
 *
 * @module
 */
import { equalBytes } from "../../core/bytes/bytes.ts";
import { encodeBcs } from "../../core/chain/bcs.ts";
import type { ExecutionStatus } from "../../core/chain/execution-status.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import {
  type RawTransaction,
  rawTransactionSigningMessage,
  type SignedTransaction,
} from "../../core/chain/signed-transaction.ts";
import type { TransactionStatus } from "../../core/chain/transaction-output.ts";
import type { TypeTag } from "../../core/chain/type-tag.ts";
import type { SignatureVerifier } from "../../core/ports/signatures.ts";
import { ACCOUNT, COIN_STORE } from "./account-resources.ts";
import { authenticationKey } from "./accounts.ts";
import { burn } from "./coin.ts";
import { runPayload } from "./entry-functions.ts";
import { type ExecutionState, missingFramework } from "./execution-state.ts";
import { CHAIN_ID, TIMESTAMP } from "./framework-resources.ts";
import { ABORT_CATEGORY, assertMove, type DeclaredAbort, MoveStop } from "./move-stop.ts";
import { frameworkType } from "./move-resource.ts";

/** Octas for a new slot of the state, besides what its bytes cost. */
export const SLOT_DEPOSIT = 40_000n;
/** Octas for each byte of a new slot's key and value. */
export const BYTE_DEPOSIT = 40n;
/** Least octas a gas unit. */
export const MIN_GAS_UNIT_PRICE = 100n;
/** Most gas units of one transaction: enough for 250 new accounts. */
export const MAX_GAS_AMOUNT = 2_000_000n;

/** Gas units of any transaction. */
const EXECUTION_GAS = 6n;
/** Gas units for each slot that a transaction writes. */
const WRITE_GAS = 1n;

/** Status codes of transactions that never become part of the ledger, as the family numbers them. */
export const DISCARD_CODE = {
  invalidSignature: 1n,
  invalidAuthKey: 2n,
  sequenceNumberTooOld: 3n,
  sequenceNumberTooNew: 4n,
  insufficientBalanceForFee: 5n,
  expired: 6n,
  senderMissing: 7n,
  maxGasTooHigh: 13n,
  gasPriceTooLow: 15n,
  badChainId: 23n,
} as const;

const FEE_STATEMENT: TypeTag = { kind: "struct", struct: frameworkType("transaction_fee", "FeeStatement") };
const CANNOT_PAY: DeclaredAbort = {
  module: "transaction_validation",
  category: ABORT_CATEGORY.outOfRange,
  reason: 1005n,
  reasonName: "PROLOGUE_ECANT_PAY_GAS_DEPOSIT",
  description: "Transaction sender did not have enough coins to pay the fee",
};

/** How a user transaction went. */
export interface UserOutcome {
  /** What becomes of it. */
  readonly status: TransactionStatus;
  /** Gas units; 0 unless it is kept. */
  readonly gasUsed: bigint;
}

/** What a transaction costs. */
interface Gas {
  /** Gas units in all. */
  readonly total: bigint;
  /** Gas units for writing. */
  readonly io: bigint;
  /** Octas for new slots; part of `total`, at the transaction's gas price. */
  readonly storageOctas: bigint;
}

/**
 * Executes one user transaction on `state`, leaving its effects there unfinished; none if it is discarded.
 *
 * @param input.verifier Checks the signature; without one it is taken for granted.
 */
export async function executeUserTransaction(
  state: ExecutionState,
  { context, transaction, verifier }: {
    readonly context: ChainContext;
    readonly transaction: SignedTransaction;
    readonly verifier: SignatureVerifier | undefined;
  },
): Promise<UserOutcome> {
  const { raw } = transaction;
  const statusCode = await reasonToDiscard(state, context, transaction) ??
    await reasonToDistrust(context, transaction, verifier);
  if (statusCode !== undefined) return { status: { kind: "discard", statusCode }, gasUsed: 0n };
  try {
    await runPayload(raw.payload, { state, profile: context.profile, sender: raw.sender });
    const gas = gasOf(state, raw);
    if (gas.total > raw.maxGasAmount) throw new MoveStop({ kind: "outOfGas" });
    await settle(state, raw, gas);
    return kept({ kind: "success" }, gas.total);
  } catch (error) {
    if (!(error instanceof MoveStop)) throw error;
    state.rollback();
    const total = error.status.kind === "outOfGas" ? raw.maxGasAmount : smaller(EXECUTION_GAS, raw.maxGasAmount);
    await settle(state, raw, { total, io: 0n, storageOctas: 0n });
    return kept(error.status, total);
  }
}

/** Why a transaction cannot become part of the ledger now, or `undefined`. */
async function reasonToDiscard(
  state: ExecutionState,
  context: ChainContext,
  { raw, authenticator }: SignedTransaction,
): Promise<bigint | undefined> {
  if (raw.chainId !== await state.framework(CHAIN_ID)) return DISCARD_CODE.badChainId;
  if (raw.maxGasAmount > MAX_GAS_AMOUNT) return DISCARD_CODE.maxGasTooHigh;
  if (raw.gasUnitPrice < MIN_GAS_UNIT_PRICE) return DISCARD_CODE.gasPriceTooLow;
  if (raw.expirationTimestampSecs * 1_000_000n <= await state.framework(TIMESTAMP)) return DISCARD_CODE.expired;
  const account = await state.resource(ACCOUNT, raw.sender);
  if (account === undefined) return DISCARD_CODE.senderMissing;
  if (authenticator.kind !== "ed25519") return DISCARD_CODE.invalidSignature;
  const key = authenticationKey(context, authenticator.publicKey);
  if (!equalBytes(account.authenticationKey, key)) return DISCARD_CODE.invalidAuthKey;
  if (raw.sequenceNumber < account.sequenceNumber) return DISCARD_CODE.sequenceNumberTooOld;
  if (raw.sequenceNumber > account.sequenceNumber) return DISCARD_CODE.sequenceNumberTooNew;
  const store = await state.resource(COIN_STORE, raw.sender);
  const mostFee = raw.maxGasAmount * raw.gasUnitPrice;
  return store === undefined || store.balance < mostFee ? DISCARD_CODE.insufficientBalanceForFee : undefined;
}

async function reasonToDistrust(
  context: ChainContext,
  { raw, authenticator }: SignedTransaction,
  verifier: SignatureVerifier | undefined,
): Promise<bigint | undefined> {
  if (verifier === undefined || authenticator.kind !== "ed25519") return undefined;
  const isValid = await verifier.verifyEd25519(rawTransactionSigningMessage(context, raw), [authenticator]);
  return isValid ? undefined : DISCARD_CODE.invalidSignature;
}

function gasOf(state: ExecutionState, { gasUnitPrice }: RawTransaction): Gas {
  const io = WRITE_GAS * BigInt(state.writeCount);
  const created = state.newSlots();
  const storageOctas = SLOT_DEPOSIT * BigInt(created.count) + BYTE_DEPOSIT * BigInt(created.bytes);
  const storageGas = (storageOctas + gasUnitPrice - 1n) / gasUnitPrice;
  return { total: EXECUTION_GAS + io + storageGas, io, storageOctas };
}

/** What every kept transaction does, failed or not: pays its fee, counts up the sender, says what it cost. */
async function settle(state: ExecutionState, raw: RawTransaction, gas: Gas): Promise<void> {
  const fee = gas.total * raw.gasUnitPrice;
  const store = await state.resource(COIN_STORE, raw.sender);
  assertMove(store !== undefined && store.balance >= fee, CANNOT_PAY);
  await burn(state, raw.sender, fee);
  const account = await state.resource(ACCOUNT, raw.sender);
  if (account === undefined) throw missingFramework("account::Account");
  const counted = ACCOUNT.encode({ ...account, sequenceNumber: account.sequenceNumber + 1n });
  state.write(ACCOUNT.slot(raw.sender), counted);
  const executionGas = smaller(EXECUTION_GAS, gas.total);
  const data = encodeBcs((writer) => writer.u64(gas.total).u64(executionGas).u64(gas.io).u64(gas.storageOctas).u64(0n));
  state.emit(FEE_STATEMENT, data);
}

function kept(status: ExecutionStatus, gasUsed: bigint): UserOutcome {
  return { status: { kind: "keep", status }, gasUsed };
}

function smaller(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
