import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Uint32List } from "../../../core/bytes/uint32-list.ts";

describe("Uint32List", () => {
  it("holds what was pushed, however much", () => {
    const values = Uint32Array.from({ length: 1000 }, (_, i) => i * 4_000_000);
    const list = new Uint32List();
    for (const value of values) list.push(value);
    expect(list.length).toBe(1000);
    expect(list.toArray()).toEqual(values);
    expect(list.at(999)).toBe(values[999]);
  });

  it("behaves like an array whose missing items are 0", () => {
    const place = fc.nat({ max: 20 });
    fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), place, fc.nat())), (calls) => {
      const list = new Uint32List();
      const model: number[] = [];
      for (const [push, index, value] of calls) {
        if (push) {
          list.push(value);
          model.push(value);
        } else {
          list.set(index, value);
          if (index < model.length) model[index] = value;
        }
        expect(list.at(index)).toBe(model[index] ?? 0);
      }
      expect([...list.toArray()]).toEqual(model);
    }));
  });

  it("hands out copies", () => {
    const list = new Uint32List();
    list.push(1);
    list.toArray()[0] = 9;
    expect(list.at(0)).toBe(1);
  });
});
