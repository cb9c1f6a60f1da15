/**
 * The server that surfaces of this process ask: a real one over a small devnet, with settings that make every limit matter.
 *
 * @module
 */
import { setImmediate, setTimeout } from "node:timers/promises";
import type { ChainContext } from "../../core/chain/hash.ts";
import type { LedgerReader } from "../../core/ledger/reader.ts";
import { SILENT_LOG } from "../../core/ports/log.ts";
import { DEFAULT_STORAGE_SERVICE_CONFIG, type StorageServiceConfig } from "../../core/storage-service/config.ts";
import type { Requester } from "../../core/storage-service/requester.ts";
import { createStorageService, type StorageService } from "../../core/storage-service/service.ts";
import { createStorageServer, type StorageServer } from "../../core/storage-service/storage-server.ts";
import { buildDevnetWorld } from "../helpers/devnet-world.ts";
import { VIRTUAL_START_MS } from "../helpers/virtual-clock.ts";
import { type LedgerFacts, readLedgerFacts } from "./ledger-facts.ts";
import { createFuzzClock } from "./fuzz-clock.ts";

/** A server, what it serves, and the time it lives in. */
export interface FuzzedServer {
  readonly server: StorageServer;
  /** Over the same ledger, without anything that is kept or shared. */
  readonly plain: StorageService;
  readonly config: StorageServiceConfig;
  /** Of the ledger as it was first: it only grows. */
  readonly facts: LedgerFacts;
  /** Lets a moment pass. */
  passTime(): Promise<void>;
  /** Lets the ledger grow now and then, up to the middle of the run: what comes behind tells of memory. */
  between(done: number): Promise<void>;
}

/** Small enough that a few hundred versions of some hundred bytes are cut in every way. */
const CONFIG: StorageServiceConfig = {
  ...DEFAULT_STORAGE_SERVICE_CONFIG,
  maxEpochChunkSize: 4,
  maxStateChunkSize: 64,
  // Long lists, too: every item takes some bytes besides its own.
  maxTransactionChunkSize: 512,
  maxTransactionOutputChunkSize: 32,
  maxNetworkChunkBytes: 12_000,
  storageSummaryRefreshIntervalMs: 20,
  maxLruCacheSize: 1_000,
  maxLruCacheBytes: 2 * 1024 * 1024,
  maxInvalidRequestsPerPeer: 20,
  minTimeToIgnorePeersSecs: 1,
  maxRequestsPerSecondPerPeer: 50,
  maxOptimisticFetchPeriodMs: 100,
  maxActiveOptimisticFetches: 100,
  maxSubscriptionPeriodMs: 150,
  maxNumActiveSubscriptions: 3,
  maxActiveStreams: 200,
  maxActiveStreamsPerPeer: 4,
  peers: ["https://one.example", "https://two.example/sync"],
};

const TURN_MS = 20;

/** Turns after which what is awaited is not a matter of virtual time (a thread that compresses): then real time passes. */
const HASTY_TURNS = 100;

/** Blocks by which the ledger grows in a run. */
const GROWTH_BLOCKS = 24;

/** Starts a server over a devnet. */
export async function createFuzzedServer(): Promise<FuzzedServer> {
  const { ledger, context, devnet } = await buildDevnetWorld({
    blocks: 36,
    parameters: { accounts: 24, transactionsPerBlock: 6, epochBlocks: 6 },
  });
  let blocks = 0;
  return await serveFuzzed({ reader: ledger, context, config: CONFIG }, async (done) => {
    if (blocks >= 2 * done * GROWTH_BLOCKS || blocks >= GROWTH_BLOCKS) return;
    blocks++;
    await devnet.produceBlock();
  });
}

/**
 * Starts a server over any ledger.
 *
 * @param grow Called between batches, as {@link FuzzedServer.between}.
 */
export async function serveFuzzed(
  { reader, context, config }: { reader: LedgerReader; context: ChainContext; config: StorageServiceConfig },
  grow: (done: number) => Promise<void> = async () => {},
): Promise<FuzzedServer> {
  const facts = await readLedgerFacts(reader, context);
  const clock = createFuzzClock(VIRTUAL_START_MS);
  const server = createStorageServer({ reader, context, config, clock, log: SILENT_LOG });
  const plain = createStorageService({ reader, context, config, clock, log: SILENT_LOG });
  let turns = 0;
  return {
    server,
    plain,
    config,
    facts,
    async passTime() {
      clock.advance(TURN_MS);
      if (++turns > HASTY_TURNS) await setTimeout(1);
      else await setImmediate();
    },
    async between(done) {
      turns = 0;
      await grow(done);
    },
  };
}

/** Addresses that ask: enough for tables of addresses to overflow. */
const ADDRESSES = 20_000;

/** The address of friends. */
export const TRUSTED_ADDRESS = "10.0.0.1";

/** FNV-1a is slow, and the end of an input says enough. */
const MAX_HASHED_BYTES = 64;

/** Who asks, decided by what is asked: mostly friends, whom nobody ignores. */
export function requesterOf(input: Uint8Array): Requester {
  let hash = 0x811c_9dc5;
  for (const byte of input.subarray(-MAX_HASHED_BYTES)) hash = Math.imul(hash ^ byte, 0x0100_0193);
  const draw = (hash >>> 8) % 100;
  if (draw < 85) return { trusted: true, address: TRUSTED_ADDRESS };
  if (draw < 90) return { trusted: false };
  const number = draw < 95 ? (hash >>> 16) % 4 : (hash >>> 4) % ADDRESSES;
  return { trusted: false, address: `192.0.${number >> 8}.${number & 255}` };
}
