/**
 * In which ledger info the data that comes after a known position is proven.
 *
 * Source: storage-service §3.3 of the reference. An answer never crosses the end of an epoch: who is still in an earlier
 * epoch than the head gets data up to its end, proven in the ledger info that ends it.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { LedgerReader } from "../ledger/reader.ts";
import type { KnownPosition } from "../wire/request-types.ts";
import { versionOf } from "./ledger-view.ts";
import { createLruMap } from "./lru-map.ts";

/** Finds the ledger info that ends an epoch; `undefined` if it is not here. */
export type FindEpochEnding = (epoch: bigint) => Promise<LedgerInfoWithSignatures | undefined>;

/** Clients that follow are in the newest epochs; one ending of 100 validators is about 20 KB. */
const MAX_REMEMBERED_ENDINGS = 16;

/** Finds epoch endings in a ledger: once for all that ask for the same, and remembers the last few, which never change. */
export function rememberingEpochEndings(reader: Pick<LedgerReader, "epochEndings">): FindEpochEnding {
  const remembered = createLruMap<bigint, Promise<LedgerInfoWithSignatures | undefined>>({
    maxEntries: MAX_REMEMBERED_ENDINGS,
  });
  const forget = (epoch: bigint) => () => remembered.delete(epoch);
  return (epoch) => {
    const known = remembered.get(epoch);
    if (known !== undefined) return known;
    const found = reader.epochEndings(epoch, 1).then(([ending]) => {
      if (ending === undefined) remembered.delete(epoch);
      return ending;
    });
    found.catch(forget(epoch));
    remembered.set(epoch, found);
    return found;
  };
}

/** Tells whether `latest` has anything after the known version. */
export function isBehind(
  { knownVersion }: KnownPosition,
  latest: LedgerInfoWithSignatures | undefined,
): latest is LedgerInfoWithSignatures {
  return latest !== undefined && versionOf(latest) > knownVersion;
}

/**
 * The ledger info in which to prove what comes after a known position that is behind the newest ledger info.
 *
 * @param known What the client holds, by its own account.
 * @param latest Newest ledger info.
 * @throws {SyncError} `INVALID_REQUEST` if the known version is not below the end of the known epoch: such a position
 *   does not exist, so waiting does not help.
 * @throws {SyncError} `NOT_SERVICEABLE` if the ending of the known epoch is not here; what reading it throws.
 */
export async function targetLedgerInfo(
  { knownVersion, knownEpoch }: KnownPosition,
  latest: LedgerInfoWithSignatures,
  findEnding: FindEpochEnding,
): Promise<LedgerInfoWithSignatures> {
  if (knownEpoch >= latest.ledgerInfo.commitInfo.epoch) return latest;
  const ending = await findEnding(knownEpoch);
  if (ending === undefined) {
    throw new SyncError("NOT_SERVICEABLE", `Cannot prove new data: the ending of epoch ${knownEpoch} is not here`);
  }
  const lastVersion = versionOf(ending);
  if (lastVersion > knownVersion) return ending;
  throw new SyncError(
    "INVALID_REQUEST",
    `Cannot continue after version ${knownVersion}: it does not respect an epoch boundary, epoch ${knownEpoch} ends at ${lastVersion}`,
    { detail: { lastVersion, knownVersion } },
  );
}
