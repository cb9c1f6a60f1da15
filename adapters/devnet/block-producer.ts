/**
 * Makes blocks: gathers what is offered, executes it, has it signed, and commits it.
 *
 * @module
 */
import { equalBytes } from "../../core/bytes/bytes.ts";
import { columnItem } from "../../core/bytes/column.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import type { EpochState } from "../../core/chain/epoch-state.ts";
import type { LedgerInfoWithSignatures } from "../../core/chain/ledger-info.ts";
import { readNextEpochState } from "../../core/chain/reconfiguration.ts";
import { SyncError } from "../../core/errors.ts";
import type { LedgerWriter } from "../../core/ledger/writer.ts";
import { accumulatorRoot, appendLeaves } from "../../core/merkle/accumulator.ts";
import { createNodeHash } from "../../core/merkle/node-hash.ts";
import { markVerified } from "../../core/trust/verified.ts";
import { createAccounts } from "./accounts.ts";
import { chunkOf, executeBlock, type ExecutedBlock } from "./block.ts";
import { createConsensus } from "./consensus.ts";
import { type Draft, signDrafts } from "./drafts.ts";
import type { Ed25519Signer } from "./ed25519-signer.ts";
import type { Mempool } from "./mempool.ts";
import type { DevnetParameters } from "./parameters.ts";
import type { StateCache } from "./state-cache.ts";
import { endEpochDraft, fundingBlockCount, fundingDrafts, transferDrafts } from "./traffic.ts";
import { createTransferExecutor } from "./transfer-executor.ts";
import { createValidatorKeyring } from "./validator-keyring.ts";
import { operationDrafts } from "./validator-operations.ts";

/** Transactions from outside that one block takes at most. */
const MAX_SUBMITTED_PER_BLOCK = 1_000;

/** What blocks are made from. */
export interface ProducerInput {
  /** The chain's rules. */
  readonly context: ChainContext;
  /** What decides the chain. */
  readonly parameters: DevnetParameters;
  /** Signs users' transactions. */
  readonly signer: Ed25519Signer;
  /** Where blocks are committed. */
  readonly ledger: LedgerWriter;
  /** The newest state of `ledger`. */
  readonly state: StateCache;
  /** Transactions from outside. */
  readonly mempool: Mempool;
}

/** A block that was committed. */
export interface ProducedBlock {
  /** Number of the block, from 1 on; 0 and below are funding blocks. */
  readonly number: number;
  /** Version of its metadata. */
  readonly firstVersion: bigint;
  /** Transactions in it. */
  readonly count: number;
  /** Ledger info at its last version. */
  readonly ledgerInfo: LedgerInfoWithSignatures;
  /** 32-byte root of the state after it. */
  readonly stateRootHash: Uint8Array;
  /** 32-byte root of the transaction accumulator after it. */
  readonly accumulatorRootHash: Uint8Array;
  /** Transactions that were offered and did not get into the ledger. */
  readonly discarded: number;
}

/** Makes the block with this number and time, which must be the next one. */
export type BlockProducer = (number: number, timestampUsecs: bigint) => Promise<ProducedBlock>;

/** Creates the producer of a devnet. */
export function createBlockProducer(input: ProducerInput): BlockProducer {
  const { context, parameters, signer, ledger, state, mempool } = input;
  const accounts = createAccounts(context, parameters.seed, signer);
  const keyring = createValidatorKeyring(context.profile.validatorScheme, parameters.seed);
  const consensus = createConsensus({ context, parameters, accounts, keyring });
  const executor = createTransferExecutor(context);
  const nodeHash = createNodeHash(context.hasher, context.seeds.transactionAccumulator);

  return async (number, timestampUsecs) => {
    try {
      return await produce(number, timestampUsecs);
    } catch (error) {
      // The cache may be ahead of the store; read again from there.
      state.reset();
      throw error;
    }
  };

  async function produce(number: number, timestampUsecs: bigint): Promise<ProducedBlock> {
    const { parent, epochState, firstVersion, accumulator } = await headOf(ledger);
    const drafts = draftsOf(number, epochState);
    const signed = await signDrafts({ context, signer, view: state, timestampUsecs }, drafts);
    const transactions = withSubmitted(signed, mempool.take(MAX_SUBMITTED_PER_BLOCK), endsEpoch(number));
    const metadata = consensus.propose({ parent, epochState, timestampUsecs });
    const proposerIndex = epochState.validators.findIndex(({ address }) => equalBytes(address, metadata.proposer));
    const block = await executeBlock({ context, executor, state, metadata, proposerIndex, transactions });

    const version = firstVersion + BigInt(block.transactions.count) - 1n;
    const staged = await ledger.stageState({ version, writeSets: [block.writeSets] });
    const chunk = chunkOf(context, block, { firstVersion, stateRootHash: staged.rootHash });
    const grown = appendLeaves({ accumulator, leafHashes: chunk.infoHashes }, nodeHash);
    const executedStateId = accumulatorRoot(grown, nodeHash);
    const nextEpochState = nextEpochStateOf(context, block);
    const ledgerInfo = consensus.certify({ metadata, epochState, executedStateId, version, nextEpochState });
    await ledger.commit({ chunk: markVerified(chunk), state: staged, ledgerInfo: markVerified(ledgerInfo) });
    state.trim();
    return {
      number,
      firstVersion,
      count: chunk.count,
      ledgerInfo,
      stateRootHash: staged.rootHash,
      accumulatorRootHash: executedStateId,
      discarded: block.discarded,
    };
  }

  function draftsOf(number: number, epochState: EpochState): Draft[] {
    const traffic = { context, parameters, accounts };
    if (number < 1) return fundingDrafts(traffic, number - 1 + fundingBlockCount(parameters));
    const isFirst = (number - 1) % parameters.epochBlocks === 0;
    return [
      ...(isFirst ? operationDrafts({ context, parameters, accounts, keyring, epochState }) : []),
      ...transferDrafts(traffic, number),
      ...(endsEpoch(number) ? [endEpochDraft(accounts)] : []),
    ];
  }

  function endsEpoch(number: number): boolean {
    return number >= 1 && number % parameters.epochBlocks === 0;
  }
}

/** Puts transactions from outside behind our own, but before the one that ends the epoch. */
function withSubmitted(signed: Uint8Array[], submitted: Uint8Array[], endsEpoch: boolean): Uint8Array[] {
  const last = endsEpoch ? signed.slice(-1) : [];
  return [...signed.slice(0, signed.length - last.length), ...submitted, ...last];
}

async function headOf(ledger: LedgerWriter) {
  const { preCommittedVersion, latestLedgerInfo, epochState, accumulator } = await ledger.progress();
  if (preCommittedVersion === undefined || latestLedgerInfo === undefined || epochState === undefined) {
    throw new SyncError("UNSUPPORTED", "Cannot make a block: the store holds no genesis");
  }
  return { parent: latestLedgerInfo, epochState, firstVersion: preCommittedVersion + 1n, accumulator };
}

function nextEpochStateOf(context: ChainContext, { endsEpoch, writeSets }: ExecutedBlock): EpochState | undefined {
  if (!endsEpoch) return undefined;
  return readNextEpochState(columnItem(writeSets, writeSets.count - 1), context.profile);
}
