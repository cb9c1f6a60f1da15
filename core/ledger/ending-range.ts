/**
 * Which epoch endings a store holds, and what storing more of them does.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { KvOperation } from "../ports/ordered-kv.ts";
import { formatWaypoint, type Waypoint, waypointOf } from "../trust/waypoint.ts";
import { firstOfUnbroken, readEpochEndings } from "./epoch-endings.ts";
import type { HeadRecord } from "./head-record.ts";
import { u64 } from "./keys.ts";
import type { LedgerParts } from "./ledger-parts.ts";
import { nextVersion } from "./reader.ts";

/** Epochs whose endings are stored without a gap. */
export interface EndingRange {
  readonly firstEpoch: bigint;
  readonly lastEpoch: bigint;
}

/** The operations that store one epoch ending. */
export function putEpochEnding({ keys }: LedgerParts, info: LedgerInfoWithSignatures): KvOperation[] {
  const { epoch, version } = info.ledgerInfo.commitInfo;
  return [
    { put: keys.epochEnding(epoch), value: info.bytes },
    { put: keys.epochEnd(version), value: u64(epoch) },
  ];
}

/**
 * The range after the ending of `epoch` is added. Endings below the range, which a replay of the data finds, count from
 * the moment they reach it without a gap.
 */
export async function extendRange(
  { kv, keys }: LedgerParts,
  range: EndingRange | undefined,
  epoch: bigint,
): Promise<EndingRange> {
  if (range === undefined) return { firstEpoch: epoch, lastEpoch: epoch };
  if (epoch === range.lastEpoch + 1n) return { ...range, lastEpoch: epoch };
  if (epoch + 1n !== range.firstEpoch) return range;
  return { ...range, firstEpoch: await firstOfUnbroken(kv, keys, epoch) };
}

/**
 * Demands that a list of epoch endings continues what is stored.
 *
 * @returns Those that are new.
 * @throws {SyncError} `EPOCH_MISMATCH`, `PROOF_MISMATCH`, `WAYPOINT_MISMATCH` as `LedgerWriter.storeEpochEndings`.
 */
export async function newEndings(
  parts: LedgerParts,
  list: readonly LedgerInfoWithSignatures[],
  known: { readonly head: HeadRecord; readonly waypoint: Waypoint },
): Promise<LedgerInfoWithSignatures[]> {
  assertConsecutive(list);
  const [first] = list;
  if (first === undefined) return [];
  const range = known.head.epochEndings;
  if (range === undefined) {
    const actual = waypointOf(parts.context, first.ledgerInfo);
    if (actual.version !== known.waypoint.version || !equalBytes(actual.value, known.waypoint.value)) {
      throw new SyncError(
        "WAYPOINT_MISMATCH",
        `Cannot store epoch endings: the first must be ${formatWaypoint(known.waypoint)}, it is ${
          formatWaypoint(actual)
        }`,
      );
    }
    return [...list];
  }
  const { epoch } = first.ledgerInfo.commitInfo;
  if (epoch < range.firstEpoch || epoch > range.lastEpoch + 1n) {
    throw mismatch(`epochs ${range.firstEpoch} to ${range.lastEpoch} are stored, the list begins at ${epoch}`);
  }
  const overlap = Math.min(Number(range.lastEpoch - epoch + 1n), list.length);
  await assertSame(parts, list.slice(0, overlap));
  const added = list.slice(overlap);
  if (overlap === 0) await assertFollows(parts, range, first);
  const version = added[0]?.ledgerInfo.commitInfo.version;
  if (version !== undefined && version < nextVersion(known.head)) {
    throw mismatch(`version ${version} is written already and ends no epoch`);
  }
  return added;
}

/** Every element ends its epoch, begins the next one, and lies above the one before. */
function assertConsecutive(list: readonly LedgerInfoWithSignatures[]): void {
  list.forEach((info, i) => {
    const { epoch, version, nextEpochState } = info.ledgerInfo.commitInfo;
    if (nextEpochState?.epoch !== epoch + 1n) throw mismatch(`version ${version} does not end epoch ${epoch}`);
    const previous = list[i - 1]?.ledgerInfo.commitInfo;
    if (previous === undefined) return;
    if (epoch !== previous.epoch + 1n || version <= previous.version) {
      throw mismatch(`epoch ${epoch} at version ${version} does not follow ${previous.epoch} at ${previous.version}`);
    }
  });
}

async function assertSame(parts: LedgerParts, list: readonly LedgerInfoWithSignatures[]): Promise<void> {
  const [first] = list;
  if (first === undefined) return;
  const firstEpoch = first.ledgerInfo.commitInfo.epoch;
  const { kv, keys, context } = parts;
  const stored = await readEpochEndings(kv, keys, { firstEpoch, count: list.length, profile: context.profile });
  list.forEach((info, i) => {
    const known = stored[i];
    if (known !== undefined && equalBytes(known.ledgerInfoBytes, info.ledgerInfoBytes)) return;
    throw new SyncError("PROOF_MISMATCH", `Cannot store epoch endings: epoch ${firstEpoch + BigInt(i)} ends otherwise`);
  });
}

async function assertFollows(parts: LedgerParts, range: EndingRange, first: LedgerInfoWithSignatures): Promise<void> {
  const { kv, keys, context } = parts;
  const wanted = { firstEpoch: range.lastEpoch, count: 1, profile: context.profile };
  const stored = await readEpochEndings(kv, keys, wanted);
  assertConsecutive([...stored, first]);
}

function mismatch(reason: string): SyncError {
  return new SyncError("EPOCH_MISMATCH", `Cannot store epoch endings: ${reason}`);
}
