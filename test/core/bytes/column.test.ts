import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import {
  columnItem,
  columnItems,
  concatColumns,
  decodeColumn,
  encodeColumn,
  itemLength,
  sliceColumn,
} from "../../../core/bytes/column.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";

const items = fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 9 });
const u32 = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);

describe("a column", () => {
  it("is a count, offsets from 0, and the items", () => {
    const expected = concatBytes(u32(3, 0, 2, 2, 3), Uint8Array.of(1, 2, 3));
    expect(encodeColumn([Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)]).bytes).toEqual(expected);
    expect(encodeColumn([]).bytes).toEqual(u32(0, 0));
  });

  it("comes back as the same items, at any offset of a buffer", () => {
    fc.assert(fc.property(items, fc.nat({ max: 7 }), (list, offset) => {
      const { bytes } = encodeColumn(list);
      const buffer = concatBytes(new Uint8Array(offset), bytes, Uint8Array.of(7));
      const column = decodeColumn(buffer.subarray(offset, offset + bytes.length), list.length);
      expect(columnItems(column)).toEqual(list);
      expect(list.map((_, index) => itemLength(column, index))).toEqual(list.map(({ length }) => length));
      expect(column.bytes).toEqual(bytes);
    }));
  });

  it("is read in place and copied when made", () => {
    const item = Uint8Array.of(1);
    const { bytes } = encodeColumn([item]);
    item[0] = 9;
    const column = decodeColumn(bytes, 1);
    expect(columnItem(column, 0)).toEqual(Uint8Array.of(1));
    expect(columnItem(column, 0).buffer).toBe(bytes.buffer);
  });

  it.each([
    ["fewer than 8 bytes", u32(0)],
    ["no room for the offsets", u32(2, 0, 0)],
    ["a first offset above 0", concatBytes(u32(1, 1, 1), Uint8Array.of(5))],
    ["offsets that decrease", concatBytes(u32(2, 0, 2, 1), Uint8Array.of(5))],
    ["items missing", u32(1, 0, 1)],
    ["bytes left over", concatBytes(u32(1, 0, 0), Uint8Array.of(5))],
    ["bytes behind no items", concatBytes(u32(0, 0), Uint8Array.of(5))],
  ])("is refused with %s", (_, bytes) => {
    expectSyncError(() => decodeColumn(bytes, 10), "MALFORMED_FRAME");
  });

  it("is refused before anything is allocated when it claims too many items", () => {
    expectSyncError(() => decodeColumn(u32(0xffff_ffff, 0), 10), "LIMIT_EXCEEDED");
    expectSyncError(() => decodeColumn(u32(10, 0), 10), "MALFORMED_FRAME");
    expectSyncError(() => decodeColumn(u32(11, 0), 10), "LIMIT_EXCEEDED");
  });

  it("has no items outside its range", () => {
    const column = encodeColumn([Uint8Array.of(1)]);
    for (const index of [-1, 1, 0.5]) expectSyncError(() => columnItem(column, index), "INVALID_ARGUMENT");
  });
});

describe("sliceColumn", () => {
  it("equals a column of the items in the range", () => {
    fc.assert(fc.property(items, fc.nat({ max: 9 }), fc.nat({ max: 9 }), (list, first, count) => {
      const column = encodeColumn(list);
      if (first + count > list.length) {
        expectSyncError(() => sliceColumn(column, first, count), "INVALID_ARGUMENT");
      } else {
        expect(sliceColumn(column, first, count)).toEqual(encodeColumn(list.slice(first, first + count)));
      }
    }));
  });

  it("refuses a negative range", () => {
    expectSyncError(() => sliceColumn(encodeColumn([new Uint8Array(0)]), 1, -1), "INVALID_ARGUMENT");
  });
});

describe("concatColumns", () => {
  it("equals a column of all items", () => {
    fc.assert(fc.property(fc.array(items, { maxLength: 4 }), (lists) => {
      expect(concatColumns(lists.map(encodeColumn))).toEqual(encodeColumn(lists.flat()));
    }));
  });
});
