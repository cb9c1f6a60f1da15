import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes } from "../../../core/bytes/bytes.ts";
import { columnItems, encodeColumn } from "../../../core/bytes/column.ts";
import { compareRange, pageOf, planPages } from "../../../core/ledger/page-index.ts";

const name = fc.uint8Array({ maxLength: 6 });
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 60, selector: (bytes) => bytes.join() })
  .map((list) => [...list].sort(compareBytes));

function plan(list: readonly Uint8Array[], size: number, targetBytes: number) {
  const items = { count: list.length, nameAt: (i: number) => list[i]!, sizeAt: () => size };
  return planPages(items, targetBytes);
}

describe("pages", () => {
  it("hold every item once, in order, and the index finds the page of each", () => {
    fc.assert(fc.property(names, fc.integer({ min: 1, max: 40 }), (list, target) => {
      const { pages, separators } = plan(list, 10, target);
      expect(pages.flatMap(({ first, count }) => list.slice(first, first + count))).toEqual(list);
      expect(separators.count).toBe(pages.length);
      pages.forEach(({ first, count }, page) => {
        expect(count === 1 || count * 10 <= target).toBe(true);
        for (const item of list.slice(first, first + count)) expect(pageOf(separators, item)).toBe(page);
      });
    }));
  });

  it("are told apart by no more bytes than it takes", () => {
    const list = ["aaaa", "aaab", "b", "bcdefgh"].map((text) => new TextEncoder().encode(text));
    const separators = columnItems(plan(list, 1, 1).separators).map((bytes) => new TextDecoder().decode(bytes));
    expect(separators).toEqual(["", "aaab", "b", "bc"]);
  });

  it("are none for no items", () => {
    const { pages, separators } = plan([], 1, 1);
    expect(pages).toEqual([]);
    expect(pageOf(separators, new Uint8Array(3))).toBeUndefined();
    expect(pageOf(encodeColumn([]), new Uint8Array(0))).toBeUndefined();
  });

  it("compare in place as byte strings do", () => {
    fc.assert(fc.property(name, name, name, (before, left, right) => {
      const data = new Uint8Array([...before, ...left, 255, 0]);
      const order = compareRange(data, before.length, before.length + left.length, right);
      expect(Math.sign(order)).toBe(Math.sign(compareBytes(left, right)));
    }));
  });
});
