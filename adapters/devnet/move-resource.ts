/**
 * Move resources as the devnet's framework keeps them: where each lives and how it is encoded.
 *
 * @module
 */
import { ADDRESS_BYTES, FRAMEWORK_ADDRESS } from "../../core/chain/address.ts";
import { type BcsCursor, type BcsWriter, decodeBcs, encodeBcs } from "../../core/chain/bcs.ts";
import { encodeStateKey, type StateKey } from "../../core/chain/state-key.ts";
import { encodeStatePath } from "../../core/chain/state-path.ts";
import type { StructTag, TypeTag } from "../../core/chain/type-tag.ts";

/** A place in the state. */
export interface Slot {
  /** Equal for equal keys. */
  readonly id: string;
  /** The key. */
  readonly key: StateKey;
  /** BCS of the key. */
  readonly keyBytes: Uint8Array;
}

/** Layout of a Move struct: its fields in order. */
export interface Layout<T> {
  /** Writes every field. */
  write(writer: BcsWriter, value: T): void;
  /** Reads every field; byte strings are views. */
  read(cursor: BcsCursor): T;
}

/** A resource type: what an account may hold one value of. */
export interface ResourceType<T> {
  /** The struct. */
  readonly tag: StructTag;
  /** Where the account at the 32-byte `address` holds it. Remembered for this very array, which must not change. */
  slot(address: Uint8Array): Slot;
  /** BCS of a value. */
  encode(value: T): Uint8Array;
  /**
   * Decodes a value; byte strings in it are views.
   *
   * @throws {SyncError} `MALFORMED_BCS` if `bytes` are not a value.
   */
  decode(bytes: Uint8Array): T;
}

/** `0x1::event::EventHandle`: counts the events of one stream. */
export interface EventHandle {
  /** Events emitted so far: the sequence number of the next one. */
  readonly counter: bigint;
  /** Number of the stream among all that the account has made. */
  readonly creationNumber: bigint;
  /** 32-byte address of the account that owns the stream. */
  readonly address: Uint8Array;
}

/** A 32-byte address from its last bytes, as in `0xa550c18`. */
export function shortAddress(value: number): Uint8Array {
  const address = new Uint8Array(ADDRESS_BYTES);
  new DataView(address.buffer).setUint32(ADDRESS_BYTES - 4, value);
  return address;
}

/** A struct of the framework: `0x1::module::name<…>`. */
export function frameworkType(module: string, name: string, typeArguments: readonly TypeTag[] = []): StructTag {
  return { address: FRAMEWORK_ADDRESS, module, name, typeArguments };
}

/** Declares a resource type. */
export function resourceType<T>(tag: StructTag, layout: Layout<T>): ResourceType<T> {
  const path = encodeStatePath({ kind: "resource", type: tag });
  // One transaction names the same few accounts again and again.
  const slots = new WeakMap<Uint8Array, Slot>();
  const slot = (address: Uint8Array): Slot => {
    const known = slots.get(address);
    if (known !== undefined) return known;
    const made = slotOf({ kind: "accessPath", address, path });
    slots.set(address, made);
    return made;
  };
  return {
    tag,
    slot,
    encode: (value) => encodeBcs((writer) => layout.write(writer, value)),
    decode: (bytes) => decodeBcs(bytes, (cursor) => layout.read(cursor)),
  };
}

/** The place that a key names. */
export function slotOf(key: StateKey): Slot {
  const keyBytes = encodeStateKey(key);
  return { id: keyName(keyBytes), key, keyBytes };
}

/** A string for each key, to look things up by. */
export function keyName(keyBytes: Uint8Array): string {
  // Keys are some hundred bytes long, far from the most arguments that a call takes; spreading them is ten times slower.
  return Reflect.apply(String.fromCharCode, undefined, keyBytes);
}

/** A fresh event stream. */
export function eventHandle(address: Uint8Array, creationNumber: bigint, counter = 0n): EventHandle {
  return { counter, creationNumber, address };
}

/** Writes an event handle. */
export function writeEventHandle(writer: BcsWriter, handle: EventHandle): void {
  writer.u64(handle.counter).u64(handle.creationNumber).raw(handle.address);
}

/** Reads an event handle. */
export function readEventHandle(cursor: BcsCursor): EventHandle {
  return { counter: cursor.u64(), creationNumber: cursor.u64(), address: cursor.raw(ADDRESS_BYTES) };
}
