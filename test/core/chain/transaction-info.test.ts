import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import { encodeColumn } from "../../../core/bytes/column.ts";
import { ZERO_HASH } from "../../../core/chain/hash.ts";
import {
  decodeTransactionInfo,
  encodeTransactionInfo,
  type TransactionInfo,
} from "../../../core/chain/transaction-info.ts";
import { readTransactionInfoFields } from "../../../core/chain/transaction-info-fields.ts";
import { patternBytes } from "../../helpers/bytes.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { layoutContract } from "../../helpers/layout.ts";
import { anyTransactionInfo } from "../../helpers/state-arbitraries.ts";

const fieldsOf = (...items: Uint8Array[]) => readTransactionInfoFields(encodeColumn(items));

layoutContract("TransactionInfo", {
  arbitrary: anyTransactionInfo,
  encode: encodeTransactionInfo,
  decode: decodeTransactionInfo,
  accept: fieldsOf,
});

const INFO: TransactionInfo = {
  gasUsed: 5n,
  status: { kind: "success" },
  transactionHash: patternBytes(32, 1),
  eventRootHash: patternBytes(32, 2),
  stateChangeHash: patternBytes(32, 3),
};

describe("the fields of a column of infos", () => {
  it("are those of the infos, one flat list a kind", () => {
    fc.assert(fc.property(fc.array(anyTransactionInfo, { maxLength: 5 }), (infos) => {
      const list = (pick: (info: TransactionInfo) => Uint8Array | undefined) =>
        concatBytes(...infos.map((info) => pick(info) ?? ZERO_HASH));
      expect(fieldsOf(...infos.map(encodeTransactionInfo))).toEqual({
        count: infos.length,
        transactionHashes: list((info) => info.transactionHash),
        eventRootHashes: list((info) => info.eventRootHash),
        stateChangeHashes: list((info) => info.stateChangeHash),
        stateCheckpointHashes: list((info) => info.stateCheckpointHash),
        hasStateCheckpoint: Uint8Array.from(infos, (info) => Number(info.stateCheckpointHash !== undefined)),
        auxiliaryInfoHashes: list((info) => info.auxiliaryInfoHash),
        hasAuxiliaryInfo: Uint8Array.from(infos, (info) => Number(info.auxiliaryInfoHash !== undefined)),
      });
    }));
  });

  it("tell a hash of zeros from none", () => {
    const fields = fieldsOf(
      encodeTransactionInfo({ ...INFO, stateCheckpointHash: ZERO_HASH }),
      encodeTransactionInfo(INFO),
    );
    expect([...fields.hasStateCheckpoint]).toEqual([1, 0]);
  });

  it("are refused where infos cross the borders of their items", () => {
    const info = encodeTransactionInfo(INFO);
    expectSyncError(() => fieldsOf(info.subarray(0, 50), concatBytes(info.subarray(50), info)), "MALFORMED_BCS");
    expectSyncError(() => fieldsOf(concatBytes(info, info), new Uint8Array(0)), "MALFORMED_BCS");
  });
});

describe("an info of a layout of the future", () => {
  const v1 = encodeTransactionInfo({ ...INFO, v1: {} });

  it("is V1 with seven placeholders that are absent", () => {
    expect(v1.length).toBe(1 + 8 + 1 + 3 * 32 + 4 + 7);
    expect(decodeTransactionInfo(v1)).toEqual({ ...INFO, v1: {} });
  });

  it("is unsupported with a placeholder, or above V1", () => {
    const placeholder = concatBytes(v1.subarray(0, v1.length - 1), Uint8Array.of(1), ZERO_HASH);
    for (const bytes of [placeholder, concatBytes(Uint8Array.of(2), v1.subarray(1))]) {
      expectSyncError(() => decodeTransactionInfo(bytes), "UNSUPPORTED");
      expectSyncError(() => fieldsOf(bytes), "UNSUPPORTED");
    }
  });
});
