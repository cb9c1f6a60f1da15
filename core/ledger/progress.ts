/**
 * Reading where a ledger stands: two small values, decoded again only when they have changed.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import { decodeStored, readEpochEnding } from "./epoch-endings.ts";
import { decodeHeadRecord, type HeadRecord } from "./head-record.ts";
import { STORE_RECORD_KEY } from "./keys.ts";
import type { LedgerParts } from "./ledger-parts.ts";
import type { LedgerProgress } from "./reader.ts";
import { decodeStoreRecord, type StoreRecord } from "./store-record.ts";

/** Creates a function that reads the progress of a ledger. */
export function createProgressReader(parts: LedgerParts): () => Promise<LedgerProgress> {
  let known: { readonly store: Uint8Array; readonly head: Uint8Array; readonly progress: LedgerProgress } | undefined;
  return async () => {
    const [store, head] = await parts.kv.getMany([STORE_RECORD_KEY, parts.keys.head]);
    if (store === undefined || head === undefined) {
      throw new SyncError("STORAGE_CORRUPT", "Cannot read ledger: its records are missing");
    }
    if (known !== undefined && equalBytes(known.store, store) && equalBytes(known.head, head)) return known.progress;
    const progress = await decodeProgress(parts, decodeStoreRecord(store), decodeHeadRecord(head));
    known = { store, head, progress };
    return progress;
  };
}

async function decodeProgress(parts: LedgerParts, store: StoreRecord, head: HeadRecord): Promise<LedgerProgress> {
  const { profile } = parts.context;
  const latest = head.latestLedgerInfo === undefined ? undefined : decodeStored(head.latestLedgerInfo, profile);
  const ending = head.trustedEnding === undefined ? undefined : await trustedEnding(parts, head.trustedEnding);
  return {
    profile: store.profile,
    chain: store.chain,
    waypoint: store.waypoint,
    firstVersion: head.firstVersion,
    accumulator: head.accumulator,
    ...(head.preCommittedVersion === undefined ? {} : { preCommittedVersion: head.preCommittedVersion }),
    ...(latest === undefined
      ? {}
      : { committedVersion: latest.ledgerInfo.commitInfo.version, latestLedgerInfo: latest }),
    ...(ending?.ledgerInfo.commitInfo.nextEpochState === undefined
      ? {}
      : { epochState: ending.ledgerInfo.commitInfo.nextEpochState }),
    ...(head.epochEndings === undefined ? {} : { epochEndings: head.epochEndings }),
    ...(head.checkpointVersion === undefined ? {} : { checkpointVersion: head.checkpointVersion }),
  };
}

async function trustedEnding({ kv, keys, context }: LedgerParts, epoch: bigint): Promise<LedgerInfoWithSignatures> {
  const ending = await readEpochEnding(kv, keys, { epoch, profile: context.profile });
  if (ending === undefined) {
    throw new SyncError("STORAGE_CORRUPT", `Cannot read ledger: the ending of epoch ${epoch} is missing`);
  }
  return ending;
}
