/**
 * BCS (Binary Canonical Serialization): a zero-copy cursor that accepts canonical bytes only, and a writer.
 *
 * Source: the BCS specification (https://github.com/diem/bcs). Pure: no I/O, no clock, no randomness.
 *
 * @module
 */
import { compareBytes, utf8Bytes, utf8Text } from "../bytes/bytes.ts";
import { SyncError } from "../errors.ts";

/** Longest sequence, in items (BCS specification). */
export const MAX_SEQUENCE_LENGTH: number = 2 ** 31 - 1;

/**
 * Reads canonical BCS from a byte string without copying.
 *
 * Every method throws {@link SyncError} `MALFORMED_BCS`, naming the offset, if the bytes end early or are not canonical.
 * A length is checked against the bytes that are left before anything is allocated for it.
 */
export class BcsCursor {
  /** The bytes being read. */
  readonly bytes: Uint8Array;
  /** Offset of the next byte to read. */
  offset: number;
  readonly #view: DataView;

  /** @param bytes Not kept beyond the cursor, not changed. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.offset = 0;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that are left. */
  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  /** The error for bytes that break a rule at the current offset. */
  malformed(reason: string): SyncError {
    return new SyncError("MALFORMED_BCS", `Cannot read BCS at byte ${this.offset}: ${reason}`, {
      detail: { offset: this.offset },
    });
  }

  /** Moves past the next `length` bytes and returns the offset where they begin. */
  skip(length: number): number {
    const start = this.offset;
    if (length > this.bytes.length - start) {
      throw this.malformed(`needs ${length} bytes, ${this.bytes.length - start} are left`);
    }
    this.offset = start + length;
    return start;
  }

  /** The next `length` raw bytes, as a view. */
  raw(length: number): Uint8Array {
    const start = this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  /** Everything from `start` up to the current offset, as a view: the exact bytes of what was just read. */
  since(start: number): Uint8Array {
    return this.bytes.subarray(start, this.offset);
  }

  /** One byte, 0 to 255. */
  u8(): number {
    return this.#view.getUint8(this.skip(1));
  }

  /** A 16-bit unsigned integer. */
  u16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }

  /** A 32-bit unsigned integer. */
  u32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  /** A 64-bit unsigned integer. */
  u64(): bigint {
    return this.#view.getBigUint64(this.skip(8), true);
  }

  /** A 128-bit unsigned integer. */
  u128(): bigint {
    const low = this.u64();
    return low | (this.u64() << 64n);
  }

  /** A boolean: 00 or 01, nothing else. */
  bool(): boolean {
    const byte = this.u8();
    if (byte > 1) {
      this.offset--;
      throw this.malformed(`a boolean is 0 or 1, current value is ${byte}`);
    }
    return byte === 1;
  }

  /** A minimal ULEB128 that fits 32 bits: sequence lengths and variant indexes. */
  uleb128(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (byte === 0 && shift > 0) throw this.malformed("a length has a trailing zero group");
        if (value > 0xffff_ffff) throw this.malformed("a length does not fit 32 bits");
        return value;
      }
    }
    throw this.malformed("a length has more than five groups");
  }

  /**
   * Length of a sequence whose items take at least `minItemBytes` each, so a lie about the length is refused before
   * anything is allocated for it. Items that take no bytes at all do not exist in this family's formats.
   */
  length(minItemBytes = 1): number {
    const length = this.uleb128();
    if (length > MAX_SEQUENCE_LENGTH) throw this.malformed(`a sequence has at most ${MAX_SEQUENCE_LENGTH} items`);
    if (length * minItemBytes > this.remaining) {
      throw this.malformed(`${length} items do not fit the ${this.remaining} bytes that are left`);
    }
    return length;
  }

  /** Index of an enum variant, below `count`. */
  variant(count: number, what: string): number {
    const start = this.offset;
    const index = this.uleb128();
    if (index >= count) {
      this.offset = start;
      throw this.malformed(`${what} has ${count} variants, current index is ${index}`);
    }
    return index;
  }

  /** Length-prefixed bytes, as a view; of exactly `byteLength` bytes if given. */
  byteString(byteLength?: number): Uint8Array {
    const start = this.offset;
    const length = this.length();
    if (byteLength !== undefined && length !== byteLength) {
      this.offset = start;
      throw this.malformed(`a byte string must have ${byteLength} bytes, current length is ${length}`);
    }
    return this.raw(length);
  }

  /** A UTF-8 string. */
  text(): string {
    const start = this.offset;
    try {
      return utf8Text(this.byteString());
    } catch (error) {
      if (error instanceof SyncError) throw error;
      this.offset = start;
      throw this.malformed("a string is not UTF-8");
    }
  }

  /** `Option<T>`: `undefined` or what `read` returns. */
  option<T>(read: (cursor: this) => T): T | undefined {
    return this.bool() ? read(this) : undefined;
  }

  /** `Vec<T>`. */
  sequence<T>(read: (cursor: this) => T, minItemBytes = 1): T[] {
    const length = this.length(minItemBytes);
    const items: T[] = [];
    for (let i = 0; i < length; i++) items.push(read(this));
    return items;
  }

  /** `BTreeMap<K, V>`: entries strictly ascending by the serialized key bytes. */
  map<K, V>(readKey: (cursor: this) => K, readValue: (cursor: this) => V): [K, V][] {
    const length = this.length(1);
    const entries: [K, V][] = [];
    let previous: Uint8Array | undefined;
    for (let i = 0; i < length; i++) {
      const start = this.offset;
      const key = readKey(this);
      const keyBytes = this.since(start);
      if (previous !== undefined && compareBytes(previous, keyBytes) >= 0) {
        this.offset = start;
        throw this.malformed("map keys are not strictly ascending");
      }
      previous = keyBytes;
      entries.push([key, readValue(this)]);
    }
    return entries;
  }

  /** Demands that everything was read. */
  end(): void {
    if (this.remaining !== 0) throw this.malformed(`${this.remaining} bytes are left over`);
  }
}

