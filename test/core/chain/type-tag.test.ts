import { describe, expect, it } from "vitest";
import { decodeHex } from "../../../core/bytes/hex.ts";
import { BcsCursor, decodeBcs, encodeBcs } from "../../../core/chain/bcs.ts";
import {
  MAX_TYPE_TAG_NESTING,
  readStructTag,
  readTypeTag,
  skipStructTag,
  skipTypeTag,
  type TypeTag,
  writeStructTag,
  writeTypeTag,
} from "../../../core/chain/type-tag.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { layoutContract } from "../../helpers/layout.ts";
import { anyStructTag, anyTypeTag } from "../../helpers/state-arbitraries.ts";

layoutContract("TypeTag", {
  arbitrary: anyTypeTag(),
  encode: (tag) => encodeBcs((writer) => writeTypeTag(writer, tag)),
  decode: (bytes) => decodeBcs(bytes, readTypeTag),
  skip: skipTypeTag,
});

layoutContract("StructTag", {
  arbitrary: anyStructTag(),
  encode: (tag) => encodeBcs((writer) => writeStructTag(writer, tag)),
  decode: (bytes) => decodeBcs(bytes, readStructTag),
  skip: skipStructTag,
});

describe("a type", () => {
  it.each([
    ["00", "bool"],
    ["01", "u8"],
    ["02", "u64"],
    ["03", "u128"],
    ["04", "address"],
    ["05", "signer"],
    ["08", "u16"],
    ["09", "u32"],
    ["0a", "u256"],
    ["0c", "i8"],
    ["0d", "i16"],
    ["0e", "i32"],
    ["0f", "i64"],
    ["10", "i128"],
    ["11", "i256"],
  ])("%s is %s", (hex, kind) => {
    expect(decodeBcs(decodeHex(hex), readTypeTag)).toEqual({ kind });
  });

  it("of a variant to come is unsupported when read, and blamed on its source when walked over", () => {
    expectSyncError(() => readTypeTag(new BcsCursor(Uint8Array.of(18))), "UNSUPPORTED");
    expectSyncError(() => skipTypeTag(new BcsCursor(Uint8Array.of(18))), "MALFORMED_BCS");
  });

  const address = new Uint8Array(32);
  const wrappers: Record<string, (tag: TypeTag) => TypeTag> = {
    vector: (item) => ({ kind: "vector", item }),
    struct: (tag) => ({ kind: "struct", struct: { address, module: "m", name: "n", typeArguments: [tag] } }),
    function: (type) => ({
      kind: "function",
      function: { parameters: [], results: [{ kind: "value", type }], abilities: 0 },
    }),
  };
  const nested = (levels: number, wrap: (tag: TypeTag) => TypeTag) => {
    let tag: TypeTag = { kind: "u8" };
    for (let i = 0; i < levels; i++) tag = wrap(tag);
    return encodeBcs((writer) => writeTypeTag(writer, tag));
  };

  it.each(Object.entries(wrappers))("nests %ss eight levels deep and no deeper", (_, wrap) => {
    const deepest = nested(MAX_TYPE_TAG_NESTING, wrap);
    const tooDeep = nested(MAX_TYPE_TAG_NESTING + 1, wrap);
    decodeBcs(deepest, readTypeTag);
    decodeBcs(deepest, skipTypeTag);
    expectSyncError(() => decodeBcs(tooDeep, readTypeTag), "MALFORMED_BCS");
    expectSyncError(() => decodeBcs(tooDeep, skipTypeTag), "MALFORMED_BCS");
  });

  it("that nests without end is refused before the stack is", () => {
    for (const reader of [readTypeTag, skipTypeTag]) {
      const error = expectSyncError(() => reader(new BcsCursor(new Uint8Array(1_000_000).fill(6))), "MALFORMED_BCS");
      expect(error.message).toContain("nests");
    }
  });
});
