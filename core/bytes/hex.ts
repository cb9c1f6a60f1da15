/**
 * Lower-case hexadecimal, for people and paths. Never used between components.
 *
 * @module
 */
import { SyncError } from "../errors.ts";

const DIGITS = "0123456789abcdef";
/** What is no digit, in {@link DIGIT_VALUES}. */
const NO_DIGIT = 0xff;
/** Value of a digit by its character code. A look-up, because every path with a hash in it is decoded. */
const DIGIT_VALUES: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 0x80 }, (_, code) => {
  const value = DIGITS.indexOf(String.fromCharCode(code));
  return value < 0 ? NO_DIGIT : value;
});

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
  const bytes = new Uint8Array(text.length >> 1);
  let seen = text.length % 2 === 0 ? 0 : NO_DIGIT;
  for (let i = 0; i < bytes.length; i++) {
    const [high, low] = [digitValue(text, 2 * i), digitValue(text, 2 * i + 1)];
    seen |= high | low;
    bytes[i] = (high << 4) | low;
  }
  if (seen > 0xf) throw new SyncError("INVALID_ARGUMENT", "Cannot read hex: only pairs of 0-9 and a-f are allowed");
  return bytes;
}

function digitValue(text: string, index: number): number {
  return DIGIT_VALUES[text.charCodeAt(index)] ?? NO_DIGIT;
}
