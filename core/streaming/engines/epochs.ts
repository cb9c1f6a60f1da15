/**
 * Epoch-ending ledger infos of consecutive epochs.
 *
 * @module
 */
import { MAX_EPOCH_CHUNK } from "../../wire/limits.ts";
import { canonicalRangeFrom } from "../../wire/ranges.ts";
import type { StreamEngine } from "./engine.ts";

/**
 * Creates the engine.
 *
 * @param range.firstEpoch First epoch wanted.
 * @param range.lastEpoch Last epoch that some peer says it has; below `firstEpoch`, the stream is empty.
 */
export function createEpochEndingEngine(
  range: { readonly firstEpoch: bigint; readonly lastEpoch: bigint },
): StreamEngine<"getEpochEndingLedgerInfos"> {
  let nextEpoch = range.firstEpoch;
  return {
    nextRequest() {
      if (nextEpoch > range.lastEpoch) return undefined;
      const { first, count } = canonicalRangeFrom(nextEpoch, { maximum: MAX_EPOCH_CHUNK, last: range.lastEpoch });
      return { kind: "getEpochEndingLedgerInfos", firstEpoch: first, lastEpoch: first + BigInt(count) - 1n };
    },
    accept({ ledgerInfos }) {
      nextEpoch += BigInt(ledgerInfos.count);
      return { kind: "epochEndings", ledgerInfos };
    },
  };
}
