/**
 * Plain byte-string helpers. Pure; nothing here keeps or changes what it is given.
 *
 * @module
 */

const utf8Encoder = /* @__PURE__ */ new TextEncoder();
const utf8Decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Tells whether two byte strings are equal. Not constant time: nothing here is secret. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

/** Lexicographic order of unsigned bytes: negative, zero or positive. A prefix comes before what it begins. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const difference = (left[i] as number) - (right[i] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Concatenates byte strings into one fresh buffer. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** UTF-8 bytes of `text`. */
export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  // Some platforms' types say less about the buffer than they give.
  return utf8Encoder.encode(text) as Uint8Array<ArrayBuffer>;
}

/**
 * Text of strict UTF-8 bytes.
 *
 * @throws {TypeError} If `bytes` are not UTF-8.
 */
export function utf8Text(bytes: Uint8Array): string {
  return utf8Decoder.decode(bytes);
}
