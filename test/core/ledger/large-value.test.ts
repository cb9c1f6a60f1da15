import { describe, expect, it } from "vitest";
import { createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { equalBytes } from "../../../core/bytes/bytes.ts";
import { isSyncError } from "../../../core/errors.ts";
import { getManyLarge, partKey, putLarge } from "../../../core/ledger/large-value.ts";
import { MAX_VALUE_BYTES } from "../../../core/ports/ordered-kv.ts";

const key = (name: string) => Uint8Array.from(new TextEncoder().encode(name));

function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 997) bytes[i] = i & 255;
  return bytes;
}

describe("large values", () => {
  it.each([0, 1, MAX_VALUE_BYTES - 1, MAX_VALUE_BYTES, MAX_VALUE_BYTES + 1, 2 * MAX_VALUE_BYTES + 5])(
    "come back as they were with %i bytes, among neighbours",
    async (length) => {
      const kv = createMemoryKv();
      const value = pattern(length);
      await kv.commit([
        ...putLarge(key("a"), pattern(3)),
        ...putLarge(key("b"), value),
        ...putLarge(key("c"), pattern(4)),
      ]);
      const [b, missing, a] = await getManyLarge(kv, [key("b"), key("x"), key("a")]);
      expect(b !== undefined && equalBytes(b, value)).toBe(true);
      expect([missing, a]).toEqual([undefined, pattern(3)]);
    },
  );

  it("have a part for every full length and one more", () => {
    expect(putLarge(key("k"), pattern(7), 3)).toEqual([
      { put: partKey(key("k"), 0), value: pattern(7).subarray(0, 3) },
      { put: partKey(key("k"), 1), value: pattern(7).subarray(3, 6) },
      { put: partKey(key("k"), 2), value: pattern(7).subarray(6) },
    ]);
    expect(putLarge(key("k"), pattern(3), 3)).toHaveLength(2);
  });

  it("come back with their last part where they have all 256", async () => {
    const kv = createMemoryKv();
    const first = new Uint8Array(MAX_VALUE_BYTES);
    const rest = Array.from({ length: 255 }, (_, i) => ({ put: partKey(key("k"), i + 1), value: Uint8Array.of(i) }));
    await kv.commit([{ put: partKey(key("k"), 0), value: first }, ...rest, ...putLarge(key("l"), pattern(3))]);
    const [value] = await getManyLarge(kv, [key("k")]);
    expect(value?.subarray(MAX_VALUE_BYTES)).toEqual(Uint8Array.from({ length: 255 }, (_, i) => i));
  });

  it("are refused beyond 256 parts", () => {
    let error: unknown;
    try {
      putLarge(key("k"), pattern(512), 2);
    } catch (thrown) {
      error = thrown;
    }
    expect(isSyncError(error, "TOO_LARGE")).toBe(true);
    expect(putLarge(key("k"), pattern(511), 2)).toHaveLength(256);
  });
});
