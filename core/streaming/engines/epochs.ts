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
  let maximum = MAX_EPOCH_CHUNK;
  const plan = () => canonicalRangeFrom(nextEpoch, { maximum, last: range.lastEpoch });
  return {
    nextRequest() {
      if (nextEpoch > range.lastEpoch) return undefined;
      const { first, count } = plan();
      return { kind: "getEpochEndingLedgerInfos", firstEpoch: first, lastEpoch: first + BigInt(count) - 1n };
    },
    shorten() {
      const { count } = plan();
      maximum = count / 2;
      return maximum >= 1;
    },
    accept({ ledgerInfos }) {
      nextEpoch += BigInt(ledgerInfos.count);
      return { kind: "epochEndings", ledgerInfos };
    },
  };
}
