import { describe, expect, it } from "vitest";
import { columnItems, encodeColumn } from "../../../core/bytes/column.ts";
import { assertChunkShape, sliceTransactionChunk } from "../../../core/chain/transaction-chunk.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";

const COLUMNS = ["transactions", "infos", "events", "writeSets", "auxiliaryInfos"] as const;
const column = (salt: number, count = 4) =>
  encodeColumn(Array.from({ length: count }, (_, i) => Uint8Array.of(salt, i)));
const CHUNK = {
  firstVersion: 10n,
  count: 4,
  transactions: column(1),
  infos: column(2),
  events: column(3),
  writeSets: column(4),
  auxiliaryInfos: column(5),
};

describe("a chunk", () => {
  it("is sliced in every column", () => {
    const slice = sliceTransactionChunk(CHUNK, 1, 2);
    expect([slice.firstVersion, slice.count]).toEqual([11n, 2]);
    COLUMNS.forEach((name, i) => {
      expect(columnItems(slice[name])).toEqual([Uint8Array.of(i + 1, 1), Uint8Array.of(i + 1, 2)]);
    });
    expectSyncError(() => sliceTransactionChunk(CHUNK, 3, 2), "INVALID_ARGUMENT");
  });

  it("has as many items in every column as it says", () => {
    assertChunkShape(CHUNK);
    for (const name of COLUMNS) {
      for (const count of [3, 5]) {
        expectSyncError(() => assertChunkShape({ ...CHUNK, [name]: column(9, count) }), "RESPONSE_MISMATCH");
      }
    }
  });
});
