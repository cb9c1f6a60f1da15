/**
 * Puts a driver together from its parts, and shows how far it is.
 *
 * @module
 */
import type { ChainContext } from "../../core/chain/hash.ts";
import { createDataClient } from "../../core/data-client/client.ts";
import { createDriver, type Driver } from "../../core/driver/driver.ts";
import type { SyncProgress, SyncReport } from "../../core/driver/report.ts";
import type { LedgerWriter } from "../../core/ledger/writer.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Waypoint } from "../../core/trust/waypoint.ts";
import { createFetchTransport } from "../http/http-transport.ts";
import { createWebClock } from "../web/web-clock.ts";
import { createWebRandom } from "../web/web-random.ts";
import { createWebSignatureVerifier } from "../web/web-signatures.ts";
import type { Report } from "./output.ts";
import type { Progress } from "./progress.ts";

/** The line of the progress bar while syncing. */
export const SYNC_PROGRESS_FORMAT =
  "sync {bar} {percentage}% | version {value}/{total} | epoch {epoch} | {rate} tx/s | ETA {eta_formatted}";

/** Most exchanges at once: Node and Deno have no limit of their own worth keeping. */
const MAX_CONCURRENT = 64;

/** What to sync, from whom, and into what. */
export interface SyncingOptions {
  readonly context: ChainContext;
  readonly ledger: LedgerWriter;
  readonly peers: readonly string[];
  readonly waypoint: Waypoint;
  readonly log: Log;
  readonly progress: Progress;
}

/** Creates a driver over HTTP peers that moves `options.progress`. */
export function createHttpDriver({ context, ledger, peers, waypoint, log, progress }: SyncingOptions): Driver {
  const clock = createWebClock();
  const dataClient = createDataClient({
    transport: createFetchTransport({ fetch: (url, init) => fetch(url, init), maxConcurrent: MAX_CONCURRENT }),
    peers,
    context,
    // A genesis waypoint is the chain's own name; a later one is not.
    ...(waypoint.version === 0n ? { chain: waypoint.value } : {}),
    clock,
    random: createWebRandom(),
    log,
  });
  return createDriver({
    dataClient,
    ledger,
    waypoint,
    context,
    signatureVerifier: createWebSignatureVerifier(),
    clock,
    log,
    onProgress: (state) => showProgress(progress, state),
  });
}

function showProgress(progress: Progress, state: SyncProgress): void {
  const rate = state.seconds > 0 ? Math.round(Number(state.transactions) / state.seconds) : 0;
  // Exact below 2^53 versions; a bar needs no more.
  progress.update(Number(state.version ?? 0n), Number(state.targetVersion ?? 0n), {
    epoch: state.epoch.toString(),
    rate: rate.toString(),
  });
}

/** The report of a run, with the keys of the command line. */
export function syncReport(report: SyncReport): Report {
  return {
    version: report.version,
    epoch: report.epoch,
    stateRootHash: report.stateRootHash,
    accumulatorRootHash: report.accumulatorRootHash,
    transactions: report.transactions,
    bytes: report.bytes,
    seconds: round(report.seconds, 3),
    transactionsPerSecond: round(report.transactionsPerSecond, 1),
    peers: report.peers.map(({ url, score, requests, failures }) => ({
      url,
      score: round(score, 2),
      requests,
      failures,
    })),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
