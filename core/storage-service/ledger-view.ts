/**
 * The service's view of its ledger: progress, read again when it is older than the refresh interval, the summary made from
 * it, and the ledger infos that were the newest lately.
 *
 * The ledger may be written by another process, so nothing but time says that there is more.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import type { ChainContext } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import type { LedgerProgress, LedgerReader } from "../ledger/reader.ts";
import type { Clock } from "../ports/clock.ts";
import { type Serviceable, serviceableOf } from "../wire/can-service.ts";
import { type CompleteRange, completeRange, type DataSummary, type StorageServerSummary } from "../wire/summary.ts";
import type { StorageServiceConfig } from "./config.ts";

/** One look at the ledger. */
export interface LedgerView {
  /** What was read. */
  readonly progress: LedgerProgress;
  /** 32-byte genesis waypoint value; all zeros while it is not known. */
  readonly chain: Uint8Array;
  /** What the service advertises. */
  readonly summary: StorageServerSummary;
  /** The same, as the rules want it. */
  readonly serviceable: Serviceable;
  /** Newest ledger info. */
  readonly latest?: LedgerInfoWithSignatures;
}

/** Gives the newest view that is recent enough. */
export interface LedgerViews {
  /** The view, at most one refresh interval old. */
  current(): Promise<LedgerView>;
  /** A view read after this call. */
  refreshed(): Promise<LedgerView>;
  /**
   * The newest ledger info or one that was it lately, by its version: of the last {@link MAX_RECENT_LEDGER_INFOS} that were
   * seen since the process began. Two servers of one ledger have not always seen the same ones.
   */
  recentLedgerInfo(version: bigint): LedgerInfoWithSignatures | undefined;
}

/**
 * Ledger infos remembered after they were the newest. A client (or a cache, for a second) reads the head and then asks for
 * proofs in it: with ten looks at the ledger a second, these are half a minute of heads however fast blocks come. The store
 * keeps only those that end an epoch, so older ones, and all after a restart, are gone. One takes about 2 KB.
 */
const MAX_RECENT_LEDGER_INFOS = 300;

/** What views are made of. */
export interface LedgerViewParts {
  /** Where progress is read. */
  readonly reader: Pick<LedgerReader, "progress">;
  /** The ledger must be of its profile. */
  readonly context: Pick<ChainContext, "profile">;
  /** How old a view may be, and what is advertised with it. */
  readonly config: StorageServiceConfig;
  /** Tells how old a view is. */
  readonly clock: Clock;
}

/**
 * Creates the views of one ledger. Concurrent calls share one read.
 *
 * Its methods throw {@link SyncError} `NETWORK_MISMATCH` if the ledger is of another profile than `context`.
 */
export function createLedgerViews({ reader, context, config, clock }: LedgerViewParts): LedgerViews {
  const recent = new Map<bigint, LedgerInfoWithSignatures>();
  let view: LedgerView | undefined;
  let readAtMs = 0;
  let reading: Promise<LedgerView> | undefined;

  async function read(): Promise<LedgerView> {
    const startedMs = clock.monotonicMs();
    const progress = await reader.progress();
    if (progress.profile !== context.profile.name) {
      throw new SyncError(
        "NETWORK_MISMATCH",
        `Cannot serve ledger: the profile is ${context.profile.name}, the ledger's is ${progress.profile}`,
      );
    }
    const next = viewOf(progress, config);
    view = next;
    readAtMs = startedMs;
    if (next.latest !== undefined) remember(recent, next.latest);
    return next;
  }

  function refresh(): Promise<LedgerView> {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  return {
    current() {
      const ageMs = clock.monotonicMs() - readAtMs;
      if (view !== undefined && ageMs < config.storageSummaryRefreshIntervalMs) return Promise.resolve(view);
      return refresh();
    },
    async refreshed() {
      // A read under way may have begun before what the caller knows of: it does not count.
      if (reading !== undefined) await reading;
      return refresh();
    },
    recentLedgerInfo: (version) => recent.get(version),
  };
}

/**
 * The newest ledger info of a view.
 *
 * @throws {SyncError} `NOT_SERVICEABLE` if there is none.
 */
export function latestOf({ latest }: LedgerView): LedgerInfoWithSignatures {
  if (latest !== undefined) return latest;
  throw new SyncError("NOT_SERVICEABLE", "Cannot answer: there is no ledger info here yet");
}

/** Version of a ledger info. */
export function versionOf(ledgerInfo: LedgerInfoWithSignatures): bigint {
  return ledgerInfo.ledgerInfo.commitInfo.version;
}

/** What a service with this progress advertises. */
function viewOf(progress: LedgerProgress, config: StorageServiceConfig): LedgerView {
  const latest = progress.latestLedgerInfo;
  const summary: StorageServerSummary = {
    protocolMetadata: {
      maxEpochChunkSize: config.maxEpochChunkSize,
      maxStateChunkSize: config.maxStateChunkSize,
      maxTransactionChunkSize: config.maxTransactionChunkSize,
      maxTransactionOutputChunkSize: config.maxTransactionOutputChunkSize,
    },
    dataSummary: dataSummaryOf(progress),
    snapshots: [],
  };
  const commit = latest?.ledgerInfo.commitInfo;
  return {
    progress,
    chain: progress.chain,
    summary,
    serviceable: serviceableOf(summary, commit),
    ...(latest === undefined ? {} : { latest }),
  };
}

function dataSummaryOf(progress: LedgerProgress): DataSummary {
  const { latestLedgerInfo, epochEndings, firstVersion, committedVersion, checkpointVersion } = progress;
  if (latestLedgerInfo === undefined || committedVersion === undefined) {
    return epochEndings === undefined ? {} : { epochEndingLedgerInfos: epochRange(epochEndings) };
  }
  const transactions = completeRange(firstVersion, committedVersion);
  const highestState = checkpointVersion === undefined || checkpointVersion < committedVersion
    ? checkpointVersion
    : committedVersion;
  return {
    syncedLedgerInfo: latestLedgerInfo.bytes,
    ...(epochEndings === undefined ? {} : { epochEndingLedgerInfos: epochRange(epochEndings) }),
    ...(highestState === undefined || highestState < firstVersion
      ? {}
      : { states: completeRange(firstVersion, highestState) }),
    transactions,
    transactionOutputs: transactions,
  };
}

function epochRange(endings: { firstEpoch: bigint; lastEpoch: bigint }): CompleteRange {
  return completeRange(endings.firstEpoch, endings.lastEpoch);
}

function remember(recent: Map<bigint, LedgerInfoWithSignatures>, latest: LedgerInfoWithSignatures): void {
  recent.set(latest.ledgerInfo.commitInfo.version, latest);
  for (const version of recent.keys()) {
    if (recent.size <= MAX_RECENT_LEDGER_INFOS) return;
    recent.delete(version);
  }
}
