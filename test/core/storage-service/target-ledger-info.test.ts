import { describe, expect, it } from "vitest";
import {
  isBehind,
  rememberingEpochEndings,
  targetLedgerInfo,
} from "../../../core/storage-service/target-ledger-info.ts";
import { unsignedLedgerInfo } from "../../helpers/unsigned-ledger-info.ts";

const ENDING = unsignedLedgerInfo(5n, 1n, { endsEpoch: true });

/** A store that holds the ending of epoch 1, and counts how often it is asked. */
function storeOf(endings = [ENDING]) {
  const asked: bigint[] = [];
  return {
    asked,
    epochEndings: async (epoch: bigint) => {
      asked.push(epoch);
      return endings.filter(({ ledgerInfo }) => ledgerInfo.commitInfo.epoch === epoch);
    },
  };
}

describe("the target ledger info", () => {
  // Reference line 30: what peers with versions 1, 5 and 10 in epoch 1 are given.
  it("is there for those alone that know less than the newest ledger info", async () => {
    const positions = [1n, 5n, 10n].map((knownVersion) => ({ knownVersion, knownEpoch: 1n }));
    const findEnding = rememberingEpochEndings(storeOf());
    expect(positions.map((known) => isBehind(known, undefined))).toEqual([false, false, false]);
    const early = unsignedLedgerInfo(2n, 1n);
    expect(positions.map((known) => isBehind(known, early))).toEqual([true, false, false]);
    expect(await targetLedgerInfo({ knownVersion: 1n, knownEpoch: 1n }, early, findEnding)).toBe(early);
    const late = unsignedLedgerInfo(100n, 2n);
    expect(positions.map((known) => isBehind(known, late))).toEqual([true, true, true]);
    const beyond = targetLedgerInfo({ knownVersion: 10n, knownEpoch: 1n }, late, findEnding);
    await expect(beyond).rejects.toMatchObject({ code: "INVALID_REQUEST" });
  });

  it("ends the epoch of those who are in an earlier one; who claims to be beyond that is refused", async () => {
    const findEnding = rememberingEpochEndings(storeOf());
    const late = unsignedLedgerInfo(100n, 2n);
    const target = (knownVersion: bigint, knownEpoch = 1n) => {
      return targetLedgerInfo({ knownVersion, knownEpoch }, late, findEnding);
    };
    expect(await target(1n)).toBe(ENDING);
    expect(await target(4n)).toBe(ENDING);
    for (const knownVersion of [5n, 10n]) {
      await expect(target(knownVersion)).rejects.toMatchObject({
        code: "INVALID_REQUEST",
        message: expect.stringContaining("does not respect an epoch boundary"),
      });
    }
    expect(await target(5n, 2n)).toBe(late);
    expect(await target(50n, 3n)).toBe(late);
  });

  it("is the newest ledger info for those in its epoch, also where that ends it", async () => {
    const store = storeOf();
    const findEnding = rememberingEpochEndings(store);
    expect(await targetLedgerInfo({ knownVersion: 2n, knownEpoch: 1n }, ENDING, findEnding)).toBe(ENDING);
    expect(store.asked).toEqual([]);
  });

  it("is not there where the ending is not", async () => {
    const findEnding = rememberingEpochEndings(storeOf([]));
    const known = { knownVersion: 1n, knownEpoch: 1n };
    await expect(targetLedgerInfo(known, unsignedLedgerInfo(100n, 2n), findEnding)).rejects.toMatchObject({
      code: "NOT_SERVICEABLE",
    });
  });
});

describe("epoch endings", () => {
  it("are read once for all that ask, and remembered", async () => {
    const store = storeOf();
    const findEnding = rememberingEpochEndings(store);
    const found = await Promise.all(Array.from({ length: 1_000 }, () => findEnding(1n)));
    expect(new Set(found)).toEqual(new Set([ENDING]));
    expect(await findEnding(1n)).toBe(ENDING);
    expect(store.asked).toEqual([1n]);
  });

  it("that are not there, or cannot be read, are looked for again", async () => {
    const store = storeOf([]);
    const missing = rememberingEpochEndings(store);
    expect([await missing(1n), await missing(1n)]).toEqual([undefined, undefined]);
    expect(store.asked).toEqual([1n, 1n]);
    let attempts = 0;
    const failing = rememberingEpochEndings({
      epochEndings: async () => {
        if (attempts++ === 0) throw new Error("the disk is gone");
        return [ENDING];
      },
    });
    await expect(failing(1n)).rejects.toThrow("the disk is gone");
    expect(await failing(1n)).toBe(ENDING);
  });

  it("are remembered for the last epochs asked for alone", async () => {
    const endings = Array.from({ length: 40 }, (_, epoch) => {
      return unsignedLedgerInfo(BigInt(epoch), BigInt(epoch), { endsEpoch: true });
    });
    const store = storeOf(endings);
    const findEnding = rememberingEpochEndings(store);
    for (let epoch = 0n; epoch < 40n; epoch++) await findEnding(epoch);
    store.asked.length = 0;
    await findEnding(39n);
    expect(store.asked).toEqual([]);
    await findEnding(0n);
    expect(store.asked).toEqual([0n]);
  });
});
