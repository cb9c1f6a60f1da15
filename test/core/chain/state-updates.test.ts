import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import { type Column, columnItem, encodeColumn } from "../../../core/bytes/column.ts";
import { HASH_BYTES } from "../../../core/chain/hash.ts";
import { sortHashes } from "../../../core/chain/hash-order.ts";
import { keyCode } from "../../../core/chain/key-code.ts";
import { createLastWrites } from "../../../core/chain/last-writes.ts";
import { encodeStateKey, type StateKey } from "../../../core/chain/state-key.ts";
import { collectStateUpdates, type StateUpdates } from "../../../core/chain/state-updates.ts";
import { encodeWriteSet } from "../../../core/chain/write-set.ts";
import { PLAIN_VALUE } from "../../../core/chain/write-set-walker.ts";
import { encodeHex } from "../../../core/bytes/hex.ts";
import { patternBytes } from "../../helpers/bytes.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { referenceStateUpdates, type ReferenceUpdate } from "../../helpers/reference-state-updates.ts";
import { anyEntries, anyStateKey, anyWriteSet } from "../../helpers/state-arbitraries.ts";
import { APTOS } from "../../helpers/trust-context.ts";

const raw = (...bytes: number[]): StateKey => ({ kind: "raw", key: Uint8Array.from(bytes) });
const writeSetsOf = (...items: Uint8Array[]) => [encodeColumn(items)];

function rows(updates: StateUpdates): ReferenceUpdate[] {
  const hash = (flat: Uint8Array, i: number) => flat.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
  return Array.from({ length: updates.count }, (_, i) => ({
    keyHash: hash(updates.keyHashes, i),
    stateKey: columnItem(updates.stateKeys, i),
    stateValue: columnItem(updates.stateValues, i),
    valueHash: hash(updates.valueHashes, i),
    version: updates.versions[i]!,
  }));
}

/** Few keys, so that writes meet. */
const fewKeys = fc.constantFrom(...fc.sample(anyStateKey, { seed: 5, numRuns: 6 }));
const anyColumns: fc.Arbitrary<Column[]> = fc.array(
  fc.array(anyEntries(fewKeys, 6).map((entries) => encodeWriteSet({ entries })), { maxLength: 4 }).map(encodeColumn),
  { maxLength: 4 },
);

describe("state updates", () => {
  it("are the last write of every key, as the reference has it", () => {
    fc.assert(
      fc.property(anyColumns, fc.bigInt({ min: 0n, max: 2n ** 60n }), (columns, firstVersion) => {
        const updates = collectStateUpdates(APTOS, columns, firstVersion);
        expect(rows(updates)).toEqual(referenceStateUpdates(APTOS, columns, firstVersion));
        expect(updates.keyHashes.length).toBe(updates.count * HASH_BYTES);
        expect(updates.valueHashes.length).toBe(updates.count * HASH_BYTES);
      }),
      { numRuns: 300 },
    );
  });

  it("are right for keys of every kind", () => {
    const columns = fc.array(anyWriteSet.map(encodeWriteSet), { maxLength: 5 }).map((items) => [encodeColumn(items)]);
    fc.assert(fc.property(columns, (list) => {
      expect(rows(collectStateUpdates(APTOS, list, 7n))).toEqual(referenceStateUpdates(APTOS, list, 7n));
    }));
  });

  it("are right for thousands of keys, most of them written twice", () => {
    const entry = (i: number, salt: number) => ({
      key: { kind: "tableItem" as const, handle: patternBytes(32, i % 7), key: Uint8Array.of(i & 255, i >> 8) },
      op: { kind: "modification" as const, data: patternBytes(i % 300, salt) },
    });
    const set = (first: number, count: number, salt: number) =>
      encodeWriteSet({ entries: Array.from({ length: count }, (_, i) => entry(first + i, salt)) });
    const columns = [encodeColumn([set(0, 2000, 1), set(500, 1500, 2)]), encodeColumn([set(100, 2400, 3)])];
    const updates = collectStateUpdates(APTOS, columns, 0n);
    expect(updates.opCount).toBe(2000 + 1500 + 2400);
    expect(rows(updates)).toEqual(referenceStateUpdates(APTOS, columns, 0n));
  });

  it("of nothing are nothing", () => {
    expect(collectStateUpdates(APTOS, [], 5n).count).toBe(0);
    expect(collectStateUpdates(APTOS, [encodeColumn([])], 5n).count).toBe(0);
    expect(collectStateUpdates(APTOS, writeSetsOf(encodeWriteSet({ entries: [] })), 5n).count).toBe(0);
  });

  it("have an empty value and a hash of zeros for a deletion, and the version of the last write", () => {
    const written = encodeWriteSet({ entries: [{ key: raw(1), op: { kind: "creation", data: Uint8Array.of(1) } }] });
    const deleted = encodeWriteSet({ entries: [{ key: raw(1), op: { kind: "deletion" } }] });
    const updates = collectStateUpdates(APTOS, writeSetsOf(written, deleted, encodeWriteSet({ entries: [] })), 10n);
    expect(updates).toMatchObject({ count: 1, versions: BigUint64Array.of(11n), valueHashes: new Uint8Array(32) });
    expect(columnItem(updates.stateValues, 0)).toEqual(new Uint8Array(0));
    const revived = collectStateUpdates(APTOS, writeSetsOf(deleted, written), 10n);
    expect(columnItem(revived.stateValues, 0)).toEqual(Uint8Array.of(0, 1, 1));
  });

  it("keep an empty value apart from a deletion", () => {
    const entries = [{ key: raw(1), op: { kind: "creation" as const, data: new Uint8Array(0) } }];
    const updates = collectStateUpdates(APTOS, writeSetsOf(encodeWriteSet({ entries })), 0n);
    expect(columnItem(updates.stateValues, 0)).toEqual(Uint8Array.of(0, 0));
    expect(updates.valueHashes).toEqual(APTOS.hasher.hash(APTOS.seeds.stateValue, Uint8Array.of(0, 0)));
  });

  it("are refused where a write set crosses the border of its item, or is not one", () => {
    const set = encodeWriteSet({ entries: [{ key: raw(1, 2, 3), op: { kind: "deletion" } }] });
    for (
      const items of [
        [set.subarray(0, 4), concatBytes(set.subarray(4), set)],
        [concatBytes(set, Uint8Array.of(0))],
        [new Uint8Array(0)],
        [concatBytes(set, set), new Uint8Array(0)],
      ]
    ) {
      expectSyncError(() => collectStateUpdates(APTOS, writeSetsOf(...items), 0n), "MALFORMED_BCS");
    }
    expectSyncError(() => collectStateUpdates(APTOS, writeSetsOf(Uint8Array.of(2, 0)), 0n), "UNSUPPORTED");
  });
});

