/**
 * Short codes of keys for tables in memory.
 *
 * @module
 */

/**
 * A 32-bit code of `bytes[start .. end)`, 0 to 2³² − 1: equal for equal bytes, and spread evenly over those of honest keys.
 *
 * Not a cryptographic hash: bytes with equal codes are easily found, so a table must bound its searches.
 */
export function keyCode(bytes: Uint8Array, start: number, end: number): number {
  let code = end - start;
  for (let i = start; i < end; i++) {
    code = Math.imul(code ^ (bytes[i] as number), 0x0100_0193);
    code = (code << 7) | (code >>> 25);
  }
  code = Math.imul(code ^ (code >>> 16), 0x85eb_ca6b);
  return (code ^ (code >>> 13)) >>> 0;
}
