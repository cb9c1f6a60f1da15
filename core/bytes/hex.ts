/**
 * Lower-case hexadecimal, for people and paths. Never used between components.
 *
 * @module
 */
import { SyncError } from "../errors.ts";

const DIGITS = "0123456789abcdef";

/** Lower-case hex of `bytes`, two digits a byte, without `0x`. */
export function encodeHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += DIGITS.charAt(byte >> 4) + DIGITS.charAt(byte & 15);
  return text;
}

/**
 * Bytes of lower-case hex, without `0x`.
 *
 * @param text Two digits a byte. Upper case is refused, so that one value has one spelling.
 * @param byteLength The length demanded, in bytes; any even number of digits if absent.
 * @throws {SyncError} `INVALID_ARGUMENT` if `text` is anything else.
 */
export function decodeHex(text: string, byteLength?: number): Uint8Array<ArrayBuffer> {
  if (byteLength !== undefined && text.length !== 2 * byteLength) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot read hex: needs ${2 * byteLength} digits, current value has ${text.length}`,
    );
  }
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) {
    throw new SyncError("INVALID_ARGUMENT", "Cannot read hex: only pairs of 0-9 and a-f are allowed");
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
