/**
 * Applies outputs from where the store stands up to the head: epoch by epoch, each proven at its own end, the open epoch at
 * the head.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import { type LedgerProgress, nextVersion } from "../ledger/reader.ts";
import type { DataPayload, DataStream } from "../streaming/stream.ts";
import { markVerified, type Verified } from "../trust/verified.ts";
import { consumeStream, type StreamOutcome } from "./consume-stream.ts";
import { type HeadSelection, selectHead } from "./head-selection.ts";
import type { DriverParts } from "./parts.ts";
import { applyOutputs } from "./pipeline.ts";

/** How far to go. */
export interface OutputsWanted {
  /** Newest ledger info of the open epoch; absent if there is none beyond the newest epoch ending. */
  readonly head: Verified<LedgerInfoWithSignatures> | undefined;
  /** Stop at this version, if the head is above it. */
  readonly lastVersion: bigint | undefined;
  /** Told after every commit. */
  readonly onCommit: (progress: LedgerProgress) => void;
  /** Ends the run between two commits. */
  readonly signal: AbortSignal | undefined;
}

/** What stood in the way. Calling again goes on from the last commit. */
export interface OutputsOutcome {
  /** Why a peer was refused last, if one was. */
  readonly refusal?: SyncError;
  /** Why nobody went on with something that was offered, if that happened. */
  readonly unavailable?: SyncError;
}

/**
 * Applies everything up to the head, or to `lastVersion`. A peer that is refused sinks until another is asked.
 *
 * Where nobody serves an epoch to its end, or to the head, goes as far as the highest offer in it that is served.
 *
 * @throws {SyncError} What the store throws.
 */
export async function syncOutputs(parts: DriverParts, wanted: OutputsWanted): Promise<OutputsOutcome> {
  let found: OutputsOutcome = {};
  let detour: Verified<LedgerInfoWithSignatures> | undefined;
  for (;;) {
    const outcome = await syncSections(parts, { ...wanted, detour });
    if (outcome.kind === "ended") return found;
    if (outcome.kind === "refused") {
      found = { ...found, refusal: outcome.error };
      continue;
    }
    const { head, refusal } = await highestOfferBelow(parts, outcome.progress, outcome.target);
    found = { ...found, ...(refusal === undefined ? {} : { refusal }), unavailable: outcome.error };
    if (head === undefined) return found;
    detour = head;
  }
}

/** The highest ledger info below `target`, in the epoch of the next version, that a peer offers and its validators signed. */
async function highestOfferBelow(
  parts: DriverParts,
  progress: LedgerProgress,
  target: Verified<LedgerInfoWithSignatures>,
): Promise<HeadSelection> {
  const { epochState } = progress;
  if (epochState === undefined) return {};
  const aboveVersion = nextVersion(progress) - 1n;
  return await selectHead(parts, { epochState, aboveVersion, belowVersion: target.ledgerInfo.commitInfo.version });
}

/** How far to go at once. */
interface SectionsWanted extends OutputsWanted {
  /** Goes before the epoch's ending or the head, for the one epoch that it is of: a lower one that a peer has. */
  readonly detour: Verified<LedgerInfoWithSignatures> | undefined;
}

/** How that ended, and where. */
type SectionsOutcome =
  | Extract<StreamOutcome, { kind: "ended" }>
  | Exclude<StreamOutcome, { kind: "ended" }> & {
    /** Where the ledger stands. */
    readonly progress: LedgerProgress;
    /** What the last stream was to be proven in. */
    readonly target: Verified<LedgerInfoWithSignatures>;
  };

/** Applies one epoch after the other, until all is there or a stream ends early. */
async function syncSections(parts: DriverParts, wanted: SectionsWanted): Promise<SectionsOutcome> {
  const { ledger, streaming } = parts;
  const { signal } = wanted;
  let progress = await ledger.progress();
  const handle = async (payload: DataPayload, target: Verified<LedgerInfoWithSignatures>) => {
    if (payload.kind !== "outputs" && payload.kind !== "continuousOutputs") throw unexpected(payload.kind);
    const { outputs } = payload;
    progress = await applyOutputs(parts.context, ledger, { outputs, ledgerInfo: target, progress });
    await parts.notifications.notifyCommit({ highestSyncedVersion: nextVersion(progress) - 1n });
    wanted.onCommit(progress);
    signal?.throwIfAborted();
  };
  for (;;) {
    const section = await nextSection(parts, progress, wanted);
    if (section === undefined) return { kind: "ended" };
    const { stream, target } = section;
    const outcome = await consumeStream({ streaming, stream, handle: (payload) => handle(payload, target), signal });
    if (outcome.kind !== "ended") return { ...outcome, progress, target };
  }
}

/** What is left of one epoch. */
interface Section {
  readonly stream: DataStream;
  /** What its outputs are proven in. */
  readonly target: Verified<LedgerInfoWithSignatures>;
}

async function nextSection(
  { ledger, streaming }: DriverParts,
  progress: LedgerProgress,
  { head, detour, lastVersion }: SectionsWanted,
): Promise<Section | undefined> {
  const firstVersion = nextVersion(progress);
  if (lastVersion !== undefined && firstVersion > lastVersion) return undefined;
  const ending = isAhead(detour, firstVersion) ? undefined : await ledger.epochEndingAt(firstVersion);
  // The store holds verified ledger infos only.
  const target = isAhead(detour, firstVersion) ? detour : ending === undefined ? head : markVerified(ending);
  if (!isAhead(target, firstVersion)) return undefined;
  const proofVersion = target.ledgerInfo.commitInfo.version;
  const last = lastVersion === undefined || lastVersion > proofVersion ? proofVersion : lastVersion;
  const stream = ending === undefined
    ? streaming.continuousOutputs({ knownVersion: firstVersion - 1n, target, lastVersion: last })
    : streaming.outputs({ firstVersion, lastVersion: last, proofVersion });
  return { stream, target };
}

function isAhead<T extends LedgerInfoWithSignatures>(target: T | undefined, firstVersion: bigint): target is T {
  return target !== undefined && target.ledgerInfo.commitInfo.version >= firstVersion;
}

function unexpected(kind: DataPayload["kind"]): SyncError {
  return new SyncError("RESPONSE_MISMATCH", `Cannot use notification: outputs are expected, current value is ${kind}`);
}
