import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asU64 } from "../../../core/wire/cbor.ts";
import { encodeFrame } from "../../../core/wire/frame.ts";
import { decodeResponse, encodeResponse } from "../../../core/wire/response.ts";
import {
  completeRange,
  isCompleteRange,
  rangeContains,
  type StorageServerSummary,
} from "../../../core/wire/summary.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { u64 } from "../../helpers/wire-arbitraries.ts";

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const CHAIN = new Uint8Array(32).fill(7);

function summaryWith(lowest: bigint, highest: bigint): StorageServerSummary {
  const range = { lowest, highest };
  return {
    protocolMetadata: {
      maxEpochChunkSize: 1,
      maxStateChunkSize: 1,
      maxTransactionChunkSize: 1,
      maxTransactionOutputChunkSize: 1,
    },
    dataSummary: { transactions: range, transactionOutputs: range, states: range, epochEndingLedgerInfos: range },
    snapshots: [],
  };
}

/** A frame with a summary whose ranges nobody has looked at. */
function summaryFrame(lowest: bigint, highest: bigint): Uint8Array {
  const range = [asU64(lowest), asU64(highest)];
  return encodeFrame(CHAIN, 6, [[1, 1, 1, 1], null, range, range, range, range, []]);
}

describe("the ranges of a summary", () => {
  it("complete_data_ranges: in order, and never all 2^64 values", () => {
    for (const [lowest, highest] of [[0n, 0n], [10n, 10n], [0n, 1n], [1n, U64_MAX], [U64_MAX, U64_MAX]] as const) {
      expect(completeRange(lowest, highest)).toEqual({ lowest, highest });
      expect(rangeContains({ lowest, highest }, lowest, highest)).toBe(true);
      expect(rangeContains({ lowest, highest }, lowest, highest + 1n)).toBe(false);
      expect(rangeContains({ lowest, highest }, lowest - 1n, highest)).toBe(false);
      expect(decodeResponse(summaryFrame(lowest, highest), { maxBytes: 1_000 }).response?.kind).toBe(
        "storageServerSummary",
      );
    }
    for (const [lowest, highest] of [[1n, 0n], [10n, 9n], [U64_MAX, 0n], [0n, U64_MAX]] as const) {
      expectSyncError(() => completeRange(lowest, highest), "INVALID_ARGUMENT");
      expectSyncError(() => decodeResponse(summaryFrame(lowest, highest), { maxBytes: 1_000 }), "MALFORMED_FRAME");
    }
  });

  it("data_summary_length_invariant: the length of every range is a u64, and survives the wire", () => {
    fc.assert(
      fc.property(u64, u64, (lowest, highest) => {
        if (!isCompleteRange(lowest, highest)) {
          expect(lowest > highest || highest - lowest === U64_MAX).toBe(true);
          return;
        }
        const range = completeRange(lowest, highest);
        const length = range.highest - range.lowest + 1n;
        expect(length >= 1n && length <= U64_MAX).toBe(true);
        const summary = summaryWith(lowest, highest);
        const frame = encodeResponse(CHAIN, { kind: "storageServerSummary", summary });
        expect(decodeResponse(frame, { maxBytes: 1_000 }).response).toEqual({ kind: "storageServerSummary", summary });
      }),
      { numRuns: 1_000, examples: [[0n, U64_MAX], [0n, U64_MAX - 1n], [1n, U64_MAX], [1n, 0n]] },
    );
  });
});
