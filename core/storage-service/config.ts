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
  /** Most bytes of an answer whose request cannot say how many it takes: epochs, states, V1. @default {4194304} */
  readonly maxNetworkChunkBytes: number;
  /** Most bytes of any answer, whatever the request says; at least 4 MiB. @default {41943040} */
  readonly maxNetworkChunkBytesV2: number;
  /** Milliseconds after which the view of the ledger's progress is read again. @default {100} */
  readonly storageSummaryRefreshIntervalMs: number;
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
  // As in the reference: a tenth of a second is far below a block's way to other nodes, and ten reads a second cost nothing.
  storageSummaryRefreshIntervalMs: 100,
  peers: [],
};

/**
 * Checks a configuration.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` naming the setting that is out of its range.
 */
export function assertStorageServiceConfig(config: StorageServiceConfig): void {
  assertWithin("maxEpochChunkSize", config.maxEpochChunkSize, 1, MAX_EPOCH_CHUNK);
  assertWithin("maxStateChunkSize", config.maxStateChunkSize, 1, MAX_STATE_CHUNK);
  assertWithin("maxTransactionChunkSize", config.maxTransactionChunkSize, 1, MAX_TRANSACTION_CHUNK);
  assertWithin("maxTransactionOutputChunkSize", config.maxTransactionOutputChunkSize, 1, MAX_OUTPUT_CHUNK);
  assertWithin("maxNetworkChunkBytes", config.maxNetworkChunkBytes, 1, MAX_RESPONSE_BYTES);
  // A GET is cut at 4 MiB by every server alike, so none may cut below.
  assertWithin("maxNetworkChunkBytesV2", config.maxNetworkChunkBytesV2, GET_RESPONSE_BYTES, MAX_RESPONSE_BYTES);
  assertWithin("storageSummaryRefreshIntervalMs", config.storageSummaryRefreshIntervalMs, 0, 60_000);
  assertWithin("peers", config.peers.length, 0, MAX_PEERS);
  for (const peer of config.peers) assertWithin("length of a peer's URL", peer.length, 1, MAX_PEER_URL_BYTES);
}

function assertWithin(name: string, value: number, lowest: number, highest: number): void {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return;
  throw new SyncError(
    "INVALID_ARGUMENT",
    `Cannot use storage service config: ${name} is ${lowest} to ${highest}, current value is ${value}`,
    { detail: { lowest, highest, value } },
  );
}
