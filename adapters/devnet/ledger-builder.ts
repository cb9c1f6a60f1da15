/**
 * Builds a devnet of a given length in one go.
 *
 * @module
 */
import { createLedger } from "../../core/ledger/open-ledger.ts";
import type { LedgerWriter } from "../../core/ledger/writer.ts";
import type { Waypoint } from "../../core/trust/waypoint.ts";
import { createMemoryKv } from "../memory/memory-kv.ts";
import { createDevnetGenesis, type Devnet, type DevnetEnvironment, type DevnetGenesis, startDevnet } from "./devnet.ts";
import type { DevnetParameters } from "./parameters.ts";
import { fundingBlockCount } from "./traffic.ts";

/** How far a build is. */
export interface BuildProgress {
  /** Blocks committed, funding blocks included. */
  readonly blocks: number;
  /** Blocks that there will be, funding blocks included. */
  readonly totalBlocks: number;
  /** Newest version. */
  readonly version: bigint;
}

/** What to build, and where. */
export interface BuildDevnetOptions extends DevnetEnvironment, Partial<DevnetParameters> {
  /** Blocks after those that fund the accounts. ≥ 0. */
  readonly blocks: number;
  /**
   * Creates the empty store for the chain, which trusts the waypoint of its genesis.
   *
   * @default a store in memory
   */
  readonly ledger?: (genesis: DevnetGenesis) => Promise<LedgerWriter>;
  /** Called after every block. */
  readonly onProgress?: (progress: BuildProgress) => void;
  /** Aborting rejects with `signal.reason` after the current block, whose store stays usable. */
  readonly signal?: AbortSignal;
}

/** A chain that was built. */
export interface BuiltDevnet {
  /** Goes on from where the build ended. */
  readonly devnet: Devnet;
  /** The store that holds it. */
  readonly ledger: LedgerWriter;
  /** Waypoint of genesis. */
  readonly waypoint: Waypoint;
  /** Newest version. */
  readonly version: bigint;
  /** Epoch of the newest version. */
  readonly epoch: bigint;
  /** 32-byte root of the state at the newest version. */
  readonly stateRootHash: Uint8Array;
  /** 32-byte root of the transaction accumulator at the newest version. */
  readonly accumulatorRootHash: Uint8Array;
  /** The seed that it was built from. */
  readonly seed: bigint;
  /** BCS of the genesis transaction. */
  readonly genesisBlob: Uint8Array;
}

/**
 * Builds a devnet: genesis, the blocks that fund its accounts, then `blocks` blocks. The same options give the same bytes.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if a parameter is outside its range; otherwise what the store throws.
 */
export async function buildDevnet(options: BuildDevnetOptions): Promise<BuiltDevnet> {
  const genesis = createDevnetGenesis(options, parametersOf(options));
  const createStore = options.ledger ?? ((made) => createMemoryLedger(options, made));
  const ledger = await createStore(genesis);
  const devnet = await startDevnet(options, { genesis, ledger });
  const totalBlocks = fundingBlockCount(genesis.parameters) + options.blocks;
  let head = {
    version: 0n,
    epoch: 0n,
    stateRootHash: genesis.stateRootHash,
    accumulatorRootHash: genesis.accumulatorRootHash,
  };
  for (let blocks = 1; blocks <= totalBlocks; blocks++) {
    options.signal?.throwIfAborted();
    const { ledgerInfo, stateRootHash, accumulatorRootHash } = await devnet.produceBlock();
    const { version, epoch } = ledgerInfo.ledgerInfo.commitInfo;
    head = { version, epoch, stateRootHash, accumulatorRootHash };
    options.onProgress?.({ blocks, totalBlocks, version });
  }
  const { seed } = genesis.parameters;
  return { devnet, ledger, waypoint: genesis.waypoint, ...head, seed, genesisBlob: genesis.blob };
}

async function createMemoryLedger({ context }: DevnetEnvironment, genesis: DevnetGenesis): Promise<LedgerWriter> {
  return await createLedger(createMemoryKv(), { context, waypoint: genesis.waypoint });
}

function parametersOf(options: BuildDevnetOptions): Partial<DevnetParameters> {
  const { seed, accounts, transactionsPerBlock, epochBlocks, validators, genesisTimeMs, blockIntervalMs } = options;
  const given = { seed, accounts, transactionsPerBlock, epochBlocks, validators, genesisTimeMs, blockIntervalMs };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
