import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocateColumn, offsetsOfLengths } from "../../../core/bytes/column-allocation.ts";
import { decodeColumn, encodeColumn } from "../../../core/bytes/column.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";

describe("a column allocated first and filled afterwards", () => {
  it("equals one made of the items", () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 9 }), (items) => {
      const column = allocateColumn(offsetsOfLengths(Uint32Array.from(items, (item) => item.length)));
      for (const [i, item] of items.entries()) column.data.set(item, column.offsets[i]);
      expect(column).toEqual(encodeColumn(items));
      expect(decodeColumn(column.bytes, items.length)).toEqual(column);
    }));
  });

  it("is refused at 4 GiB, before it is allocated", () => {
    expect(offsetsOfLengths(Uint32Array.of(0xffff_ffff, 0))).toEqual(Uint32Array.of(0, 0xffff_ffff, 0xffff_ffff));
    expectSyncError(() => offsetsOfLengths(Uint32Array.of(0xffff_ffff, 1)), "LIMIT_EXCEEDED");
  });
});
