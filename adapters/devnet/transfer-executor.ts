/**
 * The devnet's executor: coin transfers, staking, blocks and epochs, as the framework of the family does them.
 *
 * A stand-in for a virtual machine: it knows the functions of `entry-functions.ts` and no bytecode.
 *
 * @module
 */
import { columnItem, encodeColumn } from "../../core/bytes/column.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import type { SignedTransaction } from "../../core/chain/signed-transaction.ts";
import type { StateValueMetadata } from "../../core/chain/state-value.ts";
import { decodeTransaction, type Transaction } from "../../core/chain/transaction.ts";
import type { TransactionStatus } from "../../core/chain/transaction-output.ts";
import { encodeWriteSet } from "../../core/chain/write-set.ts";
import type { WriteSetPayload } from "../../core/chain/write-set-payload.ts";
import { isSyncError } from "../../core/errors.ts";
import type { ExecutionInput, ExecutionOutput, Executor } from "../../core/ports/executor.ts";
import type { SignatureVerifier } from "../../core/ports/signatures.ts";
import { ACCOUNT, COIN_STORE } from "./account-resources.ts";
import { beginBlock, endBlock } from "./block-bounds.ts";
import { recipientsOf } from "./entry-functions.ts";
import { ExecutionState, type TransactionEffects } from "./execution-state.ts";
import { BLOCK, CHAIN_ID, CONFIGURATION, frameworkSlot, SUPPLY_SLOT, TIMESTAMP } from "./framework-resources.ts";
import { type Slot, slotOf } from "./move-resource.ts";
import { VALIDATOR_PERFORMANCE, validatorSetType } from "./stake-resources.ts";
import { BYTE_DEPOSIT, executeUserTransaction, SLOT_DEPOSIT } from "./user-execution.ts";

const NO_EVENTS = new Uint8Array(1);
const NO_WRITES: Uint8Array = encodeWriteSet({ entries: [] });
const SUCCESS: TransactionStatus = { kind: "keep", status: { kind: "success" } };
const RETRY: TransactionStatus = { kind: "retry" };
/** A transaction of the system that does not fit; users' have codes of their own. */
const UNKNOWN_STATUS: TransactionStatus = { kind: "discard", statusCode: 0n };

/** What one transaction came to. */
interface Outcome {
  readonly status: TransactionStatus;
  readonly gasUsed: bigint;
  readonly effects?: TransactionEffects;
}

/**
 * Creates the executor.
 *
 * @param verifier Checks users' signatures. Without one they are taken for granted: right for a chain's own producer, and
 *   where infos that are proven already decide what is accepted.
 */
export function createTransferExecutor(context: ChainContext, verifier?: SignatureVerifier): Executor {
  return {
    async execute(input, view) {
      const transactions = decodeTransactions(input);
      const state = new ExecutionState(view);
      await state.prefetch(slotsOf(context, transactions));
      const outcomes: Outcome[] = [];
      let isRetry = false;
      for (const transaction of transactions) {
        const outcome: Outcome = isRetry ? { status: RETRY, gasUsed: 0n } : await execute(state, transaction);
        isRetry ||= outcome.effects?.startsEpoch ?? false;
        outcomes.push(outcome);
      }
      return outputOf(outcomes);
    },
  };

  async function execute(state: ExecutionState, transaction: Transaction | undefined): Promise<Outcome> {
    switch (transaction?.kind) {
      case "user":
        return await executeUser(state, transaction.transaction);
      case "genesis":
        return executeGenesis(state, transaction.payload);
      case "blockMetadata":
      case "blockMetadataExt": {
        const metadata = transaction.kind === "blockMetadata" ? transaction.metadata : transaction.metadata.metadata;
        const fits = await beginBlock(state, context.profile, metadata);
        return fits ? await system(state) : discarded(state);
      }
      case "stateCheckpoint":
        return await system(state);
      case "blockEpilogue": {
        const fees = transaction.epilogue.fees ?? [];
        await endBlock(state, fees.map(({ validatorIndex, octas }) => [validatorIndex, octas] as const));
        return await system(state);
      }
      default:
        return discarded(state);
    }
  }

  async function executeUser(state: ExecutionState, transaction: SignedTransaction): Promise<Outcome> {
    const { status, gasUsed } = await executeUserTransaction(state, { context, transaction, verifier });
    if (status.kind !== "keep") return { ...discarded(state), status };
    const creationTimeUsecs = await state.framework(TIMESTAMP);
    const effects = state.finish((bytes): StateValueMetadata => ({
      slotDeposit: SLOT_DEPOSIT,
      bytesDeposit: BYTE_DEPOSIT * BigInt(bytes),
      creationTimeUsecs,
    }));
    return { status, gasUsed, effects };
  }
}

/** Ends a transaction of the system, which pays nothing. */
async function system(state: ExecutionState): Promise<Outcome> {
  const creationTimeUsecs = await state.framework(TIMESTAMP);
  const effects = state.finish(() => ({ slotDeposit: 0n, bytesDeposit: 0n, creationTimeUsecs }));
  return { status: SUCCESS, gasUsed: 0n, effects };
}

function executeGenesis(state: ExecutionState, payload: WriteSetPayload): Outcome {
  if (payload.kind !== "direct") return discarded(state);
  for (const { key, op } of payload.writeSet.entries) {
    state.write(slotOf(key), op.kind === "deletion" ? undefined : op.data);
  }
  for (const event of payload.events) state.announce(event);
  return { status: SUCCESS, gasUsed: 0n, effects: state.finish(() => undefined) };
}

function discarded(state: ExecutionState): Outcome {
  state.rollback();
  return { status: UNKNOWN_STATUS, gasUsed: 0n };
}

function decodeTransactions({ transactions }: ExecutionInput): (Transaction | undefined)[] {
  return Array.from({ length: transactions.count }, (_, i) => {
    try {
      return decodeTransaction(columnItem(transactions, i));
    } catch (error) {
      if (isSyncError(error, "MALFORMED_BCS")) return undefined;
      throw error;
    }
  });
}

/** What the transactions will read, as far as they say so. */
function slotsOf(context: ChainContext, transactions: readonly (Transaction | undefined)[]): Slot[] {
  const addresses: Uint8Array[] = [];
  for (const transaction of transactions) {
    if (transaction?.kind !== "user") continue;
    const { sender, payload } = transaction.transaction.raw;
    addresses.push(sender, ...recipientsOf(payload));
  }
  return [
    ...[CHAIN_ID, TIMESTAMP, BLOCK, CONFIGURATION, VALIDATOR_PERFORMANCE].map(frameworkSlot),
    frameworkSlot(validatorSetType(context.profile)),
    SUPPLY_SLOT,
    ...addresses.flatMap((address) => [ACCOUNT.slot(address), COIN_STORE.slot(address)]),
  ];
}

function outputOf(outcomes: readonly Outcome[]): ExecutionOutput {
  return {
    writeSets: encodeColumn(outcomes.map(({ effects }) => effects?.writeSet ?? NO_WRITES)),
    events: encodeColumn(outcomes.map(({ effects }) => effects?.events ?? NO_EVENTS)),
    gasUsed: outcomes.map(({ gasUsed }) => gasUsed),
    statuses: outcomes.map(({ status }) => status),
  };
}
