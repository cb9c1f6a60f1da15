/**
 * Applies outputs from where the store stands up to the head: epoch by epoch, each proven at its own end, the open epoch at
 * the head.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { LedgerProgress } from "../ledger/reader.ts";
import type { DataPayload, DataStream } from "../streaming/stream.ts";
import { markVerified, type Verified } from "../trust/verified.ts";
import { consumeStream, type StreamOutcome } from "./consume-stream.ts";
import type { DriverParts } from "./parts.ts";
import { applyOutputs } from "./pipeline.ts";

/** How far to go. */
export interface OutputsWanted {
  /** Newest ledger info of the open epoch; absent if there is none beyond the newest epoch ending. */
  readonly head: Verified<LedgerInfoWithSignatures> | undefined;
  /** Goes before the epoch's ending or the head, for the one epoch that it is of: a lower one that a peer has. */
  readonly detour?: Verified<LedgerInfoWithSignatures> | undefined;
  /** Stop at this version, if the head is above it. */
  readonly lastVersion: bigint | undefined;
  /** Told after every commit. */
  readonly onCommit: (progress: LedgerProgress) => void;
  /** Ends the run between two commits. */
  readonly signal: AbortSignal | undefined;
}

/** How it ended; calling again goes on from the last commit. */
export interface OutputsOutcome {
  /** How the last stream ended. */
  readonly outcome: StreamOutcome;
  /** Version of the ledger info that the last stream was proven in; absent if there was nothing to fetch. */
  readonly targetVersion?: bigint;
}

/**
 * Applies everything up to the head, or to `lastVersion`.
 *
 * @throws {SyncError} What the store throws.
 */
export async function syncOutputs(parts: DriverParts, wanted: OutputsWanted): Promise<OutputsOutcome> {
  const { ledger, streaming } = parts;
  let progress = await ledger.progress();
  const handle = async (payload: DataPayload, target: Verified<LedgerInfoWithSignatures>) => {
    if (payload.kind !== "outputs" && payload.kind !== "continuousOutputs") throw unexpected(payload.kind);
    const { outputs } = payload;
    progress = await applyOutputs(parts.context, ledger, { outputs, ledgerInfo: target, progress });
    await parts.notifications.notifyCommit({ highestSyncedVersion: nextVersionOf(progress) - 1n });
    wanted.onCommit(progress);
    wanted.signal?.throwIfAborted();
  };
  for (;;) {
    const section = await nextSection(parts, progress, wanted);
    if (section === undefined) return { outcome: { kind: "ended" } };
    const { stream, target } = section;
    const { signal } = wanted;
    const outcome = await consumeStream({ streaming, stream, handle: (payload) => handle(payload, target), signal });
    if (outcome.kind !== "ended") return { outcome, targetVersion: target.ledgerInfo.commitInfo.version };
  }
}

/** The version after the last one written. */
export function nextVersionOf({ preCommittedVersion, firstVersion }: LedgerProgress): bigint {
  return preCommittedVersion === undefined ? firstVersion : preCommittedVersion + 1n;
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
  { head, detour, lastVersion }: OutputsWanted,
): Promise<Section | undefined> {
  const firstVersion = nextVersionOf(progress);
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
