/**
 * Values of any size over a store whose values end at 8 MiB: parts under one base key, each full but the last.
 *
 * Nearly every value has one part; a single transaction or state value may need more.
 *
 * @module
 */
import { concatBytes } from "../bytes/bytes.ts";
import { SyncError } from "../errors.ts";
import { type KvEntry, type KvOperation, MAX_VALUE_BYTES, type OrderedKv } from "../ports/ordered-kv.ts";
import { keysBetween } from "./keys.ts";

/** Parts are numbered by one byte: 2 GiB. */
const MAX_PARTS = 256;

/** Name of a large value: its key without the part number. */
export type LargeKey = Uint8Array;

/** Key of one part of a large value. */
export function partKey(key: LargeKey, part: number): Uint8Array {
  const bytes = new Uint8Array(key.length + 1);
  bytes.set(key);
  bytes[key.length] = part;
  return bytes;
}

/**
 * The operations that store a value. Meant for keys that are written once: parts of a longer value before it stay.
 *
 * @throws {SyncError} `TOO_LARGE` if it has 2 GiB or more.
 */
export function putLarge(key: LargeKey, value: Uint8Array, maxPartBytes: number = MAX_VALUE_BYTES): KvOperation[] {
  const parts = Math.floor(value.length / maxPartBytes) + 1;
  if (parts > MAX_PARTS) {
    throw new SyncError(
      "TOO_LARGE",
      `Cannot store value: at most ${MAX_PARTS * maxPartBytes - 1} bytes, current length is ${value.length}`,
    );
  }
  return Array.from({ length: parts }, (_, part) => ({
    put: partKey(key, part),
    value: value.subarray(part * maxPartBytes, (part + 1) * maxPartBytes),
  }));
}

/** The values at `keys`, in that order; `undefined` for those that are not there. One read where every value has one part. */
export async function getManyLarge(
  kv: OrderedKv,
  keys: readonly LargeKey[],
): Promise<(Uint8Array | undefined)[]> {
  const firstParts = await kv.getMany(keys.map((key) => partKey(key, 0)));
  return await Promise.all(
    firstParts.map((first, i) => first === undefined ? undefined : completeValue(kv, keys[i] as LargeKey, first)),
  );
}

/** A value from its first part: the rest is read if there is any. */
export async function completeValue(kv: OrderedKv, key: LargeKey, first: Uint8Array): Promise<Uint8Array> {
  if (first.length < MAX_VALUE_BYTES) return first;
  const rest: KvEntry[] = await kv.scan(keysBetween(partKey(key, 1), partKey(key, MAX_PARTS - 1)), {
    limit: MAX_PARTS,
  });
  return concatBytes(first, ...rest.map((entry) => entry.value));
}
