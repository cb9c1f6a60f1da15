/**
 * What a run of write sets does to the state: the last write of every key, flat, sorted by key hash.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import { allocateColumn, offsetsOfLengths } from "../bytes/column-allocation.ts";
import { copyRange } from "../bytes/copy-range.ts";
import { BcsCursor } from "./bcs.ts";
import { type ChainContext, HASH_BYTES } from "./hash.ts";
import { sortHashes } from "./hash-order.ts";
import { createLastWrites, type LastWrites } from "./last-writes.ts";
import { copyStateKeyPreimage, stateKeyPreimageLength } from "./state-key.ts";
import { DELETION, walkWriteSet, type WriteVisitor } from "./write-set-walker.ts";

/** The last write of every key that a run of write sets touches, ascending by key hash. */
export interface StateUpdates {
  /** Number of keys. */
  readonly count: number;
  /** 32·count bytes, strictly ascending. */
  readonly keyHashes: Uint8Array;
  /** BCS `StateKey` each. */
  readonly stateKeys: Column;
  /** BCS `StateValue` each; an empty item is a deletion. */
  readonly stateValues: Column;
  /** 32·count bytes; zeros for a deletion. */
  readonly valueHashes: Uint8Array;
  /** Version of the last write of each key. */
  readonly versions: BigUint64Array;
  /** Number of changes before all but the last of each key were dropped. */
  readonly opCount: number;
}

/**
 * Validates write sets and collects what they do to the state.
 *
 * Hash and compare the write sets with trusted infos first: `UNSUPPORTED` blames nobody. Hashes each key once and only the
 * last value of each, in two batches.
 *
 * @param writeSets BCS `WriteSet` each; the columns follow each other. Not kept.
 * @param firstVersion Version of the first item of the first column.
 * @throws {SyncError} `MALFORMED_BCS` if one is not a canonical write set; `UNSUPPORTED` if one is of a layout that this
 *   build does not know.
 */
export function collectStateUpdates(
  context: ChainContext,
  writeSets: readonly Column[],
  firstVersion: bigint,
): StateUpdates {
  const sources = writeSets.map((column) => column.data);
  const writes = createLastWrites(sources);
  const opCount = walkColumns(writeSets, writes);
  const unsorted = hashKeys(context, sources, writes);
  const order = lastOfEqual(unsorted, sortHashes(unsorted), writes);
  const stateValues = valueColumn(sources, writes, order);
  return {
    count: order.length,
    keyHashes: hashesInOrder(unsorted, order),
    stateKeys: keyColumn(sources, writes, order),
    stateValues,
    valueHashes: hashValues(context, stateValues),
    versions: BigUint64Array.from(order, (write) => firstVersion + BigInt(writes.item(write))),
    opCount,
  };
}

/** Walks every write set; returns the number of changes in them. */
function walkColumns(writeSets: readonly Column[], writes: LastWrites): number {
  let opCount = 0;
  let item = 0;
  writeSets.forEach(({ count, offsets, data }, source) => {
    const cursor = new BcsCursor(data);
    const visit: WriteVisitor = (effect, keyStart, keyEnd, valueEnd) =>
      writes.put(source, item, effect, keyStart, keyEnd, valueEnd);
    for (let i = 0; i < count; i++, item++) {
      opCount += walkWriteSet(cursor, visit);
      if (cursor.offset !== offsets[i + 1]) throw cursor.malformed(`write set ${i} is not as long as its item`);
    }
  });
  return opCount;
}

function hashKeys(context: ChainContext, sources: readonly Uint8Array[], writes: LastWrites): Uint8Array {
  const lengths = new Uint32Array(writes.count);
  for (let i = 0; i < writes.count; i++) {
    const source = sources[writes.source(i)] as Uint8Array;
    lengths[i] = stateKeyPreimageLength(source, writes.keyStart(i), writes.keyEnd(i));
  }
  const preimages = allocateColumn(offsetsOfLengths(lengths));
  for (let i = 0; i < writes.count; i++) {
    const source = sources[writes.source(i)] as Uint8Array;
    const at = preimages.offsets[i] as number;
    copyStateKeyPreimage(source, writes.keyStart(i), writes.keyEnd(i), preimages.data, at);
  }
  return context.hasher.hashColumn(context.seeds.stateKey, preimages);
}

/**
 * Keeps, of writes with equal key hashes, the last one. Equal keys meet here only when the table gave up on one, which
 * takes chosen keys.
 */
function lastOfEqual(hashes: Uint8Array, order: Uint32Array, writes: LastWrites): Uint32Array {
  let kept = 0;
  for (const write of order) {
    const previous = kept > 0 ? (order[kept - 1] as number) : -1;
    if (previous < 0 || !equalHashes(hashes, previous, write)) order[kept++] = write;
    else if (writes.item(write) > writes.item(previous)) order[kept - 1] = write;
  }
  return order.subarray(0, kept);
}

function equalHashes(hashes: Uint8Array, left: number, right: number): boolean {
  const [a, b] = [left * HASH_BYTES, right * HASH_BYTES];
  for (let i = 0; i < HASH_BYTES; i++) if (hashes[a + i] !== hashes[b + i]) return false;
  return true;
}

function hashesInOrder(hashes: Uint8Array, order: Uint32Array): Uint8Array {
  const sorted = new Uint8Array(order.length * HASH_BYTES);
  for (let i = 0; i < order.length; i++) {
    const start = (order[i] as number) * HASH_BYTES;
    copyRange(hashes, start, start + HASH_BYTES, sorted, i * HASH_BYTES);
  }
  return sorted;
}

function keyColumn(sources: readonly Uint8Array[], writes: LastWrites, order: Uint32Array): Column {
  const column = allocateColumn(offsetsOfLengths(order.map((i) => writes.keyEnd(i) - writes.keyStart(i))));
  order.forEach((i, place) => {
    const source = sources[writes.source(i)] as Uint8Array;
    copyRange(source, writes.keyStart(i), writes.keyEnd(i), column.data, column.offsets[place] as number);
  });
  return column;
}

/** A state value is its variant byte, then the change as it stands after its own variant byte. */
function valueColumn(sources: readonly Uint8Array[], writes: LastWrites, order: Uint32Array): Column {
  const lengths = order.map((i) => writes.effect(i) === DELETION ? 0 : writes.valueEnd(i) - writes.valueStart(i));
  const column = allocateColumn(offsetsOfLengths(lengths));
  order.forEach((i, place) => {
    if (lengths[place] === 0) return;
    const at = column.offsets[place] as number;
    column.data[at] = writes.effect(i);
    const source = sources[writes.valueSource(i)] as Uint8Array;
    copyRange(source, writes.valueStart(i) + 1, writes.valueEnd(i), column.data, at + 1);
  });
  return column;
}

function hashValues(context: ChainContext, values: Column): Uint8Array {
  const hashes = context.hasher.hashColumn(context.seeds.stateValue, values);
  for (let i = 0; i < values.count; i++) {
    if (values.offsets[i] === values.offsets[i + 1]) hashes.fill(0, i * HASH_BYTES, (i + 1) * HASH_BYTES);
  }
  return hashes;
}
