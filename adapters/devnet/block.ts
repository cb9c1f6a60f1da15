/**
 * One block: executed in its order, cut to what the ledger keeps, and laid out as a chunk.
 *
 * @module
 */
import { type Column, columnItem, concatColumns, encodeColumn } from "../../core/bytes/column.ts";
import { encodeAuxiliaryInfo, hashAuxiliaryInfos } from "../../core/chain/auxiliary-info.ts";
import type { BlockMetadata } from "../../core/chain/block-metadata.ts";
import { firstNewEpoch, hashEventLists } from "../../core/chain/event-lists.ts";
import type { ExecutionStatus } from "../../core/chain/execution-status.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import { decodeTransaction, encodeTransaction } from "../../core/chain/transaction.ts";
import type { TransactionChunk } from "../../core/chain/transaction-chunk.ts";
import { encodeTransactionInfo } from "../../core/chain/transaction-info.ts";
import { rootsFromLeafLists } from "../../core/driver/event-roots.ts";
import { createNodeHash, hashAt } from "../../core/merkle/node-hash.ts";
import type { ExecutionOutput, Executor } from "../../core/ports/executor.ts";
import type { StateCache } from "./state-cache.ts";

/** What a block is executed with. */
export interface BlockInput {
  /** The chain's rules. */
  readonly context: ChainContext;
  /** Executes the transactions. */
  readonly executor: Executor;
  /** The state before the block; what the block writes is applied to it. */
  readonly state: StateCache;
  /** The transaction that begins the block. */
  readonly metadata: BlockMetadata;
  /** Index of the proposer in the epoch state: who earns the fees. */
  readonly proposerIndex: number;
  /** Users' transactions that are offered, BCS `Transaction` each. */
  readonly transactions: readonly Uint8Array[];
}

/** What the ledger keeps of a block. */
export interface ExecutedBlock {
  /** BCS `Transaction` each. */
  readonly transactions: Column;
  /** BCS `PersistedAuxiliaryInfo` each. */
  readonly auxiliaryInfos: Column;
  /** BCS `WriteSet` each. */
  readonly writeSets: Column;
  /** BCS `ContractEvent*` each. */
  readonly events: Column;
  /** Gas units of each. */
  readonly gasUsed: readonly bigint[];
  /** How each ended. */
  readonly statuses: readonly ExecutionStatus[];
  /** Whether the last transaction starts a new epoch. Such a block has no epilogue. */
  readonly endsEpoch: boolean;
  /** Transactions that were offered and not kept. */
  readonly discarded: number;
}

/**
 * Executes a block: its metadata, what users offered, and (unless it ends the epoch) its epilogue. A transaction's index in
 * the block is its place among those that were offered.
 */
export async function executeBlock(input: BlockInput): Promise<ExecutedBlock> {
  const begin = encodeTransaction({ kind: "blockMetadata", metadata: input.metadata });
  const offered = [begin, ...input.transactions];
  const body = await executeAll(input, offered, 0);
  if (body.endsEpoch) return body;
  const epilogue = await executeAll(input, [epilogueOf(input, body)], offered.length);
  return {
    transactions: concatColumns([body.transactions, epilogue.transactions]),
    auxiliaryInfos: concatColumns([body.auxiliaryInfos, epilogue.auxiliaryInfos]),
    writeSets: concatColumns([body.writeSets, epilogue.writeSets]),
    events: concatColumns([body.events, epilogue.events]),
    gasUsed: [...body.gasUsed, ...epilogue.gasUsed],
    statuses: [...body.statuses, ...epilogue.statuses],
    endsEpoch: false,
    discarded: body.discarded,
  };
}

/**
 * Lays an executed block out as a chunk, with the hashes of its infos.
 *
 * @param stateRootHash 32-byte root of the state after the block.
 */
