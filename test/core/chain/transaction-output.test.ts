import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHex } from "../../../core/bytes/hex.ts";
import { decodeTransactionOutput, encodeTransactionOutput } from "../../../core/chain/transaction-output.ts";
import { layoutContract } from "../../helpers/layout.ts";
import { anyEvent, anyStatus, anyU64, anyWriteSet } from "../../helpers/state-arbitraries.ts";

layoutContract("TransactionOutput", {
  arbitrary: fc.record({
    writeSet: anyWriteSet,
    events: fc.array(anyEvent, { maxLength: 2 }),
    gasUsed: anyU64,
    status: fc.oneof(
      fc.record({ kind: fc.constant("discard" as const), statusCode: anyU64 }),
      fc.record({ kind: fc.constant("keep" as const), status: anyStatus }),
      fc.record({ kind: fc.constant("retry" as const) }),
    ),
  }),
  encode: encodeTransactionOutput,
  decode: decodeTransactionOutput,
});

describe("the output of a transaction", () => {
  it("ends with gas and what becomes of it", () => {
    expect(decodeTransactionOutput(decodeHex("0000" + "00" + "0900000000000000" + "0100"))).toEqual({
      writeSet: { entries: [] },
      events: [],
      gasUsed: 9n,
      status: { kind: "keep", status: { kind: "success" } },
    });
    const { status } = decodeTransactionOutput(decodeHex("0000" + "00" + "0000000000000000" + "000700000000000080"));
    expect(status).toEqual({ kind: "discard", statusCode: 0x8000_0000_0000_0007n });
  });
});
