/**
 * Encoding CBOR. Apart from decoding, so that a page which only reads answers does not download it: the two halves of cbor-x
 * are the larger part of a light client.
 *
 * @module
 */
import { Encoder } from "cbor-x/encode";
import type { CborValue } from "./cbor-value.ts";

/** The encoder with the second parameter that its types leave out. */
interface LooseEncoder {
  encode(value: CborValue, mode?: number): Uint8Array;
}

// cbor-x's RESET_BUFFER_MODE: write to the same place of the shared buffer each time, instead of behind the last output until
// the buffer is full and a new one is allocated. Four times as fast for answers of a megabyte.
const RESET_BUFFER_MODE = 1024;

// Plain arrays and byte strings: no records (a private tag of cbor-x) and no tag 64 around Uint8Array.
const encoder: LooseEncoder = /* @__PURE__ */ new Encoder({ useRecords: false, tagUint8Array: false });

/**
 * Encodes a value of the subset. The result is a fresh buffer.
 *
 * @param value Integers as `asU64` gives them; text well-formed.
 */
export function encodeCbor(value: CborValue): Uint8Array<ArrayBuffer> {
  // The output is a view of a buffer that is used again.
  return new Uint8Array(encoder.encode(value, RESET_BUFFER_MODE));
}
