/**
 * Numbers in stored nodes: minimal LEB128, 0 to 2⁵³ − 1.
 *
 * @module
 */

/** Longest number, in bytes: eight hold 56 bits. */
export const MAX_NUMBER_BYTES = 8;

/** Bytes that are being read, and where. */
export interface ByteCursor {
  readonly bytes: Uint8Array;
  offset: number;
}

/**
 * Reads a number and moves behind it.
 *
 * @returns The number, or `undefined` if the bytes end early, are not minimal, or are more than {@link MAX_NUMBER_BYTES}.
 */
export function readNumber(cursor: ByteCursor): number | undefined {
  const { bytes } = cursor;
  let value = 0;
  let scale = 1;
  // Without a bound, enough empty bytes take `scale` to infinity and the number to NaN, which is above no limit.
  const end = Math.min(bytes.length, cursor.offset + MAX_NUMBER_BYTES);
  for (let offset = cursor.offset; offset < end; scale *= 128) {
    const byte = bytes[offset++] as number;
    value += (byte & 127) * scale;
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
    if (byte > 127) continue;
    if (byte === 0 && scale > 1) return undefined;
    cursor.offset = offset;
    return value;
  }
  return undefined;
}

/** Writes a number at `offset` and returns the offset behind it. */
export function writeNumber(out: Uint8Array, offset: number, value: number): number {
  let rest = value;
  let next = offset;
  for (; rest > 127; rest = Math.floor(rest / 128)) out[next++] = (rest % 128) | 128;
  out[next++] = rest;
  return next;
}
