import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import { encodeColumn } from "../../../core/bytes/column.ts";
import { encodeHex } from "../../../core/bytes/hex.ts";
import { decodeAuxiliaryInfo, encodeAuxiliaryInfo, hashAuxiliaryInfos } from "../../../core/chain/auxiliary-info.ts";
import { ZERO_HASH } from "../../../core/chain/hash.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { layoutContract } from "../../helpers/layout.ts";
import { anyU32 } from "../../helpers/state-arbitraries.ts";
import { APTOS } from "../../helpers/trust-context.ts";

layoutContract("PersistedAuxiliaryInfo", {
  arbitrary: fc.oneof(
    fc.constant({ kind: "none" as const }),
    fc.record({ kind: fc.constant("v1" as const), transactionIndex: anyU32 }),
  ),
  encode: encodeAuxiliaryInfo,
  decode: decodeAuxiliaryInfo as never,
  isUnknown: (info: { readonly kind: string }) => info.kind === "unknown",
});

describe("hashes of auxiliary infos", () => {
  const none = Uint8Array.of(0);
  const first = Uint8Array.of(1, 0, 0, 0, 0);
  const newer = Uint8Array.of(2, 9, 9);

  it("are the published ones, and none for None", () => {
    const { hashes, has } = hashAuxiliaryInfos(APTOS, encodeColumn([none, first, none]));
    expect([...has]).toEqual([0, 1, 0]);
    expect(hashes.subarray(0, 32)).toEqual(ZERO_HASH);
    expect(encodeHex(hashes.subarray(32, 64))).toBe("2110f2ab9257012d59345cf91a8446e970bc91b93444aefc643f55f3867552f9");
    expect(hashes.subarray(64)).toEqual(ZERO_HASH);
  });

  it("cover newer layouts as they are", () => {
    const { hashes, has } = hashAuxiliaryInfos(APTOS, encodeColumn([newer, first]));
    expect([...has]).toEqual([1, 1]);
    expect(hashes.subarray(0, 32)).toEqual(APTOS.hasher.hash(APTOS.seeds.persistedAuxiliaryInfo, newer));
    expect(decodeAuxiliaryInfo(newer)).toEqual({ kind: "unknown", variant: 2, bytes: newer });
    expect(encodeAuxiliaryInfo(decodeAuxiliaryInfo(newer))).toEqual(newer);
  });

  it.each([
    ["an empty item", [new Uint8Array(0)]],
    ["bytes behind None", [Uint8Array.of(0, 0)]],
    ["a short V1", [Uint8Array.of(1, 0, 0, 0)]],
    ["a long V1", [concatBytes(first, none)]],
    ["a V1 across two items", [Uint8Array.of(1, 0), Uint8Array.of(0, 0, 0)]],
    ["a variant that is not minimal", [Uint8Array.of(0x82, 0)]],
  ])("are refused for %s", (_, items) => {
    expectSyncError(() => hashAuxiliaryInfos(APTOS, encodeColumn(items)), "MALFORMED_BCS");
  });
});
