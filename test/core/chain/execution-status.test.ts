import { describe, expect, it } from "vitest";
import { decodeHex } from "../../../core/bytes/hex.ts";
import { decodeBcs, encodeBcs } from "../../../core/chain/bcs.ts";
import {
  readExecutionStatus,
  skipExecutionStatus,
  writeExecutionStatus,
} from "../../../core/chain/execution-status.ts";
import { layoutContract } from "../../helpers/layout.ts";
import { anyStatus } from "../../helpers/state-arbitraries.ts";

layoutContract("ExecutionStatus", {
  arbitrary: anyStatus,
  encode: (status) => encodeBcs((writer) => writeExecutionStatus(writer, status)),
  decode: (bytes) => decodeBcs(bytes, readExecutionStatus),
  skip: skipExecutionStatus,
});

describe("a status", () => {
  it("has codes of 64 bits", () => {
    expect(decodeBcs(decodeHex("0401ffffffffffffffff"), readExecutionStatus)).toEqual({
      kind: "miscellaneousError",
      statusCode: 2n ** 64n - 1n,
    });
    expect(decodeBcs(decodeHex("0201070000000000000000"), readExecutionStatus)).toEqual({
      kind: "moveAbort",
      location: { kind: "script" },
      code: 7n,
    });
  });
});
