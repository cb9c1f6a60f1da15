/**
 * The devnet's executor over a state in memory: transactions in, outputs out, each run on what the one before left.
 *
 * @module
 */
import { createAccounts } from "../../adapters/devnet/accounts.ts";
import { type Draft, frameworkCall, signDrafts, u64Argument } from "../../adapters/devnet/drafts.ts";
import { createDevnetGenesis, type DevnetGenesis } from "../../adapters/devnet/devnet.ts";
import { createNobleSigner } from "../../adapters/devnet/ed25519-signer.ts";
import type { ResourceType, Slot } from "../../adapters/devnet/move-resource.ts";
import type { DevnetParameters } from "../../adapters/devnet/parameters.ts";
import { findResource } from "../../adapters/devnet/resource-view.ts";
import { createTransferExecutor } from "../../adapters/devnet/transfer-executor.ts";
import { columnItem, encodeColumn } from "../../core/bytes/column.ts";
import { encodeHex } from "../../core/bytes/hex.ts";
import { encodeAuxiliaryInfo } from "../../core/chain/auxiliary-info.ts";
import { decodeBcs } from "../../core/chain/bcs.ts";
import type { BlockMetadata } from "../../core/chain/block-metadata.ts";
import { type ContractEvent, readContractEvent } from "../../core/chain/event.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import { encodeStateKey } from "../../core/chain/state-key.ts";
import { encodeStateValue } from "../../core/chain/state-value.ts";
import { encodeTransaction } from "../../core/chain/transaction.ts";
import type { TransactionStatus } from "../../core/chain/transaction-output.ts";
import { decodeWriteSet, stateValueOf, type WriteEntry } from "../../core/chain/write-set.ts";
import type { ExecutionInput, StateView } from "../../core/ports/executor.ts";
import type { SignatureVerifier } from "../../core/ports/signatures.ts";

/** What one transaction came to, decoded. */
export interface Outcome {
  readonly status: TransactionStatus;
  readonly gasUsed: bigint;
  readonly writes: readonly WriteEntry[];
  readonly events: readonly ContractEvent[];
}

/** An executor with a state that its outputs are applied to. */
export interface ExecutorBench {
  readonly genesis: DevnetGenesis;
  readonly accounts: ReturnType<typeof createAccounts>;
  /** BCS `StateValue` by hex of the BCS `StateKey`. */
  readonly values: ReadonlyMap<string, Uint8Array>;
  /** Reads `values`. */
  readonly view: StateView;
  /** Number of calls of the view, and of keys read through it. */
  readonly reads: { calls: number; keys: number };
  /** Executes BCS `Transaction`s and applies what they did. */
  run(transactions: readonly Uint8Array[]): Promise<Outcome[]>;
  /** Signs and executes. */
  runDrafts(drafts: readonly Draft[]): Promise<Outcome[]>;
  /** Signs. */
  sign(drafts: readonly Draft[]): Promise<Uint8Array[]>;
  /** Sets a value without executing anything. */
  put(slot: Slot, data: Uint8Array): void;
  /** A resource as it is now; fails if it is not there. */
  resource<T>(type: ResourceType<T>, address: Uint8Array): Promise<T>;
}

/** Time that drafts are signed for. */
export const BENCH_TIME_USECS = 1_767_225_600_000_000n;

/** Creates a bench whose state is the genesis of a devnet. */
export async function createExecutorBench(
  context: ChainContext,
  options: { readonly parameters?: Partial<DevnetParameters>; readonly verifier?: SignatureVerifier } = {},
): Promise<ExecutorBench> {
  const genesis = createDevnetGenesis({ context }, { seed: 7n, ...options.parameters });
  const signer = createNobleSigner();
  const executor = createTransferExecutor(context, options.verifier);
  const values = new Map<string, Uint8Array>();
  const reads = { calls: 0, keys: 0 };
  const view: StateView = {
    async read(stateKeys) {
      reads.calls++;
      reads.keys += stateKeys.length;
      return await Promise.resolve(stateKeys.map((key) => values.get(encodeHex(key))));
    },
  };
  const sign = (drafts: readonly Draft[]) =>
    signDrafts({ context, signer, view, timestampUsecs: BENCH_TIME_USECS }, drafts);
  const run = async (transactions: readonly Uint8Array[]) => {
    const output = await executor.execute(inputOf(transactions), view);
    return output.statuses.map((status, i): Outcome => {
      const writes = decodeWriteSet(columnItem(output.writeSets, i)).entries;
      const events = decodeBcs(columnItem(output.events, i), (cursor) => cursor.sequence(readContractEvent));
      applyWrites(values, writes);
      return { status, gasUsed: output.gasUsed[i] ?? -1n, writes, events };
    });
  };
  await run([genesis.blob]);
  return {
    genesis,
    accounts: createAccounts(context, genesis.parameters.seed, signer),
    values,
    view,
    reads,
    run,
    sign,
    put: (slot, data) => {
      values.set(encodeHex(slot.keyBytes), encodeStateValue({ data }));
    },
    runDrafts: async (drafts) => await run(await sign(drafts)),
    async resource(type, address) {
      const found = await findResource(view, type, address);
      if (found === undefined) throw new Error(`there is no ${type.tag.module}::${type.tag.name}`);
      return found;
    },
  };
}

/** Columns of transactions, with auxiliary infos as blocks have them. */
export function inputOf(transactions: readonly Uint8Array[]): ExecutionInput {
  return {
    transactions: encodeColumn(transactions),
    auxiliaryInfos: encodeColumn(
      transactions.map((_, transactionIndex) => encodeAuxiliaryInfo({ kind: "v1", transactionIndex })),
    ),
  };
}

/** A transfer by the operator of the first pool. */
export function transferDraft(
  bench: Pick<ExecutorBench, "accounts">,
  { to, amount, maxGasAmount = 5_000n }: {
    readonly to: Uint8Array;
    readonly amount: bigint;
    readonly maxGasAmount?: bigint;
  },
): Draft {
  const account = bench.accounts.account("operator", 0);
  return {
    account,
    sender: account.address,
    call: frameworkCall("aptos_account", "transfer", [to, u64Argument(amount)]),
    maxGasAmount,
  };
}

/** Metadata of a block in the first epoch, proposed by the first validator. */
export function blockMetadata(bench: Pick<ExecutorBench, "genesis">, given: Partial<BlockMetadata> = {}): Uint8Array {
  const [validator] = bench.genesis.nextEpochState.validators;
  if (validator === undefined) throw new Error("a devnet has a validator");
  const metadata: BlockMetadata = {
    id: new Uint8Array(32).fill(9),
    epoch: 1n,
    round: 1n,
    proposer: validator.address,
    previousBlockVotes: new Uint8Array(1),
    failedProposerIndices: [],
    timestampUsecs: BENCH_TIME_USECS,
    ...given,
  };
  return encodeTransaction({ kind: "blockMetadata", metadata });
}

/** Applies writes as a state tree does. */
export function applyWrites(values: Map<string, Uint8Array>, writes: readonly WriteEntry[]): void {
  for (const { key, op } of writes) {
    const name = encodeHex(encodeStateKey(key));
    const value = stateValueOf(op);
    if (value === undefined) values.delete(name);
    else values.set(name, encodeStateValue(value));
  }
}
