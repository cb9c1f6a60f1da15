/**
 * Moves a cursor past values that must be valid but are not needed: no objects, no views.
 *
 * @module
 */
import { utf8Text } from "../bytes/bytes.ts";
import type { BcsCursor } from "./bcs.ts";
import { HASH_BYTES } from "./hash.ts";

/**
 * Moves past length-prefixed bytes and returns the offset where the bytes themselves begin.
 *
 * @throws {SyncError} `MALFORMED_BCS` if they are not all there.
 */
export function skipByteString(cursor: BcsCursor): number {
  return cursor.skip(cursor.length());
}

/**
 * Moves past a UTF-8 string.
 *
 * @throws {SyncError} `MALFORMED_BCS` if it is not UTF-8.
 */
export function skipText(cursor: BcsCursor): void {
  const before = cursor.offset;
  const start = skipByteString(cursor);
  const { bytes, offset: end } = cursor;
  let high = 0;
  for (let i = start; i < end; i++) high |= bytes[i] as number;
  if (high < 0x80) return;
  try {
    utf8Text(bytes.subarray(start, end));
  } catch {
    cursor.offset = before;
    throw cursor.malformed("a string is not UTF-8");
  }
}

/**
 * Moves past an `Option` of 32 bytes and returns the offset where the bytes begin, or −1 for `None`.
 *
 * @throws {SyncError} `MALFORMED_BCS` if it is not one.
 */
export function skipOptionalHash(cursor: BcsCursor): number {
  return cursor.bool() ? cursor.skip(HASH_BYTES) : -1;
}
