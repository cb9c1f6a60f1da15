/**
 * One run of the driver.
 *
 * A pass asks what peers offer, verifies the epochs up to there, picks a head that its validators signed, and applies
 * outputs up to it. A run without following ends after a pass that found nothing new.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { ZERO_HASH } from "../chain/hash.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { isUnanswered } from "../data-client/refusal.ts";
import { isSyncError, SyncError } from "../errors.ts";
import type { LedgerProgress } from "../ledger/reader.ts";
import type { Verified } from "../trust/verified.ts";
import type { Waypoint } from "../trust/waypoint.ts";
import { type Bootstrapper, createBootstrapper } from "./bootstrapper.ts";
import type { StreamOutcome } from "./consume-stream.ts";
import { selectHead } from "./head-selection.ts";
import { syncOutputs } from "./outputs-syncer.ts";
import { type DriverParts, isTerminal } from "./parts.ts";
import type { SyncPhase, SyncProgress, SyncReport } from "./report.ts";
import { reportOn } from "./report-on.ts";
import { RunProgress, type RunTarget } from "./run-progress.ts";

/** How far to go, and whom to tell. */
export interface SyncRunOptions {
  /** What the operator trusts. */
  readonly waypoint: Waypoint;
  /** Stay at the head until aborted. */
  readonly follow?: boolean;
  /** End at this version at the latest. */
  readonly untilVersion?: bigint;
  /** Ends the run between two commits. */
  readonly signal?: AbortSignal;
  /** Told of every step. */
  readonly onProgress: (progress: SyncProgress) => void;
}

/** State of one run. Use once. */
export class SyncRun {
  readonly #parts: DriverParts;
  readonly #options: SyncRunOptions;
  readonly #bootstrapper: Bootstrapper;
  readonly #progress: RunProgress;
  #head: Verified<LedgerInfoWithSignatures> | undefined;
  /** Why a peer was refused last: what the run ends with when no peer is left. */
  #lastRefusal: SyncError | undefined;
  /** Why no peer went on with something that one had offered, in this pass. */
  #unavailable: SyncError | undefined;

  /** Reads and sends nothing yet. */
  constructor(parts: DriverParts, options: SyncRunOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#bootstrapper = createBootstrapper(parts, options.waypoint);
    this.#progress = new RunProgress({ ...parts, onProgress: options.onProgress });
  }

