/**
 * Where waiting requests find what is new: the ledger info to prove it in, and the list itself.
 *
 * A new version can make thousands of waiting requests ready in one moment. Those that know the same share one read, and of
 * the rest only so many have theirs in memory together.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { GetTransactionDataWithProof, KnownPosition, WaitingRequest } from "../wire/request-types.ts";
import type { AnswerFrames, SharedList } from "./answer-frames.ts";
import type { LedgerView } from "./ledger-view.ts";
import { derivedRequest } from "./new-data.ts";
import { requestKey } from "./request-key.ts";
import { isBehind, rememberingEpochEndings, targetLedgerInfo } from "./target-ledger-info.ts";
import type { WaitingParts } from "./waiting-parts.ts";

/** Finds new data. */
export interface NewDataSource {
  /**
   * The ledger info to prove it in.
   *
   * @param known A position below the newest ledger info of `view`.
   * @throws {SyncError} What {@link targetLedgerInfo} throws.
   */
  target(known: KnownPosition, view: LedgerView): Promise<LedgerInfoWithSignatures>;
  /**
   * What comes after `knownVersion`, at least one item. Read only.
   *
   * @throws {SyncError} `PRUNED` if that was there once; what reading it throws.
   */
  list(request: WaitingRequest, knownVersion: bigint, target: LedgerInfoWithSignatures): Promise<SharedList>;
}

/** With a GET's worth of 4 MiB each that is 128 MiB; more at once would not be faster on any store. */
const MAX_CONCURRENT_READS = 32;

/** Creates a source. */
export function createNewDataSource({ reader, frames, config }: WaitingParts): NewDataSource {
  const findEnding = rememberingEpochEndings(reader);
  const read = sharingReads(boundedReads(frames));
  return {
    async target(known, { latest }) {
      if (isBehind(known, latest)) return await targetLedgerInfo(known, latest, findEnding);
      throw new SyncError("INTERNAL", `Cannot answer: there is nothing after version ${known.knownVersion}`);
    },
    list: (request, knownVersion, target) => read(derivedRequest(request, { knownVersion, target }, config)),
  };
}

type ReadList = (request: GetTransactionDataWithProof) => Promise<SharedList>;

/** Equal reads at the same time are one. */
function sharingReads(read: ReadList): ReadList {
  const underWay = new Map<string, Promise<SharedList>>();
  return (request) => {
    const key = requestKey(request);
    const same = underWay.get(key);
    if (same !== undefined) return same;
    const list = read(request).finally(() => underWay.delete(key));
    underWay.set(key, list);
    return list;
  };
}

/** Those above the bound wait for their turn, in order. */
function boundedReads(frames: Pick<AnswerFrames, "list">): ReadList {
  const turns: (() => void)[] = [];
  let running = 0;
  return async (request) => {
    if (running === MAX_CONCURRENT_READS) await new Promise<void>((resolve) => turns.push(resolve));
    else running++;
    try {
      return await frames.list(request);
    } finally {
      // Who is next takes over this place, so the number of those that run stays the same.
      const next = turns.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
