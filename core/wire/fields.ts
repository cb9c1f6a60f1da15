/**
 * The fields of a frame, one after the other: everything that is read is checked, and everything that is there is read.
 *
 * @module
 */
import { type Column, decodeColumn } from "../bytes/column.ts";
import { SyncError } from "../errors.ts";
import { asU64, type CborValue } from "./cbor.ts";

/** Length of every hash on the wire, in bytes. */
export const WIRE_HASH_BYTES = 32;

/**
 * Reads the elements of one array of a frame, in order.
 *
 * Every method throws {@link SyncError} `MALFORMED_FRAME` if the next element is missing or of another type.
 */
export class FieldReader {
  readonly #values: readonly CborValue[];
  readonly #what: string;
  #next = 0;

  /**
   * Begins at the first element.
   *
   * @param value The array; refused if it is anything else.
   * @param what Name of what is read, for messages.
   */
  constructor(value: CborValue | undefined, what: string) {
    if (!Array.isArray(value)) throw new SyncError("MALFORMED_FRAME", `Cannot read ${what}: it is not an array`);
    this.#values = value as readonly CborValue[];
    this.#what = what;
  }

  /** The error for a field that breaks a rule: the one read last. */
  malformed(reason: string): SyncError {
    return new SyncError("MALFORMED_FRAME", `Cannot read ${this.#what}: field ${this.#next - 1} ${reason}`);
  }

  /** An unsigned 64-bit integer. */
  u64(): bigint {
    const value = this.#take();
    if (typeof value === "bigint") return value;
    if (typeof value !== "number") throw this.malformed("is not an integer");
    return asU64(value);
  }

  /** An unsigned integer up to `highest`, which is below 2³². */
  u32(highest: number): number {
    const value = this.#take();
    if (typeof value !== "number") throw this.malformed("is not a 32-bit integer");
    if (value > highest) {
      throw new SyncError(
        "LIMIT_EXCEEDED",
        `Cannot read ${this.#what}: field ${this.#next - 1} is at most ${highest}, current value is ${value}`,
        { detail: { limit: highest, value } },
      );
    }
    return value;
  }

  /** True or false. */
  bool(): boolean {
    const value = this.#take();
    if (typeof value !== "boolean") throw this.malformed("is not a boolean");
    return value;
  }

  /** Text. */
  text(): string {
    const value = this.#take();
    if (typeof value !== "string") throw this.malformed("is not text");
    return value;
  }

  /** A byte string, as a view; of exactly `byteLength` bytes if given. */
  bytes(byteLength?: number): Uint8Array {
    const value = this.#take();
    if (!(value instanceof Uint8Array)) throw this.malformed("is not a byte string");
    if (byteLength !== undefined && value.length !== byteLength) {
      throw this.malformed(`has ${byteLength} bytes, current length is ${value.length}`);
    }
    return value;
  }

  /** One 32-byte hash, as a view. */
  hash(): Uint8Array {
    return this.bytes(WIRE_HASH_BYTES);
  }

  /** At most `maximum` hashes in one byte string, as a view. */
  hashes(maximum: number): Uint8Array {
    const value = this.bytes();
    if (value.length % WIRE_HASH_BYTES !== 0) throw this.malformed("is not a list of 32-byte hashes");
    if (value.length > maximum * WIRE_HASH_BYTES) {
      throw this.malformed(`has at most ${maximum} hashes, current value is ${value.length / WIRE_HASH_BYTES}`);
    }
    return value;
  }

  /**
   * A column, as a view.
   *
   * @param count The number of items it must have, or the most it may have.
   */
  column(count: { exactly: number } | { atMost: number }): Column {
    const column = decodeColumn(this.bytes(), "exactly" in count ? count.exactly : count.atMost);
    if ("exactly" in count && column.count !== count.exactly) {
      throw this.malformed(`has ${count.exactly} items, current value is ${column.count}`);
    }
    return column;
  }

  /** `undefined` for null, else what `read` returns. */
  optional<T>(read: (reader: this) => T): T | undefined {
    if (this.#next < this.#values.length && this.#values[this.#next] === null) {
      this.#next++;
      return undefined;
    }
    return read(this);
  }

  /** An array, to be read field by field. `read` must read all of it. */
  array<T>(what: string, read: (reader: FieldReader) => T): T {
    const reader = new FieldReader(this.#take(), what);
    const value = read(reader);
    reader.end();
    return value;
  }

  /** An array of at most `maximum` elements, each an array of its own. */
  list<T>(maximum: number, what: string, read: (reader: FieldReader) => T): T[] {
    return this.array(what, (elements) => {
      const count = elements.left;
      if (count > maximum) throw elements.malformed(`and those after it are ${count}, at most ${maximum} are allowed`);
      return Array.from({ length: count }, () => elements.array(what, read));
    });
  }

  /** Number of fields that are not read yet. */
  get left(): number {
    return this.#values.length - this.#next;
  }

  /** Demands that everything was read. */
  end(): void {
    if (this.left > 0) {
      throw new SyncError("MALFORMED_FRAME", `Cannot read ${this.#what}: ${this.left} fields are left over`);
    }
  }

  #take(): CborValue {
    const value = this.#values[this.#next++];
    if (value === undefined) throw this.malformed("is missing");
    return value;
  }
}

/** A u64 as a field, or null. */
export function optionalU64(value: bigint | undefined): CborValue {
  return value === undefined ? null : asU64(value);
}

/** The bytes of a column as a field, or null. */
export function optionalColumn(value: Column | undefined): CborValue {
  return value === undefined ? null : value.bytes;
}
