/**
 * Brings the store's epoch endings up to the newest epoch that peers can show: each one signed by the validators that the
 * one before announced, the first one named by the waypoint.
 *
 * @module
 */
import { columnItems } from "../bytes/column.ts";
import type { EpochState } from "../chain/epoch-state.ts";
import { decodeLedgerInfoWithSignatures, type LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { DataPayload } from "../streaming/stream.ts";
import { nextEpochStateOf } from "../trust/epoch-change.ts";
import { verifyByWaypoint } from "../trust/trusted-state.ts";
import { verifyLedgerInfo } from "../trust/validator-verifier.ts";
import { markVerified, type Verified } from "../trust/verified.ts";
import type { Waypoint } from "../trust/waypoint.ts";
import { consumeStream, type StreamOutcome } from "./consume-stream.ts";
import type { DriverParts } from "./parts.ts";
import { createWaypointCheck, seeStoredEndings, type WaypointCheck } from "./waypoint-check.ts";

/** Epoch that genesis ends. */
const GENESIS_EPOCH = 0n;

/** What is known about epochs. */
interface EpochPosition {
  /** Who signs the newest epoch that is known to have begun. */
  readonly epochState: EpochState;
  /** What ended the epoch before. */
  readonly newestEnding: Verified<LedgerInfoWithSignatures>;
}

/** Fetches and verifies epoch endings. */
export interface Bootstrapper {
  /** What is known now; `undefined` before the waypoint's ledger info was met. */
  position(): EpochPosition | undefined;
  /** Reads from the store what is known. Must be called first. */
  open(): Promise<void>;
  /**
   * Fetches what peers advertise beyond what is known, until the end, the first lie, or where no peer goes on.
   *
   * How many epochs there are is a claim, so `unavailable` may mean that there are no more.
   *
   * @throws {SyncError} `WAYPOINT_MISMATCH` with `detail.terminal` if the chain is not the waypoint's.
   */
  fetchEpochEndings(signal?: AbortSignal): Promise<StreamOutcome>;
  /** Takes an epoch ending that was verified elsewhere, the one after the newest. */
  addEnding(ending: Verified<LedgerInfoWithSignatures>): Promise<void>;
  /**
   * Demands that the operator's waypoint was met.
   *
   * @throws {SyncError} `NO_PEERS` if no peer's chain reaches it.
   */
  assertWaypointMet(): void;
}

/**
 * Creates a bootstrapper.
 *
 * @param waypoint Given by the operator. In a store that trusts an older one it is only checked.
 */
export function createBootstrapper(parts: DriverParts, waypoint: Waypoint): Bootstrapper {
  return new EpochBootstrapper(parts, waypoint);
}

class EpochBootstrapper implements Bootstrapper {
  readonly #parts: DriverParts;
  readonly #waypoint: Waypoint;
  readonly #check: WaypointCheck;
  #position: EpochPosition | undefined;

  constructor(parts: DriverParts, waypoint: Waypoint) {
    this.#parts = parts;
    this.#waypoint = waypoint;
    this.#check = createWaypointCheck(parts.context, waypoint);
  }

  position(): EpochPosition | undefined {
    return this.#position;
  }

  async open(): Promise<void> {
    const { ledger } = this.#parts;
    const { epochEndings } = await ledger.progress();
    if (epochEndings !== undefined) {
      const [newest] = await ledger.epochEndings(epochEndings.lastEpoch, 1);
      if (newest === undefined) {
        throw new SyncError("STORAGE_CORRUPT", "Cannot read epoch endings: the newest is missing");
      }
      // The store holds verified ledger infos only.
      this.#move(markVerified(newest));
    }
    await seeStoredEndings(this.#check, ledger, this.#waypoint);
  }

  fetchEpochEndings(signal?: AbortSignal): Promise<StreamOutcome> {
    const { streaming } = this.#parts;
    const firstEpoch = this.#position?.epochState.epoch ?? GENESIS_EPOCH;
    const handle = (payload: DataPayload) => this.#take(payload);
    return consumeStream({ streaming, stream: streaming.epochEndings({ firstEpoch }), handle, signal });
  }

  async addEnding(ending: Verified<LedgerInfoWithSignatures>): Promise<void> {
    await this.#store([ending]);
  }

  assertWaypointMet(): void {
    if (this.#check.isMet()) return;
    throw new SyncError(
      "NO_PEERS",
      `Cannot start: waypoint version ${this.#waypoint.version} must be reached, and no peer shows an epoch that ends there`,
    );
  }

  async #take(payload: DataPayload): Promise<void> {
    if (payload.kind !== "epochEndings") throw unexpected(payload.kind);
    const { profile } = this.#parts.context;
    const verified: Verified<LedgerInfoWithSignatures>[] = [];
    let position = this.#position;
    try {
      for (const bytes of columnItems(payload.ledgerInfos)) {
        const ending = await this.#verify(decodeLedgerInfoWithSignatures(bytes, profile), position);
        position = { epochState: nextEpochStateOf(ending), newestEnding: ending };
        verified.push(ending);
      }
    } finally {
      // What came before the first wrong one is good.
      await this.#store(verified);
    }
  }

  /** The waypoint vouches for the first one, then each for the validators of the next. */
  async #verify(
    ending: LedgerInfoWithSignatures,
    position: EpochPosition | undefined,
  ): Promise<Verified<LedgerInfoWithSignatures>> {
    const { context, signatureVerifier } = this.#parts;
    const verified = position === undefined
      ? verifyByWaypoint(context, this.#waypoint, ending)
      : await verifyLedgerInfo(context, position.epochState, ending, signatureVerifier);
    const { epoch, version } = verified.ledgerInfo.commitInfo;
    const next = nextEpochStateOf(verified);
    if (next.epoch !== epoch + 1n) throw mismatch(`epoch ${epoch} is followed by epoch ${next.epoch}`);
    const previous = position?.newestEnding.ledgerInfo.commitInfo.version;
    if (previous !== undefined && version <= previous) {
      throw mismatch(`epoch ${epoch} ends at ${version}, before it began`);
    }
    return verified;
  }

  async #store(endings: readonly Verified<LedgerInfoWithSignatures>[]): Promise<void> {
    const last = endings.at(-1);
    if (last === undefined) return;
    for (const ending of endings) this.#check.see(ending);
    await this.#parts.ledger.storeEpochEndings(endings);
    this.#move(last);
  }

  #move(ending: Verified<LedgerInfoWithSignatures>): void {
    this.#position = { epochState: nextEpochStateOf(ending), newestEnding: ending };
  }
}

function unexpected(kind: DataPayload["kind"]): SyncError {
  return new SyncError(
    "RESPONSE_MISMATCH",
    `Cannot use notification: epoch endings are expected, current value is ${kind}`,
  );
}

function mismatch(reason: string): SyncError {
  return new SyncError("EPOCH_MISMATCH", `Cannot verify epoch ending: ${reason}`);
}
