/**
 * The events of many transactions: flat, as one column of single events and how many belong to each transaction; and which of
 * them ends an epoch.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import { allocateColumn } from "../bytes/column-allocation.ts";
import { Uint32List } from "../bytes/uint32-list.ts";
import { BcsCursor } from "./bcs.ts";
import { isNewEpochEvent, skipContractEvent } from "./event.ts";
import type { ChainContext } from "./hash.ts";

/** Least bytes of a `ContractEvent`: variant, type tag, length. */
const MIN_EVENT_BYTES = 3;

/** Single events and the number of them in each list. */
export interface SplitEvents {
  /** BCS `ContractEvent` each, those of the first list first. */
  readonly events: Column;
  /** Number of events of each list. */
  readonly counts: Uint32Array;
}

/** Hashes of single events and the number of them in each list. */
export interface EventHashes {
  /** 32 bytes an event, those of the first list first: the leaves of the event accumulators. */
  readonly hashes: Uint8Array;
  /** Number of events of each list. */
  readonly counts: Uint32Array;
}

/**
 * Splits lists of events, making no object per event.
 *
 * @param lists BCS `ContractEvent*` each. Not kept.
 * @throws {SyncError} `MALFORMED_BCS` if an item is not such a list and nothing else.
 */
export function splitEvents(lists: Column): SplitEvents {
  const { count, offsets, data } = lists;
  const cursor = new BcsCursor(data);
  const counts = new Uint32Array(count);
  const starts = new Uint32Array(count);
  const ends = new Uint32List();
  ends.push(0);
  let prefixBytes = 0;
  for (let i = 0; i < count; i++) {
    const listed = cursor.length(MIN_EVENT_BYTES);
    counts[i] = listed;
    starts[i] = cursor.offset;
    prefixBytes += cursor.offset - (offsets[i] as number);
    for (let event = 0; event < listed; event++) {
      skipContractEvent(cursor);
      ends.push(cursor.offset - prefixBytes);
    }
    if (cursor.offset !== offsets[i + 1]) throw uneven(cursor, i);
  }
  const events = allocateColumn(ends.toArray());
  let at = 0;
  for (let i = 0; i < count; i++) {
    const [start, end] = [starts[i] as number, offsets[i + 1] as number];
    if (start === end) continue;
    events.data.set(data.subarray(start, end), at);
    at += end - start;
  }
  return { events, counts };
}

/**
 * Hashes the events of many transactions in one batch.
 *
 * @param lists BCS `ContractEvent*` each. Not kept.
 * @throws {SyncError} `MALFORMED_BCS` as {@link splitEvents}.
 */
export function hashEventLists(context: ChainContext, lists: Column): EventHashes {
  const { events, counts } = splitEvents(lists);
  return { hashes: context.hasher.hashColumn(context.seeds.contractEvent, events), counts };
}

/**
 * Index of the first list with an event that ends an epoch; `undefined` if there is none. Copies nothing.
 *
 * @param lists BCS `ContractEvent*` each.
 * @throws {SyncError} `MALFORMED_BCS` as {@link splitEvents}, of the lists up to that one.
 */
export function firstNewEpoch(lists: Column): number | undefined {
  const cursor = new BcsCursor(lists.data);
  for (let i = 0; i < lists.count; i++) {
    for (let left = cursor.length(MIN_EVENT_BYTES); left > 0; left--) {
      const start = cursor.offset;
      skipContractEvent(cursor);
      if (isNewEpochEvent(cursor.since(start))) return i;
    }
    if (cursor.offset !== lists.offsets[i + 1]) throw uneven(cursor, i);
  }
  return undefined;
}

function uneven(cursor: BcsCursor, list: number): Error {
  return cursor.malformed(`event list ${list} is not as long as its item`);
}
