/**
 * Where waiting requests find what is new: the ledger info to prove it in, and the list itself.
 *
 * A new version can make thousands of waiting requests ready in one moment. Those that know the same share one read.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { GetTransactionDataWithProof, KnownPosition } from "../wire/request-types.ts";
import type { SharedList } from "./answer-frames.ts";
import type { LedgerView } from "./ledger-view.ts";
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
   * What a derived request asks for, at least one item. Read only. Read in a turn of the answer room.
   *
   * @throws {SyncError} `PRUNED` if that was there once; what reading it throws.
   */
  list(request: GetTransactionDataWithProof): Promise<SharedList>;
}

/** Creates a source. */
export function createNewDataSource({ reader, frames, room }: WaitingParts): NewDataSource {
  const findEnding = rememberingEpochEndings(reader);
  return {
    async target(known, { latest }) {
      if (isBehind(known, latest)) return await targetLedgerInfo(known, latest, findEnding);
      throw new SyncError("INTERNAL", `Cannot answer: there is nothing after version ${known.knownVersion}`);
    },
    list: sharingReads((request) => room.turn(() => frames.list(request))),
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
