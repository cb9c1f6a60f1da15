import { describe, expect, it } from "vitest";
import { decodeHex, encodeHex } from "../../../core/bytes/hex.ts";
import { BcsCursor } from "../../../core/chain/bcs.ts";
import { decodeStateValue, encodeStateValue, skipStateValue } from "../../../core/chain/state-value.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { layoutContract } from "../../helpers/layout.ts";
import { anyStateValue } from "../../helpers/state-arbitraries.ts";

layoutContract("StateValue", {
  arbitrary: anyStateValue,
  encode: encodeStateValue,
  decode: decodeStateValue,
  skip: skipStateValue,
});

describe("metadata", () => {
  const data = Uint8Array.of(0xaa);
  const times = { slotDeposit: 1n, creationTimeUsecs: 3n };

  it("without a deposit for bytes is V0, with one V1", () => {
    expect(encodeHex(encodeStateValue({ data }))).toBe("0001aa");
    expect(encodeHex(encodeStateValue({ data, metadata: { ...times, bytesDeposit: 0n } }))).toBe(
      "0101aa0001000000000000000300000000000000",
    );
    expect(encodeHex(encodeStateValue({ data, metadata: { ...times, bytesDeposit: 2n } }))).toBe(
      "0101aa01010000000000000002000000000000000300000000000000",
    );
  });

  it("that says V1 and a deposit of zero is refused: the chain hashes it as V0", () => {
    const spelling = decodeHex("0101aa01010000000000000000000000000000000300000000000000");
    const error = expectSyncError(() => decodeStateValue(spelling), "MALFORMED_BCS");
    expect(error.detail["offset"]).toBe(3);
    expectSyncError(() => skipStateValue(new BcsCursor(spelling)), "MALFORMED_BCS");
  });
});
