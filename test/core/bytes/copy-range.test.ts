import { describe, expect, it } from "vitest";
import { copyRange } from "../../../core/bytes/copy-range.ts";
import { patternBytes } from "../../helpers/bytes.ts";

describe("copyRange", () => {
  it.each([0, 1, 95, 96, 97, 1000])("copies %i bytes and no more", (length) => {
    const source = patternBytes(length + 10);
    const target = new Uint8Array(length + 10).fill(0xee);
    copyRange(source, 4, 4 + length, target, 3);
    expect(target.subarray(3, 3 + length)).toEqual(source.subarray(4, 4 + length));
    expect([...target.subarray(0, 3), ...target.subarray(3 + length)]).toEqual(Array(10).fill(0xee));
  });
});
