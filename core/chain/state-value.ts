/**
 * State values: bytes of a resource, module or table item, and what was paid for storing them.
 *
 * @module
 */
import { type BcsCursor, type BcsWriter, decodeBcs, encodeBcs } from "./bcs.ts";
import { skipByteString } from "./bcs-skip.ts";
import type { ChainContext } from "./hash.ts";

/** What was paid for a slot of the state, and when it was made. */
export interface StateValueMetadata {
  /** Deposit for the slot, in octas. */
  readonly slotDeposit: bigint;
  /** Deposit for the bytes, in octas. Zero is written as the older form of the layout. */
  readonly bytesDeposit: bigint;
  /** Microseconds since 1970. */
  readonly creationTimeUsecs: bigint;
}

/** A decoded state value. */
export interface StateValue {
  readonly data: Uint8Array;
  readonly metadata?: StateValueMetadata | undefined;
}

const PLAIN = 0;
const WITH_METADATA = 1;

/**
 * Reads a `StateValue`. The data are a view.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one in canonical form.
 */
function readStateValue(cursor: BcsCursor): StateValue {
  const index = cursor.variant(WITH_METADATA + 1, "StateValue");
  const data = cursor.byteString();
  return index === PLAIN ? { data } : { data, metadata: readStateValueMetadata(cursor) };
}

/**
 * Decodes a value that takes up all of `bytes`.
 *
 * @throws {SyncError} `MALFORMED_BCS` as {@link readStateValue}.
 */
export function decodeStateValue(bytes: Uint8Array): StateValue {
  return decodeBcs(bytes, readStateValue);
}

/** Writes a `StateValue`. */
function writeStateValue(writer: BcsWriter, value: StateValue): void {
  writer.uleb128(value.metadata === undefined ? PLAIN : WITH_METADATA).byteString(value.data);
  if (value.metadata !== undefined) writeStateValueMetadata(writer, value.metadata);
}

/** BCS of a value. */
export function encodeStateValue(value: StateValue): Uint8Array<ArrayBuffer> {
  return encodeBcs((writer) => writeStateValue(writer, value));
}

/**
 * Moves past a `StateValue` with every check of {@link readStateValue}.
 *
 * @throws {SyncError} `MALFORMED_BCS` as {@link readStateValue}.
 */
export function skipStateValue(cursor: BcsCursor): void {
  const index = cursor.variant(WITH_METADATA + 1, "StateValue");
  skipByteString(cursor);
  if (index === WITH_METADATA) skipStateValueMetadata(cursor);
}

/**
 * 32-byte hash of one value: what the leaf of its key in the state tree holds.
 *
 * @param value BCS of the value, and nothing else.
 * @throws {SyncError} `MALFORMED_BCS` as {@link decodeStateValue}.
 */
export function hashStateValue({ hasher, seeds }: ChainContext, value: Uint8Array): Uint8Array {
  decodeBcs(value, skipStateValue);
  return hasher.hash(seeds.stateValue, value);
}

/**
 * Reads `StateValueMetadata`.
 *
 * The chain writes a zero deposit for bytes as V0 and hashes that; the other spelling is refused, so that what is hashed
 * is what was received.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not some in canonical form.
 */
export function readStateValueMetadata(cursor: BcsCursor): StateValueMetadata {
  const start = cursor.offset;
  const index = cursor.variant(2, "StateValueMetadata");
  const slotDeposit = cursor.u64();
  const bytesDeposit = index === 1 ? cursor.u64() : 0n;
  if (index === 1 && bytesDeposit === 0n) throw zeroDeposit(cursor, start);
  return { slotDeposit, bytesDeposit, creationTimeUsecs: cursor.u64() };
}

/** Writes `StateValueMetadata` in canonical form. */
export function writeStateValueMetadata(writer: BcsWriter, metadata: StateValueMetadata): void {
  const { slotDeposit, bytesDeposit, creationTimeUsecs } = metadata;
  if (bytesDeposit === 0n) writer.uleb128(0).u64(slotDeposit).u64(creationTimeUsecs);
  else writer.uleb128(1).u64(slotDeposit).u64(bytesDeposit).u64(creationTimeUsecs);
}

/**
 * Moves past `StateValueMetadata` with every check of {@link readStateValueMetadata}.
 *
 * @throws {SyncError} `MALFORMED_BCS` as {@link readStateValueMetadata}.
 */
export function skipStateValueMetadata(cursor: BcsCursor): void {
  const start = cursor.offset;
  if (cursor.variant(2, "StateValueMetadata") === 0) {
    cursor.skip(16);
    return;
  }
  const deposit = cursor.skip(24) + 8;
  let any = 0;
  for (let i = 0; i < 8; i++) any |= cursor.bytes[deposit + i] as number;
  if (any === 0) throw zeroDeposit(cursor, start);
}

function zeroDeposit(cursor: BcsCursor, start: number): Error {
  cursor.offset = start;
  return cursor.malformed("metadata without a deposit for bytes must be V0");
}
