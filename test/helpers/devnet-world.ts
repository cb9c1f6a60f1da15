/**
 * A small devnet with a storage service over it, and drivers that sync from it: everything in memory, everything real.
 *
 * @module
 */
import { createDevnetGenesis, type Devnet, startDevnet } from "../../adapters/devnet/devnet.ts";
import type { DevnetParameters } from "../../adapters/devnet/parameters.ts";
import { createSeededRandom } from "../../adapters/devnet/seeded-random.ts";
import { createMemoryKv } from "../../adapters/memory/memory-kv.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import { createDataClient, type DataClient } from "../../core/data-client/client.ts";
import { createDriver, type Driver, type DriverOptions } from "../../core/driver/driver.ts";
import { createLedger, type CreateLedgerOptions, openLedgerWriter } from "../../core/ledger/open-ledger.ts";
import type { LedgerProgress } from "../../core/ledger/reader.ts";
import type { LedgerWriter } from "../../core/ledger/writer.ts";
import { accumulatorRoot } from "../../core/merkle/accumulator.ts";
import { createNodeHash } from "../../core/merkle/node-hash.ts";
import { SILENT_LOG } from "../../core/ports/log.ts";
import type { OrderedKv } from "../../core/ports/ordered-kv.ts";
import type { Transport } from "../../core/ports/transport.ts";
import { DEFAULT_STORAGE_SERVICE_CONFIG, type StorageServiceConfig } from "../../core/storage-service/config.ts";
import { createStorageService, type StorageService } from "../../core/storage-service/service.ts";
import type { Waypoint } from "../../core/trust/waypoint.ts";
import { VELOR, VERIFIER } from "./trust-context.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";

/** A chain and its ledger. */
export interface DevnetWorld {
  readonly context: ChainContext;
  readonly devnet: Devnet;
  readonly waypoint: Waypoint;
  readonly ledger: LedgerWriter;
}

/** Small enough to be built in a moment: 3 epochs and an open one. */
const SMALL: Partial<DevnetParameters> = { accounts: 8, transactionsPerBlock: 3, epochBlocks: 3, validators: 4 };

/** Builds a chain of `blocks` blocks after the funding blocks. */
export async function buildDevnetWorld(
  options: {
    readonly blocks: number;
    readonly parameters?: Partial<DevnetParameters>;
    readonly context?: ChainContext;
    /** Creates the empty ledger; in memory if absent. */
    readonly newLedger?: (options: CreateLedgerOptions) => Promise<LedgerWriter>;
  },
): Promise<DevnetWorld> {
  const context = options.context ?? VELOR;
  const genesis = createDevnetGenesis({ context }, { ...SMALL, ...options.parameters });
  const newLedger = options.newLedger ?? ((ledger) => createLedger(createMemoryKv(), ledger));
  const ledger = await newLedger({ context, waypoint: genesis.waypoint });
  const devnet = await startDevnet({ context }, { genesis, ledger });
  while (await devnet.blockNumber() < options.blocks) await devnet.produceBlock();
  return { context, devnet, waypoint: genesis.waypoint, ledger };
}

/** A storage service over a world's ledger. */
export function serveWorld(world: DevnetWorld, config: Partial<StorageServiceConfig> = {}): StorageService {
  return createStorageService({
    reader: world.ledger,
    context: world.context,
    config: { ...DEFAULT_STORAGE_SERVICE_CONFIG, storageSummaryRefreshIntervalMs: 0, ...config },
    clock: createVirtualClock(),
    log: SILENT_LOG,
  });
}

/** A driver with everything around it. */
export interface SyncSetup {
  readonly driver: Driver;
  readonly client: DataClient;
  readonly ledger: LedgerWriter;
  readonly clock: VirtualClock;
}

/** What a driver is given, where it differs from the defaults. */
export interface SyncSetupOptions {
  readonly world: DevnetWorld;
  readonly transport: Transport;
  readonly peers: readonly string[];
  /** The store to sync into: created if it is empty. */
  readonly kv: OrderedKv;
  readonly waypoint?: Waypoint;
  readonly driver?: Partial<DriverOptions>;
}

/** Puts a driver together. */
export async function setUpSync(options: SyncSetupOptions): Promise<SyncSetup> {
  const { world: { context }, transport, peers, kv } = options;
  const waypoint = options.waypoint ?? options.world.waypoint;
  const clock = createVirtualClock();
  const random = createSeededRandom(new Uint8Array(16).fill(3));
  const ledger = await openOrCreate(kv, context, waypoint);
  const client = createDataClient({ transport, peers, context, clock, random, log: SILENT_LOG });
  const driver = createDriver({
    dataClient: client,
    ledger,
    waypoint,
    context,
    signatureVerifier: VERIFIER,
    clock,
    log: SILENT_LOG,
    ...options.driver,
  });
  return { driver, client, ledger, clock };
}

async function openOrCreate(kv: OrderedKv, context: ChainContext, waypoint: Waypoint): Promise<LedgerWriter> {
  try {
    return await openLedgerWriter(kv, { context });
  } catch {
    return await createLedger(kv, { context, waypoint });
  }
}

/** Everything two ledgers at the same place agree on. */
export async function ledgerSummary(context: ChainContext, ledger: LedgerWriter): Promise<Record<string, unknown>> {
  const progress: LedgerProgress = await ledger.progress();
  const { preCommittedVersion, committedVersion, checkpointVersion, epochState, epochEndings, latestLedgerInfo } =
    progress;
  return {
    preCommittedVersion,
    committedVersion,
    checkpointVersion,
    epoch: epochState?.epoch,
    epochEndings,
    ledgerInfo: latestLedgerInfo?.ledgerInfoBytes,
    accumulatorRootHash: accumulatorRoot(
      progress.accumulator,
      createNodeHash(context.hasher, context.seeds.transactionAccumulator),
    ),
    stateRootHash: checkpointVersion === undefined ? undefined : await ledger.stateRoot(checkpointVersion),
    stateCount: checkpointVersion === undefined ? undefined : await ledger.stateCount(checkpointVersion),
  };
}
