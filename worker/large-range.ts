/**
 * Which requests are worth a look into the bucket of large answers.
 *
 * Only ranges of epochs and versions are: of these the ledger alone decides how many there are, so anybody may fill the
 * bucket with all of them. State chunks are not, though they are immutable too: each checkpoint has its own, nearly the same
 * as those of the last one, so who asks for all of them would have the operator pay for a copy of the state a checkpoint.
 *
 * @module
 */
import { isSyncError } from "../core/errors.ts";
import type { TransactionDataType } from "../core/wire/data-type.ts";
import { MAX_EPOCH_CHUNK, MAX_OUTPUT_CHUNK, MAX_TRANSACTION_CHUNK } from "../core/wire/limits.ts";
import { requestOfPath } from "../core/wire/paths.ts";
import { isCanonicalRange } from "../core/wire/ranges.ts";

/**
 * Least items of a range that may have a copy in the bucket: of fewer, each would need 16 KiB for an answer that is stored.
 * A look that finds nothing costs a read of R2 and its time.
 */
const MIN_ITEMS = 16n;

/**
 * Tells whether the answer to a path may be large, immutable and one of few: epochs, transactions or outputs of a whole
 * aligned block. A client at the head asks for exact ranges up to it, which are not; a block cut short by the end of its
 * epoch would be, but looks the same and is rare.
 */
export function isLargeRange(path: string): boolean {
  try {
    const { request } = requestOfPath(path);
    if (request.kind === "getEpochEndingLedgerInfos") {
      return isBlock(request.firstEpoch, request.lastEpoch, MAX_EPOCH_CHUNK);
    }
    return request.kind === "getTransactionDataWithProof" &&
      isBlock(request.firstVersion, request.lastVersion, mostVersions(request.dataType));
  } catch (error) {
    if (isSyncError(error, "INVALID_REQUEST")) return false;
    throw error;
  }
}

function mostVersions({ kind }: TransactionDataType): number {
  return kind === "transactions" ? MAX_TRANSACTION_CHUNK : MAX_OUTPUT_CHUNK;
}

/** Tells whether a range is an aligned block. A longer one than its kind may have is cut, and never immutable. */
function isBlock(first: bigint, last: bigint, maximum: number): boolean {
  const count = last - first + 1n;
  // Nothing is clipped: what ends elsewhere than its block is none.
  return count >= MIN_ITEMS && isCanonicalRange({ first, last }, { maximum, last: last + 1n });
}
