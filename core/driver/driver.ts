/**
 * The driver: from a waypoint and a store to a verified ledger at the head.
 *
 * It decides what to fetch, believes nothing that is not proven from the waypoint on, commits chunk by chunk, and starts
 * again exactly behind the last commit. A peer that is caught is blamed and another takes over.
 *
 * @module
 */
import type { ChainContext } from "../chain/hash.ts";
import type { DataClient } from "../data-client/client.ts";
import type { LedgerWriter } from "../ledger/writer.ts";
import { type CommitNotifications, NO_NOTIFICATIONS } from "../notifications/commit.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { SignatureVerifier } from "../ports/signatures.ts";
import { createStreamingService, type StreamingService } from "../streaming/service.ts";
import type { Waypoint } from "../trust/waypoint.ts";
import { DEFAULT_DRIVER_CONFIG, type DriverConfig } from "./config.ts";
import type { DriverParts } from "./parts.ts";
import type { SyncProgress, SyncReport } from "./report.ts";
import { SyncRun } from "./sync-run.ts";

/** How far to go, and whether to stay there. */
export interface RunOptions {
  /** Stay at the head until aborted. Without it the run ends at the newest verified ledger info that peers offer. */
  readonly follow?: boolean;
  /** End at this version at the latest. */
  readonly untilVersion?: bigint;
  /** Aborting ends the run between two commits; the run rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
}

/** Brings one store to the head. */
export interface Driver {
  /**
   * Runs. One run at a time.
   *
   * @throws {SyncError} `WAYPOINT_MISMATCH` if the chain is not the waypoint's.
   * @throws {SyncError} `UNSUPPORTED` if the store is empty and the waypoint is not of a genesis: outputs are applied from
   *   version 0 on, and older epochs cannot be verified from a later waypoint.
   * @throws {SyncError} `NETWORK_MISMATCH` if the store is of another profile or network.
   * @throws {SyncError} Without `follow`, what the last peer failed with when none is left: a fault of the peer, transient,
   *   or its refusal, such as `PRUNED`.
   * @throws {SyncError} A fault of the store, in every case.
   */
  run(options?: RunOptions): Promise<SyncReport>;
  /** Where the current run, or the last one, stands; `undefined` before the first. */
  status(): SyncProgress | undefined;
}

/** What a driver is made of. */
export interface DriverOptions {
  /** Not to be used by another driver at the same time. */
  readonly dataClient: DataClient;
  /** Opens streams; one over `dataClient` if absent. */
  readonly streaming?: StreamingService;
  /** The only writer of its store. */
  readonly ledger: LedgerWriter;
  /** What to trust; given by the operator. */
  readonly waypoint: Waypoint;
  /** The chain's rules. */
  readonly context: ChainContext;
  /** Decides whether validators signed. */
  readonly signatureVerifier: SignatureVerifier;
  /** Time for pauses and reports. */
  readonly clock: Clock;
  /** Told of what goes wrong and goes on. */
  readonly log: Log;
  /** What differs from the defaults. @default {DEFAULT_DRIVER_CONFIG} */
  readonly config?: Partial<DriverConfig>;
  /** Who is told about commits. @default {NO_NOTIFICATIONS} */
  readonly notifications?: CommitNotifications;
  /** Told when the epochs were verified, and after every commit. Must not throw. */
  readonly onProgress?: (progress: SyncProgress) => void;
}

/** Creates a driver. Does nothing before it is run. */
export function createDriver(options: DriverOptions): Driver {
  const parts: DriverParts = {
    ...options,
    streaming: options.streaming ?? createStreamingService({ dataClient: options.dataClient }),
    config: { ...DEFAULT_DRIVER_CONFIG, ...options.config },
    notifications: options.notifications ?? NO_NOTIFICATIONS,
  };
  let last: SyncProgress | undefined;
  const onProgress = (progress: SyncProgress) => {
    last = progress;
    options.onProgress?.(progress);
  };
  return {
    run: (runOptions = {}) => new SyncRun(parts, { ...runOptions, waypoint: options.waypoint, onProgress }).run(),
    status: () => last,
  };
}
