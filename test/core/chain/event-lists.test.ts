import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import { FRAMEWORK_ADDRESS } from "../../../core/chain/address.ts";
import { columnItems, decodeColumn, encodeColumn } from "../../../core/bytes/column.ts";
import { type ContractEvent, encodeContractEvent, encodeContractEvents } from "../../../core/chain/event.ts";
import { firstNewEpoch, hashEventLists, splitEvents } from "../../../core/chain/event-lists.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { anyEvent } from "../../helpers/state-arbitraries.ts";
import { APTOS } from "../../helpers/trust-context.ts";

const anyLists = fc.array(fc.array(anyEvent, { maxLength: 4 }), { maxLength: 5 });

describe("lists of events", () => {
  it("are split into single events and counts", () => {
    fc.assert(fc.property(anyLists, (lists) => {
      const split = splitEvents(encodeColumn(lists.map(encodeContractEvents)));
      expect(columnItems(split.events)).toEqual(lists.flat().map(encodeContractEvent));
      expect([...split.counts]).toEqual(lists.map((list) => list.length));
      expect(decodeColumn(split.events.bytes, 100)).toEqual(split.events);
    }));
  });

  it("of more than 127 events are split alike", () => {
    const list = Array.from({ length: 300 }, () => fc.sample(anyEvent, { seed: 7, numRuns: 1 })[0]!);
    const split = splitEvents(encodeColumn([encodeContractEvents(list), encodeContractEvents([])]));
    expect([...split.counts]).toEqual([300, 0]);
    expect(columnItems(split.events)).toEqual(list.map(encodeContractEvent));
  });

  it("are hashed event by event", () => {
    fc.assert(
      fc.property(anyLists, (lists) => {
        const { hashes, counts } = hashEventLists(APTOS, encodeColumn(lists.map(encodeContractEvents)));
        const events = lists.flat().map(encodeContractEvent);
        const expected = events.map((event) => APTOS.hasher.hash(APTOS.seeds.contractEvent, event));
        expect(hashes).toEqual(concatBytes(...expected));
        expect([...counts]).toEqual(lists.map((list) => list.length));
      }),
      { numRuns: 30 },
    );
  });

  const [event] = fc.sample(anyEvent, { seed: 1, numRuns: 1 }).map(encodeContractEvent) as [Uint8Array];
  it.each([
    ["an empty item", [new Uint8Array(0)]],
    ["an event less than it says", [concatBytes(Uint8Array.of(2), event)]],
    ["an event more than it says", [concatBytes(Uint8Array.of(1), event, event)]],
    ["an event across two items", [
      concatBytes(Uint8Array.of(1), event.subarray(0, 5)),
      concatBytes(event.subarray(5), Uint8Array.of(0)),
    ]],
    ["a variant that does not exist", [Uint8Array.of(1, 2, 0, 0)]],
  ])("are refused with %s", (_, items) => {
    expectSyncError(() => splitEvents(encodeColumn(items)), "MALFORMED_BCS");
    expectSyncError(() => firstNewEpoch(encodeColumn(items)), "MALFORMED_BCS");
  });

  it("are searched for the first that ends an epoch", () => {
    const struct = { address: FRAMEWORK_ADDRESS, module: "reconfiguration", name: "NewEpoch", typeArguments: [] };
    const newEpoch: ContractEvent = { kind: "v2", type: { kind: "struct", struct }, data: new Uint8Array(8) };
    const lists = fc.array(
      fc.array(fc.oneof({ weight: 8, arbitrary: anyEvent }, fc.constant(newEpoch)), { maxLength: 4 }),
    );
    fc.assert(fc.property(lists, (all) => {
      const expected = all.findIndex((list) => list.includes(newEpoch));
      expect(firstNewEpoch(encodeColumn(all.map(encodeContractEvents))) ?? -1).toBe(expected);
    }));
  });
});