export function chunkOf(
  context: ChainContext,
  block: ExecutedBlock,
  { firstVersion, stateRootHash }: { readonly firstVersion: bigint; readonly stateRootHash: Uint8Array },
): TransactionChunk & { readonly infoHashes: Uint8Array } {
  const { hasher, seeds } = context;
  const { transactions, writeSets, events, auxiliaryInfos } = block;
  const count = transactions.count;
  const transactionHashes = hasher.hashColumn(seeds.transaction, transactions);
  const stateChangeHashes = hasher.hashColumn(seeds.writeSet, writeSets);
  const eventRoots = eventRootHashes(context, events);
  const auxiliary = hashAuxiliaryInfos(context, auxiliaryInfos);
  const infos = encodeColumn(block.statuses.map((status, i) =>
    encodeTransactionInfo({
      gasUsed: block.gasUsed[i] ?? 0n,
      status,
      transactionHash: hashAt(transactionHashes, i),
      eventRootHash: hashAt(eventRoots, i),
      stateChangeHash: hashAt(stateChangeHashes, i),
      stateCheckpointHash: i === count - 1 ? stateRootHash : undefined,
      auxiliaryInfoHash: auxiliary.has[i] === 1 ? hashAt(auxiliary.hashes, i) : undefined,
    })
  ));
  const infoHashes = hasher.hashColumn(seeds.transactionInfo, infos);
  return { firstVersion, count, transactions, infos, events, writeSets, auxiliaryInfos, infoHashes };
}

async function executeAll(
  { executor, state }: BlockInput,
  offered: readonly Uint8Array[],
  firstIndex: number,
): Promise<ExecutedBlock> {
  const infos = offered.map((_, i) => encodeAuxiliaryInfo({ kind: "v1", transactionIndex: firstIndex + i }));
  const output = await executor.execute(
    { transactions: encodeColumn(offered), auxiliaryInfos: encodeColumn(infos) },
    state,
  );
  const kept = keptIndexes(output);
  const select = (column: Column) => encodeColumn(kept.map((i) => columnItem(column, i)));
  const [writeSets, events] = [select(output.writeSets), select(output.events)];
  state.apply(writeSets);
  return {
    transactions: select(encodeColumn(offered)),
    auxiliaryInfos: select(encodeColumn(infos)),
    writeSets,
    events,
    gasUsed: kept.map((i) => output.gasUsed[i] ?? 0n),
    statuses: kept.flatMap((i) => {
      const status = output.statuses[i];
      return status?.kind === "keep" ? [status.status] : [];
    }),
    endsEpoch: firstNewEpoch(events) !== undefined,
    discarded: offered.length - kept.length,
  };
}

function keptIndexes({ statuses }: ExecutionOutput): number[] {
  return statuses.flatMap((status, i) => status.kind === "keep" ? [i] : []);
}

function epilogueOf({ metadata, proposerIndex }: BlockInput, body: ExecutedBlock): Uint8Array {
  const effectiveGasUnits = body.gasUsed.reduce((total, gas) => total + gas, 0n);
  const octas = feesOf(body);
  return encodeTransaction({
    kind: "blockEpilogue",
    epilogue: {
      blockId: metadata.id,
      end: {
        gasLimitReached: false,
        outputLimitReached: false,
        effectiveGasUnits,
        approximateOutputSize: BigInt(body.writeSets.data.length + body.events.data.length),
      },
      fees: octas === 0n ? [] : [{ validatorIndex: BigInt(proposerIndex), octas }],
    },
  });
}

function feesOf({ transactions, gasUsed }: ExecutedBlock): bigint {
  return gasUsed.reduce((total, gas, i) => {
    if (gas === 0n) return total;
    const transaction = decodeTransaction(columnItem(transactions, i));
    return transaction.kind === "user" ? total + gas * transaction.transaction.raw.gasUnitPrice : total;
  }, 0n);
}

function eventRootHashes(context: ChainContext, events: Column): Uint8Array {
  const { hashes, counts } = hashEventLists(context, events);
  return rootsFromLeafLists(hashes, counts, createNodeHash(context.hasher, context.seeds.eventAccumulator));
}