describe("keys chosen to meet in the table", () => {
  /** Keys whose codes agree in the bits that a table looks at before it grows. */
  const meeting: StateKey[] = [];
  for (let i = 0; meeting.length < 60; i++) {
    const key = raw(i & 255, (i >> 8) & 255, i >> 16);
    const bytes = encodeStateKey(key);
    if ((keyCode(bytes, 0, bytes.length) & 0x3ff) === 0) meeting.push(key);
  }
  const write = (keys: readonly StateKey[], salt: number) =>
    encodeWriteSet({ entries: keys.map((key) => ({ key, op: { kind: "creation", data: patternBytes(9, salt) } })) });
  const others = Array.from({ length: 900 }, (_, i) => raw(1, 2, 3, i & 255, i >> 8));

  it("are recorded again once the table gives up on them", () => {
    const bytes = concatBytes(...meeting.map(encodeStateKey));
    const length = bytes.length / meeting.length;
    const writes = createLastWrites([bytes]);
    for (let item = 0; item < 3; item++) {
      for (let at = 0; at < bytes.length; at += length) {
        writes.put(0, item, PLAIN_VALUE, at, at + length, at + length);
      }
    }
    expect(writes.count).toBe(32 + 3 * (meeting.length - 32));
  });

  it.each([
    ["before it grows", [meeting, meeting, others]],
    ["after it grew", [others, meeting, meeting]],
    ["while it grows", [meeting, meeting, others, meeting, meeting.toReversed()]],
  ])("end with their last write all the same, written twice %s", (_, sets) => {
    const columns = writeSetsOf(...sets.map(write));
    expect(rows(collectStateUpdates(APTOS, columns, 0n))).toEqual(referenceStateUpdates(APTOS, columns, 0n));
  });
});

describe("the order of hashes", () => {
  const sorted = (hashes: readonly Uint8Array[]) =>
    hashes.map((hash, i) => [encodeHex(hash), i] as const)
      .sort(([left, i], [right, j]) => left < right ? -1 : left > right ? 1 : i - j).map(([, i]) => i);

  it("is ascending, first come first where they are equal", () => {
    const hash = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map(([a, b, c]) => {
      const bytes = new Uint8Array(HASH_BYTES);
      [bytes[0], bytes[4], bytes[31]] = [a * 85, b * 85, c * 85];
      return bytes;
    });
    fc.assert(fc.property(fc.array(hash, { maxLength: 30 }), (hashes) => {
      expect([...sortHashes(concatBytes(...hashes))]).toEqual(sorted(hashes));
    }));
  });

  it.each([0, 1, 2, 3, 255, 256, 257, 5000])("sorts %i of them", (count) => {
    const hashes = Array.from({ length: count }, (_, i) => patternBytes(HASH_BYTES, i));
    expect([...sortHashes(concatBytes(...hashes))]).toEqual(sorted(hashes));
  });
});
