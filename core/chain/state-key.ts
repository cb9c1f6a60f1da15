/**
 * State keys: what a value of the state is stored under.
 *
 * A key has two encodings: BCS, in which it travels, and the shorter one that is hashed, which carries no length of a
 * table key and marks raw keys with 255.
 *
 * @module
 */
import { compareBytes } from "../bytes/bytes.ts";
import type { Column } from "../bytes/column.ts";
import { allocateColumn, offsetsOfLengths } from "../bytes/column-allocation.ts";
import { copyRange } from "../bytes/copy-range.ts";
import { ADDRESS_BYTES } from "./address.ts";
import { BcsCursor, type BcsWriter, decodeBcs, encodeBcs } from "./bcs.ts";
import { skipByteString } from "./bcs-skip.ts";
import type { ChainContext } from "./hash.ts";
import { encodeStatePath, skipStatePath } from "./state-path.ts";
import type { StructTag } from "./type-tag.ts";

/** A decoded state key. */
export type StateKey =
  | { readonly kind: "accessPath"; readonly address: Uint8Array; /** BCS of a state path. */ readonly path: Uint8Array }
  | { readonly kind: "tableItem"; readonly handle: Uint8Array; readonly key: Uint8Array }
  | { readonly kind: "raw"; readonly key: Uint8Array };

const ACCESS_PATH = 0;
const TABLE_ITEM = 1;
const RAW = 2;
const RAW_PREIMAGE_TAG = 255;

/** Key of the resource of type `type` at a 32-byte `address`. */
export function resourceStateKey(address: Uint8Array, type: StructTag): StateKey {
  return { kind: "accessPath", address, path: encodeStatePath({ kind: "resource", type }) };
}

/**
 * Reads a `StateKey`. Its parts are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one, or its path is not canonical.
 */
export function readStateKey(cursor: BcsCursor): StateKey {
  switch (cursor.variant(RAW + 1, "StateKey")) {
    case ACCESS_PATH: {
      const address = cursor.raw(ADDRESS_BYTES);
      const start = skipPath(cursor);
      return { kind: "accessPath", address, path: cursor.since(start) };
    }
    case TABLE_ITEM:
      return { kind: "tableItem", handle: cursor.raw(ADDRESS_BYTES), key: cursor.byteString() };
    default:
      return { kind: "raw", key: cursor.byteString() };
  }
}

/**
 * Decodes a key that takes up all of `bytes`.
 *
 * @throws {SyncError} `MALFORMED_BCS` as {@link readStateKey}.
 */
export function decodeStateKey(bytes: Uint8Array): StateKey {
  return decodeBcs(bytes, readStateKey);
}

/** Writes a `StateKey`. */
function writeStateKey(writer: BcsWriter, key: StateKey): void {
  switch (key.kind) {
    case "accessPath":
      writer.uleb128(ACCESS_PATH).raw(key.address).byteString(key.path);
      return;
    case "tableItem":
      writer.uleb128(TABLE_ITEM).raw(key.handle).byteString(key.key);
      return;
    case "raw":
      writer.uleb128(RAW).byteString(key.key);
  }
}

/** BCS of a key. */
export function encodeStateKey(key: StateKey): Uint8Array<ArrayBuffer> {
  return encodeBcs((writer) => writeStateKey(writer, key));
}

/**
 * Moves past a `StateKey` with every check of {@link readStateKey}.
 *
 * @throws {SyncError} `MALFORMED_BCS` as {@link readStateKey}.
 */
export function skipStateKey(cursor: BcsCursor): void {
  switch (cursor.variant(RAW + 1, "StateKey")) {
    case ACCESS_PATH:
      cursor.skip(ADDRESS_BYTES);
      skipPath(cursor);
      return;
    case TABLE_ITEM:
      cursor.skip(ADDRESS_BYTES);
      skipByteString(cursor);
      return;
    default:
      skipByteString(cursor);
  }
}

