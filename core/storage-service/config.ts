/**
 * Settings of the storage service, with their defaults and reasons. Names follow the reference.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import {
  GET_RESPONSE_BYTES,
  MAX_EPOCH_CHUNK,
  MAX_OUTPUT_CHUNK,
  MAX_PEER_URL_BYTES,
  MAX_PEERS,
  MAX_RESPONSE_BYTES,
  MAX_STATE_CHUNK,
  MAX_TRANSACTION_CHUNK,
} from "../wire/limits.ts";

/** Settings of the storage service. */
export interface StorageServiceConfig {
  /** Most epoch endings in one answer. @default {128} */
  readonly maxEpochChunkSize: number;
  /** Most state values in one answer. @default {4096} */
  readonly maxStateChunkSize: number;
  /** Most transactions in one answer. @default {2048} */
  readonly maxTransactionChunkSize: number;
  /** Most outputs in one answer. @default {2048} */
  readonly maxTransactionOutputChunkSize: number;
  /**
   * Most bytes of an answer whose request cannot say how many it takes: epochs, states, V1. Epochs and states stay within 4 MiB
   * whatever it is, since a GET asks for them alike everywhere.
   *
   * @default {4194304}
   */
  readonly maxNetworkChunkBytes: number;
  /** Most bytes of any answer, whatever the request says; at least 4 MiB. @default {41943040} */
  readonly maxNetworkChunkBytesV2: number;
  /** Whether V2 requests are answered; if not, they are refused as not serviceable. @default {true} */
  readonly enableTransactionDataV2: boolean;
  /** Most milliseconds spent on reading one answer; what was read by then is sent. @default {10000} */
  readonly maxStorageReadWaitTimeMs: number;
  /** Milliseconds after which the view of the ledger's progress is read again. @default {100} */
  readonly storageSummaryRefreshIntervalMs: number;
  /** Most entries of the response cache. @default {100000} */
  readonly maxLruCacheSize: number;
  /** Most bytes of the response cache; 0: no cache. Compressed copies come on top: a third of it, as a rule. @default {268435456} */
  readonly maxLruCacheBytes: number;
  /** Bytes of answers on their way to clients, above which no further ones are made until some were sent. @default {268435456} */
  readonly maxAnswerBytesInFlight: number;
  /**
   * Requests that may be answered at the same time, waiting ones not counted; trusted addresses are counted and never refused.
   *
   * @default {4000}
   */
  readonly maxNetworkChannelSize: number;
  /** Requests of one address that is not trusted that may be answered at the same time, waiting ones not counted. @default {256} */
  readonly maxNetworkChannelSizePerPeer: number;
  /** Invalid requests after which an address is ignored. @default {500} */
  readonly maxInvalidRequestsPerPeer: number;
  /** Seconds an address is ignored at first; doubled each time, up to a day. @default {300} */
  readonly minTimeToIgnorePeersSecs: number;
  /** Milliseconds from one sweep of the table of addresses to the next. @default {1000} */
  readonly requestModeratorRefreshIntervalMs: number;
  /** Requests per second and address; absent: not limited. */
  readonly maxRequestsPerSecondPerPeer?: number;
  /** Milliseconds an optimistic fetch may wait. @default {5000} */
  readonly maxOptimisticFetchPeriodMs: number;
  /** Optimistic fetches that may wait at the same time; trusted addresses are counted and never refused. @default {10000} */
  readonly maxActiveOptimisticFetches: number;
  /** Optimistic fetches that may wait at the same time of one address that is not trusted. @default {1000} */
  readonly maxActiveOptimisticFetchesPerPeer: number;
  /** Milliseconds a subscription may wait. @default {30000} */
  readonly maxSubscriptionPeriodMs: number;
  /** Requests of one subscription stream that may wait at the same time. @default {30} */
  readonly maxNumActiveSubscriptions: number;
  /** Subscription streams at the same time; trusted addresses are counted and never refused. @default {1000} */
  readonly maxActiveStreams: number;
  /** Subscription streams at the same time of one address that is not trusted. @default {16} */
  readonly maxActiveStreamsPerPeer: number;
  /** Base URLs of other peers, as the operator lists them. @default {[]} */
  readonly peers: readonly string[];
}

/** The defaults. With the first five as they are, every server cuts an answer at the same item. */
export const DEFAULT_STORAGE_SERVICE_CONFIG: StorageServiceConfig = {
  maxEpochChunkSize: MAX_EPOCH_CHUNK,
  maxStateChunkSize: MAX_STATE_CHUNK,
  maxTransactionChunkSize: MAX_TRANSACTION_CHUNK,
  maxTransactionOutputChunkSize: MAX_OUTPUT_CHUNK,
  maxNetworkChunkBytes: GET_RESPONSE_BYTES,
  maxNetworkChunkBytesV2: MAX_RESPONSE_BYTES,
  enableTransactionDataV2: true,
  maxStorageReadWaitTimeMs: 10_000,
  // As in the reference: a tenth of a second is far below a block's way to other nodes, and ten reads a second cost nothing.
  storageSummaryRefreshIntervalMs: 100,
  // The reference keeps 500 large chunks; ours are counted in bytes, and a proof has a few hundred.
  maxLruCacheSize: 100_000,
  maxLruCacheBytes: 256 * 1024 * 1024,
  maxAnswerBytesInFlight: 256 * 1024 * 1024,
  maxNetworkChannelSize: 4_000,
  maxNetworkChannelSizePerPeer: 256,
  maxInvalidRequestsPerPeer: 500,
  minTimeToIgnorePeersSecs: 300,
  requestModeratorRefreshIntervalMs: 1_000,
  maxOptimisticFetchPeriodMs: 5_000,
  maxActiveOptimisticFetches: 10_000,
  // The reference has one for each peer. Many clients may be behind one address: together they take a tenth of all places.
  maxActiveOptimisticFetchesPerPeer: 1_000,
  maxSubscriptionPeriodMs: 30_000,
  maxNumActiveSubscriptions: 30,
  maxActiveStreams: 1_000,
  maxActiveStreamsPerPeer: 16,
  peers: [],
};

