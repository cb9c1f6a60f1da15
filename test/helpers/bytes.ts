/**
 * Bytes for tests: the same every time.
 *
 * @module
 */

/** `length` bytes that do not repeat soon and differ from one `salt` to the next. */
export function patternBytes(length: number, salt = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (salt * 0x9e37_79b1 + 0x7f4a_7c15) >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A copy of `bytes` with bit `bit` flipped; bit 0 is the lowest of the first byte. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}
