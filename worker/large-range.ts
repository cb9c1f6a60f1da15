/**
 * Which requests are worth a look into the bucket of large answers.
 *
 * @module
 */
import { isSyncError } from "../core/errors.ts";
import { MAX_STATE_CHUNK } from "../core/wire/limits.ts";
import { requestOfPath } from "../core/wire/paths.ts";
import { isCanonicalRange } from "../core/wire/ranges.ts";

/**
 * Least items of a range that may have a copy in the bucket: of fewer, each would need 16 KiB for an answer that is stored.
 * A look that finds nothing costs a read of R2 and its time.
 */
const MIN_ITEMS = 16n;

/**
 * Tells whether the answer to a path may be large and immutable: epochs, states, transactions or outputs of a whole aligned
 * block. A client at the head asks for exact ranges up to it, which are not; a block cut short by the end of its epoch
 * would be, but looks the same and is rare.
 */
export function isLargeRange(path: string): boolean {
  try {
    const { request } = requestOfPath(path);
    if (request.kind === "getEpochEndingLedgerInfos") return isBlock(request.firstEpoch, request.lastEpoch);
    if (request.kind === "getStateValuesWithProof") return isBlock(request.firstIndex, request.lastIndex);
    return request.kind === "getTransactionDataWithProof" && isBlock(request.firstVersion, request.lastVersion);
  } catch (error) {
    if (isSyncError(error, "INVALID_REQUEST")) return false;
    throw error;
  }
}

function isBlock(first: bigint, last: bigint): boolean {
  const count = last - first + 1n;
  // Nothing is clipped: what ends elsewhere than its block is none. No kind of answer has more items than state chunks.
  return count >= MIN_ITEMS && isCanonicalRange({ first, last }, { maximum: MAX_STATE_CHUNK, last: last + 1n });
}