/** Settings that are whole numbers. */
export type StorageServiceNumber = {
  [Name in keyof StorageServiceConfig]-?: Required<StorageServiceConfig>[Name] extends number ? Name : never;
}[keyof StorageServiceConfig];

/** What a whole number may be; both ends are allowed. */
export interface SettingRange {
  /** Lowest value. */
  readonly lowest: number;
  /** Highest value. */
  readonly highest: number;
}

/** What each setting that is a whole number may be. For whoever reads settings from a file or a command line, too. */
export const STORAGE_SERVICE_RANGES: Readonly<Record<StorageServiceNumber, SettingRange>> = {
  maxEpochChunkSize: { lowest: 1, highest: MAX_EPOCH_CHUNK },
  maxStateChunkSize: { lowest: 1, highest: MAX_STATE_CHUNK },
  maxTransactionChunkSize: { lowest: 1, highest: MAX_TRANSACTION_CHUNK },
  maxTransactionOutputChunkSize: { lowest: 1, highest: MAX_OUTPUT_CHUNK },
  maxNetworkChunkBytes: { lowest: 1, highest: MAX_RESPONSE_BYTES },
  // A GET is cut at 4 MiB by every server alike, so none may cut below.
  maxNetworkChunkBytesV2: { lowest: GET_RESPONSE_BYTES, highest: MAX_RESPONSE_BYTES },
  maxStorageReadWaitTimeMs: { lowest: 1, highest: 60_000 },
  storageSummaryRefreshIntervalMs: { lowest: 0, highest: 60_000 },
  maxLruCacheSize: { lowest: 0, highest: 10_000_000 },
  maxLruCacheBytes: { lowest: 0, highest: 64 * 1024 * 1024 * 1024 },
  maxAnswerBytesInFlight: { lowest: 1, highest: 64 * 1024 * 1024 * 1024 },
  maxNetworkChannelSize: { lowest: 1, highest: 1_000_000 },
  maxNetworkChannelSizePerPeer: { lowest: 1, highest: 1_000_000 },
  maxInvalidRequestsPerPeer: { lowest: 1, highest: 1_000_000 },
  minTimeToIgnorePeersSecs: { lowest: 1, highest: 86_400 },
  requestModeratorRefreshIntervalMs: { lowest: 1, highest: 60_000 },
  maxRequestsPerSecondPerPeer: { lowest: 1, highest: 1_000_000 },
  maxOptimisticFetchPeriodMs: { lowest: 1, highest: 60_000 },
  maxActiveOptimisticFetches: { lowest: 0, highest: 1_000_000 },
  maxActiveOptimisticFetchesPerPeer: { lowest: 1, highest: 1_000_000 },
  maxSubscriptionPeriodMs: { lowest: 1, highest: 300_000 },
  maxNumActiveSubscriptions: { lowest: 1, highest: 10_000 },
  maxActiveStreams: { lowest: 0, highest: 100_000 },
  maxActiveStreamsPerPeer: { lowest: 1, highest: 100_000 },
};

/**
 * Checks a configuration.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` naming the setting that is out of its range.
 */
export function assertStorageServiceConfig(config: StorageServiceConfig): void {
  for (const [name, { lowest, highest }] of Object.entries(STORAGE_SERVICE_RANGES)) {
    const value = config[name as StorageServiceNumber];
    // Only a setting without a default may be left out.
    if (value !== undefined || name in DEFAULT_STORAGE_SERVICE_CONFIG) assertWithin(name, value, lowest, highest);
  }
  assertWithin("peers", config.peers.length, 0, MAX_PEERS);
  for (const peer of config.peers) {
    assertWithin("length of a peer's URL", peer.length, 1, MAX_PEER_URL_BYTES);
    assertWithoutCredentials(peer);
  }
}

/** Everyone is told of the peers. Slashes as lenient parsers take them: `http:\\user@host` has a user name for them. */
function assertWithoutCredentials(peer: string): void {
  if (!/^[^:/]+:[\\/]*[^\\/?#]*@/.test(peer)) return;
  throw new SyncError(
    "INVALID_ARGUMENT",
    "Cannot use storage service config: a peer's URL has no user name and no password, since everyone is told of it",
  );
}

function assertWithin(name: string, value: number | undefined, lowest: number, highest: number): void {
  if (value !== undefined && Number.isInteger(value) && value >= lowest && value <= highest) return;
  throw new SyncError(
    "INVALID_ARGUMENT",
    `Cannot use storage service config: ${name} is ${lowest} to ${highest}, current value is ${value}`,
    { detail: { lowest, highest, value } },
  );
}