/**
 * Reads one value that must take up all of `bytes`.
 *
 * @throws {SyncError} `MALFORMED_BCS` if it does not, or is not canonical.
 */
export function decodeBcs<T>(bytes: Uint8Array, read: (cursor: BcsCursor) => T): T {
  const cursor = new BcsCursor(bytes);
  const value = read(cursor);
  cursor.end();
  return value;
}

/** Writes canonical BCS into one growing buffer. Methods return the writer, so calls chain. */
export class BcsWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** A fresh copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** Raw bytes, without a length. Copied. */
  raw(bytes: Uint8Array): this {
    const start = this.#grow(bytes.length);
    this.#bytes.set(bytes, start);
    return this;
  }

  /** One byte, 0 to 255. */
  u8(value: number): this {
    const start = this.#grow(1);
    this.#view.setUint8(start, value);
    return this;
  }

  /** A 16-bit unsigned integer. */
  u16(value: number): this {
    const start = this.#grow(2);
    this.#view.setUint16(start, value, true);
    return this;
  }

  /** A 32-bit unsigned integer. */
  u32(value: number): this {
    const start = this.#grow(4);
    this.#view.setUint32(start, value, true);
    return this;
  }

  /** @throws {SyncError} `INVALID_ARGUMENT` if `value` is not an unsigned 64-bit integer. */
  u64(value: bigint): this {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) {
      throw new SyncError("INVALID_ARGUMENT", `Cannot write u64: 0 to 2^64 - 1, current value is ${value}`);
    }
    const start = this.#grow(8);
    this.#view.setBigUint64(start, value, true);
    return this;
  }

  /** @throws {SyncError} `INVALID_ARGUMENT` if `value` is not an unsigned 128-bit integer. */
  u128(value: bigint): this {
    return this.u64(value & 0xffff_ffff_ffff_ffffn).u64(value >> 64n);
  }

  /** A boolean. */
  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  /** A length or variant index, 0 to 2³² − 1. */
  uleb128(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.u8(rest);
  }

  /** Length-prefixed bytes. Copied. */
  byteString(bytes: Uint8Array): this {
    return this.uleb128(bytes.length).raw(bytes);
  }

  /** A UTF-8 string. */
  text(value: string): this {
    return this.byteString(utf8Bytes(value));
  }

  /** `Option<T>`. */
  option<T>(value: T | undefined, write: (writer: this, value: T) => void): this {
    this.bool(value !== undefined);
    if (value !== undefined) write(this, value);
    return this;
  }

  /** `Vec<T>`. */
  sequence<T>(items: readonly T[], write: (writer: this, item: T) => void): this {
    this.uleb128(items.length);
    for (const item of items) write(this, item);
    return this;
  }

  /**
   * `BTreeMap` of entries that are serialized already; sorted here by key bytes.
   *
   * @throws {SyncError} `INVALID_ARGUMENT` if two keys are equal.
   */
  map(entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[]): this {
    const sorted = [...entries].sort(([left], [right]) => compareBytes(left, right));
    this.uleb128(sorted.length);
    sorted.forEach(([key, value], i) => {
      const previous = sorted[i - 1];
      if (previous !== undefined && compareBytes(previous[0], key) === 0) {
        throw new SyncError("INVALID_ARGUMENT", "Cannot write map: two keys are equal");
      }
      this.raw(key).raw(value);
    });
    return this;
  }

  #grow(length: number): number {
    const start = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      bytes.set(this.#bytes.subarray(0, start));
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
    return start;
  }
}

/** Bytes of one value written by `write`. */
export function encodeBcs(write: (writer: BcsWriter) => void): Uint8Array<ArrayBuffer> {
  const writer = new BcsWriter();
  write(writer);
  return writer.finish();
}