  /** Runs to the end. */
  async run(): Promise<SyncReport> {
    this.#options.signal?.throwIfAborted();
    await this.#open();
    if (this.#options.follow === true) await this.#followHead();
    else await this.#catchUp();
    return await reportOn(this.#parts, this.#progress.totals());
  }

  async #open(): Promise<void> {
    const { ledger, context, dataClient } = this.#parts;
    const { waypoint } = this.#options;
    const progress = await ledger.progress();
    if (progress.profile !== context.profile.name) {
      throw new SyncError(
        "NETWORK_MISMATCH",
        `Cannot sync store: its profile is ${progress.profile}, the driver's is ${context.profile.name}`,
      );
    }
    if (progress.epochEndings === undefined && waypoint.version !== 0n) {
      throw new SyncError(
        "UNSUPPORTED",
        `Cannot apply outputs from version 0: the waypoint must be of genesis, current version is ${waypoint.version}`,
      );
    }
    if (!equalBytes(progress.chain, ZERO_HASH)) dataClient.pinChain(progress.chain);
    else if (waypoint.version === 0n) dataClient.pinChain(waypoint.value);
    this.#progress.begin(progress);
    await this.#bootstrapper.open();
  }

  async #catchUp(): Promise<void> {
    const { clock, config } = this.#parts;
    for (let pass = 0; pass < config.maxCatchUpPasses; pass++) {
      const before = this.#progress.nextVersion;
      await this.#pass("outputs");
      if (this.#isDone()) return;
      if (this.#progress.nextVersion !== before) continue;
      if (this.#unavailable === undefined) return;
      // Somebody offered more and did not send it. Perhaps that passes; if not, what the others offer was reached.
      await clock.sleep(config.failurePauseMs, this.#options.signal);
    }
  }

  async #followHead(): Promise<void> {
    const { clock, config, log } = this.#parts;
    const { signal } = this.#options;
    let phase: SyncPhase = "outputs";
    while (!this.#isDone()) {
      try {
        await this.#pass(phase);
        phase = "following";
        if (!this.#isDone()) await clock.sleep(config.headPollIntervalMs, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!isUnanswered(error) || isTerminal(error)) throw error;
        log.warn("following goes on after a failure", { code: error.code, message: error.message });
        await clock.sleep(config.failurePauseMs, signal);
      }
    }
  }

  async #pass(phase: SyncPhase): Promise<void> {
    const { dataClient } = this.#parts;
    this.#unavailable = undefined;
    try {
      await dataClient.refreshSummaries(this.#options.signal);
      await this.#findHead();
      await this.#applyOutputs(phase);
      if (!dataClient.hasUsablePeers()) throw new SyncError("NO_PEERS", "Cannot sync: all peers are ignored");
      this.#judgeUnavailable();
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      const isLast = isSyncError(error, "NO_PEERS") && !dataClient.hasUsablePeers();
      throw isLast ? this.#lastRefusal ?? error : error;
    }
  }

  /**
   * A peer that offers what nobody serves must not fail the sync from those who serve what they offer: the pass is good if
   * everything that some peer offers was reached.
   */
  #judgeUnavailable(): void {
    if (this.#unavailable === undefined) return;
    const { ledgerInfos } = this.#parts.dataClient.globalSummary();
    const next = this.#progress.nextVersion;
    if (!ledgerInfos.some(({ ledgerInfo }) => ledgerInfo.ledgerInfo.commitInfo.version < next)) throw this.#unavailable;
    const { code, message } = this.#unavailable;
    this.#parts.log.warn("no peer serves all that is offered", { code, message });
  }

  /** Verifies the epochs up to the open one, and then the newest ledger info in it. */
  async #findHead(): Promise<void> {
    const { signal } = this.#options;
    for (;;) {
      await this.#untilAccepted(() => this.#bootstrapper.fetchEpochEndings(signal));
      this.#assertStarted();
      this.#progress.tell("epochs", this.#target());
      const head = await this.#selectHead();
      if (head?.ledgerInfo.commitInfo.nextEpochState === undefined) {
        this.#head = head ?? this.#head;
        return;
      }
      // The head ends the epoch: it is an epoch ending like any other, and the next epoch is the open one.
      await this.#bootstrapper.addEnding(head);
    }
  }

  /** Nothing is applied before the waypoint was met. */
  #assertStarted(): void {
    if (this.#bootstrapper.position() === undefined && this.#unavailable !== undefined) throw this.#unavailable;
    this.#bootstrapper.assertWaypointMet();
  }

  /** Applies outputs up to the head, as far as they are served. */
  async #applyOutputs(phase: SyncPhase): Promise<void> {
    const { untilVersion: lastVersion, signal } = this.#options;
    const onCommit = (ledger: LedgerProgress) => {
      this.#progress.commit(ledger);
      this.#progress.tell(phase, this.#target());
    };
    const { refusal, unavailable } = await syncOutputs(this.#parts, {
      head: this.#head,
      lastVersion,
      onCommit,
      signal,
    });
    this.#lastRefusal = refusal ?? this.#lastRefusal;
    this.#unavailable = unavailable ?? this.#unavailable;
  }

  async #selectHead(): Promise<Verified<LedgerInfoWithSignatures> | undefined> {
    const position = this.#bootstrapper.position();
    if (position === undefined) return undefined;
    const aboveVersion = this.#progress.committedVersion;
    for (;;) {
      const { head, refusal } = await selectHead(this.#parts, { epochState: position.epochState, aboveVersion });
      this.#lastRefusal = refusal ?? this.#lastRefusal;
      if (head !== undefined || refusal === undefined) return head;
      // Every offer was a lie: hear what the peers say now. Those that go on lying will be ignored.
      await this.#parts.dataClient.refreshSummaries(this.#options.signal);
    }
  }

  /** Repeats `step` as long as it ends with a refused peer: each time that peer sinks, until another is asked. */
  async #untilAccepted(step: () => Promise<StreamOutcome>): Promise<void> {
    for (;;) {
      const outcome = await step();
      if (outcome.kind === "ended") return;
      if (outcome.kind === "unavailable") {
        this.#unavailable = outcome.error;
        return;
      }
      this.#lastRefusal = outcome.error;
    }
  }

  #target(): RunTarget {
    const position = this.#bootstrapper.position();
    return { ledgerInfo: this.#head ?? position?.newestEnding, epochState: position?.epochState };
  }

  #isDone(): boolean {
    const { untilVersion } = this.#options;
    return untilVersion !== undefined && this.#progress.nextVersion > untilVersion;
  }
}
