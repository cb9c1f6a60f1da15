/**
 * The entry functions that the devnet's framework has: what a user transaction can call.
 *
 * @module
 */
import { equalBytes } from "../../core/bytes/bytes.ts";
import { ADDRESS_BYTES, FRAMEWORK_ADDRESS } from "../../core/chain/address.ts";
import { type BcsCursor, decodeBcs } from "../../core/chain/bcs.ts";
import type { EntryFunction } from "../../core/chain/executable.ts";
import type { ChainProfile } from "../../core/chain/profile.ts";
import type { TransactionPayload } from "../../core/chain/transaction-payload.ts";
import { isSyncError } from "../../core/errors.ts";
import { transfer } from "./coin.ts";
import { endEpoch } from "./epoch.ts";
import type { ExecutionState } from "./execution-state.ts";
import { ABORT_CATEGORY, assertMove, type DeclaredAbort, MoveStop } from "./move-stop.ts";
import { addStake, joinValidatorSet, leaveValidatorSet, rotateConsensusKey } from "./stake.ts";

/** What a function runs with. */
export interface Call {
  /** The state to read and write. */
  readonly state: ExecutionState;
  /** The chain's rules. */
  readonly profile: ChainProfile;
  /** 32-byte address of the account that signed. */
  readonly sender: Uint8Array;
}

/** A function with its arguments decoded. */
interface BoundFunction {
  /** 32-byte addresses of the accounts that it pays. */
  readonly recipients: readonly Uint8Array[];
  run(call: Call): Promise<void>;
}

const LENGTHS_DIFFER: DeclaredAbort = {
  module: "aptos_account",
  category: ABORT_CATEGORY.invalidArgument,
  reason: 5n,
  reasonName: "EMISMATCHING_RECIPIENTS_AND_AMOUNTS_LENGTH",
  description: "The lengths of the recipients and amounts lists don't match",
};
const NO_RECIPIENTS: readonly Uint8Array[] = [];

const FUNCTIONS: ReadonlyMap<string, (args: readonly Uint8Array[]) => BoundFunction> = new Map([
  ["aptos_account::transfer", bindTransfer],
  ["aptos_account::batch_transfer", bindBatchTransfer],
  ["aptos_governance::force_end_epoch_test_only", bindEndEpoch],
  ["stake::join_validator_set", bindJoin],
  ["stake::leave_validator_set", bindLeave],
  ["stake::rotate_consensus_key", bindRotate],
  ["stake::add_stake", bindAddStake],
]);

/**
 * Runs what a payload calls.
 *
 * @throws {MoveStop} if the function aborts, or there is no such function with such arguments.
 */
export async function runPayload(payload: TransactionPayload, call: Call): Promise<void> {
  const bound = bind(payload);
  if (bound === undefined) throw new MoveStop({ kind: "miscellaneousError" });
  await bound.run(call);
}

/** 32-byte addresses of the accounts that a payload pays, as far as it says so. */
export function recipientsOf(payload: TransactionPayload): readonly Uint8Array[] {
  return bind(payload)?.recipients ?? NO_RECIPIENTS;
}

function bind(payload: TransactionPayload): BoundFunction | undefined {
  if (payload.kind !== "entryFunction") return undefined;
  const called: EntryFunction = payload.entryFunction;
  const { module, typeArguments } = called;
  const bindArguments = FUNCTIONS.get(`${module.name}::${called.function}`);
  if (bindArguments === undefined || typeArguments.length > 0) return undefined;
  if (!equalBytes(module.address, FRAMEWORK_ADDRESS)) return undefined;
  try {
    return bindArguments(called.arguments);
  } catch (error) {
    if (isSyncError(error, "MALFORMED_BCS")) return undefined;
    throw error;
  }
}

function bindTransfer(args: readonly Uint8Array[]): BoundFunction {
  const to = argument(args, 0, readAddress);
  const amount = argument(args, 1, readU64);
  return { recipients: [to], run: ({ state, sender }) => transfer(state, { from: sender, to, amount }) };
}

function bindBatchTransfer(args: readonly Uint8Array[]): BoundFunction {
  const recipients = argument(args, 0, (cursor) => cursor.sequence(readAddress, ADDRESS_BYTES));
  const amounts = argument(args, 1, (cursor) => cursor.sequence(readU64, 8));
  return {
    recipients,
    async run({ state, sender }) {
      assertMove(recipients.length === amounts.length, LENGTHS_DIFFER);
      for (const [i, to] of recipients.entries()) {
        await transfer(state, { from: sender, to, amount: amounts[i] ?? 0n });
      }
    },
  };
}

function bindEndEpoch(): BoundFunction {
  return { recipients: NO_RECIPIENTS, run: ({ state, profile, sender }) => endEpoch(state, profile, sender) };
}

function bindJoin(args: readonly Uint8Array[]): BoundFunction {
  const pool = argument(args, 0, readAddress);
  return {
    recipients: NO_RECIPIENTS,
    run: ({ state, profile, sender }) => joinValidatorSet(state, { profile, sender, pool }),
  };
}

function bindLeave(args: readonly Uint8Array[]): BoundFunction {
  const pool = argument(args, 0, readAddress);
  return {
    recipients: NO_RECIPIENTS,
    run: ({ state, profile, sender }) => leaveValidatorSet(state, { profile, sender, pool }),
  };
}

function bindRotate(args: readonly Uint8Array[]): BoundFunction {
  const pool = argument(args, 0, readAddress);
  const publicKey = argument(args, 1, (cursor) => cursor.byteString());
  return {
    recipients: NO_RECIPIENTS,
    run: ({ state, profile, sender }) => rotateConsensusKey(state, { profile, sender, pool, publicKey }),
  };
}

function bindAddStake(args: readonly Uint8Array[]): BoundFunction {
  const amount = argument(args, 0, readU64);
  return {
    recipients: NO_RECIPIENTS,
    run: ({ state, profile, sender }) => addStake(state, { profile, sender, amount }),
  };
}

function argument<T>(args: readonly Uint8Array[], index: number, read: (cursor: BcsCursor) => T): T {
  return decodeBcs(args[index] ?? new Uint8Array(0), read);
}

function readAddress(cursor: BcsCursor): Uint8Array {
  return cursor.raw(ADDRESS_BYTES);
}

function readU64(cursor: BcsCursor): bigint {
  return cursor.u64();
}
