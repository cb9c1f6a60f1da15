/**
 * Where one run of the driver stands, and what it has done since it began.
 *
 * @module
 */
import type { EpochState } from "../chain/epoch-state.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { type LedgerProgress, nextVersion } from "../ledger/reader.ts";
import type { Verified } from "../trust/verified.ts";
import type { DriverParts } from "./parts.ts";
import type { RunTotals, SyncPhase, SyncProgress } from "./report.ts";

/** What a run is on its way to. */
export interface RunTarget {
  /** The ledger info that is synced to; absent until one is known. */
  readonly ledgerInfo: Verified<LedgerInfoWithSignatures> | undefined;
  /** Who signs the newest epoch that is known to have begun. */
  readonly epochState: EpochState | undefined;
}

/** What a run needs to tell its progress. */
export interface RunProgressOptions extends Pick<DriverParts, "clock" | "dataClient"> {
  /** Told of every step. */
  readonly onProgress: (progress: SyncProgress) => void;
}

/** Keeps and tells the progress of one run. Time and bytes count from when this is made. */
export class RunProgress {
  readonly #options: RunProgressOptions;
  readonly #startedMs: number;
  readonly #bytesBefore: number;
  #firstVersion = 0n;
  #ledger: LedgerProgress | undefined;

  /** Tells nothing yet. */
  constructor(options: RunProgressOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
    this.#bytesBefore = options.dataClient.receivedBytes();
  }

  /** Takes note of where the ledger stands before anything is done. */
  begin(ledger: LedgerProgress): void {
    this.#ledger = ledger;
    this.#firstVersion = nextVersion(ledger);
  }

  /** The version that the next chunk starts at; 0 before {@link begin}. */
  get nextVersion(): bigint {
    return this.#ledger === undefined ? 0n : nextVersion(this.#ledger);
  }

  /** The version of the newest ledger info that is stored; absent if there is none. */
  get committedVersion(): bigint | undefined {
    return this.#ledger?.committedVersion;
  }

  /** Takes note of a commit. */
  commit(ledger: LedgerProgress): void {
    this.#ledger = ledger;
  }

  /** Tells how far the run is. */
  tell(phase: SyncPhase, target: RunTarget): void {
    const epoch = this.#ledger?.epochState?.epoch ?? 0n;
    const version = this.#ledger?.preCommittedVersion;
    this.#options.onProgress({
      phase,
      ...(version === undefined ? {} : { version }),
      ...(target.ledgerInfo === undefined ? {} : { targetVersion: target.ledgerInfo.ledgerInfo.commitInfo.version }),
      epoch,
      targetEpoch: target.epochState?.epoch ?? epoch,
      ...this.totals(),
    });
  }

  /** What the run has done so far. */
  totals(): RunTotals {
    const { clock, dataClient } = this.#options;
    return {
      transactions: this.nextVersion - this.#firstVersion,
      bytes: dataClient.receivedBytes() - this.#bytesBefore,
      seconds: (clock.monotonicMs() - this.#startedMs) / 1000,
    };
  }
}