/**
 * 32-byte hash of one key.
 *
 * @param key BCS of the key, and nothing else.
 * @throws {SyncError} `MALFORMED_BCS` as {@link readStateKey}.
 */
export function hashStateKey(context: ChainContext, key: Uint8Array): Uint8Array {
  decodeBcs(key, skipStateKey);
  const preimage = new Uint8Array(stateKeyPreimageLength(key, 0, key.length));
  copyStateKeyPreimage(key, 0, key.length, preimage, 0);
  return context.hasher.hash(context.seeds.stateKey, preimage);
}

/**
 * Hashes of all keys of a column, in one batch.
 *
 * @param keys Each item BCS of one key.
 * @returns 32·count bytes.
 * @throws {SyncError} `MALFORMED_BCS` as {@link readStateKey}.
 */
export function hashStateKeys(context: ChainContext, keys: Column): Uint8Array {
  const { count, offsets, data } = keys;
  const cursor = new BcsCursor(data);
  const lengths = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    skipStateKey(cursor);
    if (cursor.offset !== offsets[i + 1]) throw cursor.malformed(`state key ${i} is not as long as its item`);
    lengths[i] = stateKeyPreimageLength(data, offsets[i] as number, cursor.offset);
  }
  const preimages = allocateColumn(offsetsOfLengths(lengths));
  for (let i = 0; i < count; i++) {
    const [start, end] = [offsets[i] as number, offsets[i + 1] as number];
    copyStateKeyPreimage(data, start, end, preimages.data, preimages.offsets[i] as number);
  }
  return context.hasher.hashColumn(context.seeds.stateKey, preimages);
}

/** Length of the hashed encoding of the valid key at `data[start .. end)`, in bytes. */
export function stateKeyPreimageLength(data: Uint8Array, start: number, end: number): number {
  const tag = data[start];
  if (tag === ACCESS_PATH) return end - start;
  const fixed = tag === TABLE_ITEM ? 1 + ADDRESS_BYTES : 1;
  return fixed + end - payloadStart(data, start + fixed);
}

/** Writes the hashed encoding of the valid key at `data[start .. end)` to `target` from offset `at` on. */
export function copyStateKeyPreimage(
  data: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): void {
  const tag = data[start];
  if (tag === ACCESS_PATH) {
    copyRange(data, start, end, target, at);
    return;
  }
  const fixed = tag === TABLE_ITEM ? 1 + ADDRESS_BYTES : 1;
  copyRange(data, start, start + fixed, target, at);
  if (tag === RAW) target[at] = RAW_PREIMAGE_TAG;
  copyRange(data, payloadStart(data, start + fixed), end, target, at + fixed);
}

/**
 * Order of keys as values, in which sets of keys are serialized: by variant, then field by field. Not the order of maps,
 * which is that of the serialized bytes.
 *
 * @param left BCS of a valid key.
 * @param right BCS of a valid key.
 */
export function compareStateKeys(left: Uint8Array, right: Uint8Array): number {
  const byTag = (left[0] as number) - (right[0] as number);
  if (byTag !== 0) return byTag;
  const fixed = left[0] === RAW ? 1 : 1 + ADDRESS_BYTES;
  const byAddress = compareBytes(left.subarray(1, fixed), right.subarray(1, fixed));
  if (byAddress !== 0) return byAddress;
  return compareBytes(left.subarray(payloadStart(left, fixed)), right.subarray(payloadStart(right, fixed)));
}

/** Moves past a length-prefixed path and returns the offset where the path itself begins. */
function skipPath(cursor: BcsCursor): number {
  const length = cursor.length();
  const start = cursor.offset;
  skipStatePath(cursor);
  if (cursor.offset !== start + length) throw cursor.malformed("a state path is not as long as it says");
  return start;
}

/** Where the bytes begin whose minimal ULEB128 length stands at `offset`. */
function payloadStart(data: Uint8Array, offset: number): number {
  let next = offset;
  while ((data[next] as number) >= 0x80) next++;
  return next + 1;
}
