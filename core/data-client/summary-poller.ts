/**
 * Keeps the peers' summaries: one question to each peer at a time, and pauses for those that keep failing.
 *
 * @module
 */
import { decodeLedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import type { ChainProfile } from "../chain/profile.ts";
import { isSyncError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import { serviceableOf } from "../wire/can-service.ts";
import type { StorageServerSummaryAnswer } from "../wire/response-types.ts";
import type { Answer } from "./answer.ts";
import { peerPauseMs } from "./backoff.ts";
import type { DataClientConfig } from "./config.ts";
import type { Advertised, PeerTable } from "./peer-table.ts";

/** What the poller needs. */
export interface SummaryPollerOptions {
  /** Where summaries are kept. */
  readonly table: PeerTable;
  /** How ledger infos are laid out. */
  readonly profile: ChainProfile;
  /** When pauses end. */
  readonly clock: Clock;
  /** How long pauses are. */
  readonly config: DataClientConfig;
  /** Asks one peer for its summary. */
  readonly ask: (peer: string, signal?: AbortSignal) => Promise<Answer<StorageServerSummaryAnswer>>;
}

/**
 * Creates the function that asks every peer that is due, all at the same time, and stores what they say.
 *
 * Failures lengthen the peer's pause and are not thrown; an abort is. A failed peer keeps its last summary.
 */
export function createSummaryPoller(options: SummaryPollerOptions): (signal?: AbortSignal) => Promise<void> {
  return async (signal) => {
    const nowMs = options.clock.monotonicMs();
    const due = options.table.all().filter((peer) => peer.nextSummaryMs <= nowMs);
    await Promise.all(due.map(({ url }) => pollPeer(options, url, signal)));
  };
}

async function pollPeer(options: SummaryPollerOptions, url: string, signal: AbortSignal | undefined): Promise<void> {
  const { table, clock, config } = options;
  try {
    const advertised = readAdvertised(await options.ask(url, signal), options.profile);
    table.update(url, { advertised, summaryError: undefined, summaryFailures: 0, nextSummaryMs: 0 });
  } catch (error) {
    signal?.throwIfAborted();
    if (!isSyncError(error)) throw error;
    const summaryFailures = table.get(url).summaryFailures + 1;
    table.update(url, {
      summaryError: error,
      summaryFailures,
      nextSummaryMs: clock.monotonicMs() + peerPauseMs(config, summaryFailures),
    });
  }
}

/** @throws {SyncError} `MALFORMED_BCS` if the ledger info in the summary is not one; the peer has been blamed. */
function readAdvertised({ payload, context }: Answer<StorageServerSummaryAnswer>, profile: ChainProfile): Advertised {
  const { summary } = payload;
  const { syncedLedgerInfo } = summary.dataSummary;
  if (syncedLedgerInfo === undefined) return { serviceable: serviceableOf(summary, undefined) };
  try {
    const ledgerInfo = decodeLedgerInfoWithSignatures(syncedLedgerInfo, profile);
    return { serviceable: serviceableOf(summary, ledgerInfo.ledgerInfo.commitInfo), ledgerInfo };
  } catch (error) {
    if (isSyncError(error)) context.blame(error);
    throw error;
  }
}
