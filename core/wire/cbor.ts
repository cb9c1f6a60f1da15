/**
 * CBOR (RFC 8949), limited to a deterministic subset: arrays, byte strings, unsigned integers, true, false, null, and short
 * text; definite lengths, shortest heads, no tags, no floats, no maps, nothing after the value.
 *
 * {@link checkCbor} walks the raw bytes *before* any decoder sees them. It allocates nothing that grows with its input, so
 * deep nesting and lies about lengths end here. cbor-x decodes what passed; it accepts far more than the subset, and
 * overflows its stack on deep nesting, hence the order.
 *
 * @module
 */
import { Decoder } from "cbor-x/decode";
import { utf8Text } from "../bytes/bytes.ts";
import { SyncError } from "../errors.ts";
import type { CborValue } from "./cbor-value.ts";
import { MAX_DEPTH, MAX_ERROR_MESSAGE_BYTES } from "./limits.ts";

export { encodeCbor } from "./cbor-encoder.ts";
export { asU64, type CborValue } from "./cbor-value.ts";

/** Bounds of one frame. */
export interface FrameLimits {
  /** Most bytes of the frame. */
  readonly maxBytes: number;
  /** Most items, arrays and their elements counted alike. */
  readonly maxItems: number;
}

const TWO_32 = 0x1_0000_0000;

const NOT_AN_ARRAY = -1;
const MAJOR_UNSIGNED = 0;
const MAJOR_BYTES = 2;
const MAJOR_TEXT = 3;
const MAJOR_ARRAY = 4;
const MAJOR_SIMPLE = 7;

// Plain arrays and byte strings: no records, a private tag of cbor-x.
const decoder = /* @__PURE__ */ new Decoder({ useRecords: false });

/**
 * Checks and decodes one value of the subset that takes up all of `bytes`.
 *
 * @param bytes Byte strings in the result are views of it.
 * @throws {SyncError} `LIMIT_EXCEEDED` if the bytes, items or nesting exceed a limit.
 * @throws {SyncError} `MALFORMED_FRAME` if they are not one value of the subset.
 */
export function decodeCbor(bytes: Uint8Array, limits: FrameLimits): CborValue {
  checkCbor(bytes, limits);
  try {
    // A view of its own: plain bytes even if a Buffer came in, and the decoder leaves a property on its argument.
    return decoder.decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)) as CborValue;
  } catch (cause) {
    throw new SyncError("MALFORMED_FRAME", "Cannot read CBOR: the decoder refuses it", { cause });
  }
}

/**
 * Checks that `bytes` are exactly one value of the subset, within `limits` and at most {@link MAX_DEPTH} arrays deep.
 * Takes O(number of items), never recursive.
 *
 * @throws {SyncError} `LIMIT_EXCEEDED` if the bytes, items or nesting exceed a limit.
 * @throws {SyncError} `MALFORMED_FRAME` if they are not one value of the subset.
 */
export function checkCbor(bytes: Uint8Array, limits: FrameLimits): void {
  if (bytes.length > limits.maxBytes) throw exceeded("bytes", limits.maxBytes, bytes.length);
  const heads = new HeadReader(bytes);
  const open: number[] = [];
  let left = 1;
  let items = 1;
  while (left > 0 || open.length > 0) {
    if (left === 0) {
      left = open.pop() as number;
      continue;
    }
    left--;
    const count = heads.next();
    if (count === NOT_AN_ARRAY) continue;
    items += count;
    if (items > limits.maxItems) throw exceeded("items", limits.maxItems, items);
    open.push(left);
    left = count;
    if (open.length > MAX_DEPTH) throw exceeded("levels of arrays", MAX_DEPTH, open.length);
  }
  heads.end();
}

/** Reads one head after the other and skips what byte strings and texts contain. */
class HeadReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Moves past the next item and returns how many elements follow, if it is an array. */
  next(): number {
    const start = this.#offset;
    if (start >= this.#bytes.length) throw malformed(start, "it ends early");
    const initial = this.#bytes[start] as number;
    const major = initial >> 5;
    const info = initial & 0x1f;
    this.#offset++;
    if (major === MAJOR_SIMPLE) {
      if (info < 20 || info > 22) throw malformed(start, "of simple values only false, true and null are allowed");
      return NOT_AN_ARRAY;
    }
    const argument = this.#argument(info, start);
    switch (major) {
      case MAJOR_UNSIGNED:
        return NOT_AN_ARRAY;
      case MAJOR_BYTES:
        this.#skip(argument, start);
        return NOT_AN_ARRAY;
      case MAJOR_TEXT:
        this.#text(argument, start);
        return NOT_AN_ARRAY;
      case MAJOR_ARRAY:
        this.#need(argument, start);
        return argument;
      default:
        throw malformed(start, `major type ${major} is not allowed`);
    }
  }

  /** Demands that nothing is left. */
  end(): void {
    const left = this.#bytes.length - this.#offset;
    if (left > 0) throw malformed(this.#offset, `${left} bytes are left over`);
  }

  /** The argument of a head: shortest form only. One of 2³² or more is cut to a double, which only ever is too long. */
  #argument(info: number, start: number): number {
    if (info < 24) return info;
    if (info > 27) throw malformed(start, "indefinite and reserved lengths are not allowed");
    const length = 2 ** (info - 24);
    this.#need(length, start);
    const at = this.#offset;
    this.#offset += length;
    const value = this.#integer(length, at);
    const lowest = length === 1 ? 24 : 2 ** (4 * length);
    if (value < lowest) throw malformed(start, "an integer or length is not in its shortest form");
    return value;
  }

  #integer(length: number, at: number): number {
    if (length === 1) return this.#view.getUint8(at);
    if (length === 2) return this.#view.getUint16(at);
    if (length === 4) return this.#view.getUint32(at);
    return this.#view.getUint32(at) * TWO_32 + this.#view.getUint32(at + 4);
  }

  #need(length: number, start: number): void {
    const left = this.#bytes.length - this.#offset;
    if (length > left) throw malformed(start, `it needs ${length} more bytes, ${left} are left`);
  }

  #skip(length: number, start: number): void {
    this.#need(length, start);
    this.#offset += length;
  }

  #text(length: number, start: number): void {
    if (length > MAX_ERROR_MESSAGE_BYTES) throw exceeded("bytes of text", MAX_ERROR_MESSAGE_BYTES, length);
    const from = this.#offset;
    this.#skip(length, start);
    try {
      utf8Text(this.#bytes.subarray(from, this.#offset));
    } catch {
      throw malformed(start, "text is not UTF-8");
    }
  }
}

function malformed(offset: number, reason: string): SyncError {
  return new SyncError("MALFORMED_FRAME", `Cannot read CBOR at byte ${offset}: ${reason}`, { detail: { offset } });
}

function exceeded(what: string, limit: number, value: number): SyncError {
  return new SyncError("LIMIT_EXCEEDED", `Cannot read CBOR: at most ${limit} ${what}, current value is ${value}`, {
    detail: { limit, value },
  });
}
