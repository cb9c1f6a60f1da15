/**
 * Write sets: every change that one transaction makes to the state.
 *
 * @module
 */
import { type BcsCursor, type BcsWriter, decodeBcs, encodeBcs } from "./bcs.ts";
import { compareStateKeys, encodeStateKey, readStateKey, type StateKey } from "./state-key.ts";
import {
  readStateValueMetadata,
  type StateValue,
  type StateValueMetadata,
  writeStateValueMetadata,
} from "./state-value.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";

/** One change. Creation and modification do the same to the state; they differ in the hash of the write set. */
export type WriteOp =
  | {
    readonly kind: "creation" | "modification";
    readonly data: Uint8Array;
    readonly metadata?: StateValueMetadata | undefined;
  }
  | { readonly kind: "deletion"; readonly metadata?: StateValueMetadata | undefined };

/** A change and the key it is made to. */
export interface WriteEntry {
  readonly key: StateKey;
  readonly op: WriteOp;
}

/** A decoded write set. */
export interface WriteSet {
  /** In order of the serialized keys when read; in any order when written. */
  readonly entries: readonly WriteEntry[];
  /** Keys made hot, ascending as values; present makes it the layout of 2026 (V1). */
  readonly hotKeys?: readonly StateKey[] | undefined;
}

const V0 = 0;
const V1 = 1;
const OP_KINDS = ["creation", "modification", "deletion"] as const;
/** Variants from here on carry metadata. */
const FIRST_WITH_METADATA = 3;

/**
 * Reads a `WriteSet`. Bytes in it are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one in canonical form: keys ascending, paths and metadata
 *   canonical.
 * @throws {SyncError} `UNSUPPORTED` if it is of a layout or has extensions that this build does not know.
 */
export function readWriteSet(cursor: BcsCursor): WriteSet {
  const version = cursor.uleb128();
  if (version > V1) throw unsupportedVariant("WriteSet", version);
  const entries = cursor.map(readStateKey, readWriteOp).map(([key, op]) => ({ key, op }));
  return version === V0 ? { entries } : { entries, hotKeys: readHotKeys(cursor) };
}

/**
 * Decodes a write set that takes up all of `bytes`.
 *
 * @throws {SyncError} `MALFORMED_BCS`, `UNSUPPORTED` as {@link readWriteSet}.
 */
export function decodeWriteSet(bytes: Uint8Array): WriteSet {
  return decodeBcs(bytes, readWriteSet);
}

/**
 * Writes a `WriteSet`, sorting its entries.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if two entries have the same key.
 */
export function writeWriteSet(writer: BcsWriter, writeSet: WriteSet): void {
  writer.uleb128(writeSet.hotKeys === undefined ? V0 : V1);
  writer.map(
    writeSet.entries.map(({ key, op }) =>
      [encodeStateKey(key), encodeBcs((inner) => writeWriteOp(inner, op))] as const
    ),
  );
  if (writeSet.hotKeys === undefined) return;
  const hotKeys = writeSet.hotKeys.map(encodeStateKey).sort(compareStateKeys);
  writer.sequence(hotKeys, (inner, key) => inner.raw(key)).uleb128(0);
}

/**
 * BCS of a write set.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if two entries have the same key.
 */
export function encodeWriteSet(writeSet: WriteSet): Uint8Array<ArrayBuffer> {
  return encodeBcs((writer) => writeWriteSet(writer, writeSet));
}

/** The value that `op` leaves in the state; `undefined` if none. */
export function stateValueOf(op: WriteOp): StateValue | undefined {
  return op.kind === "deletion" ? undefined : { data: op.data, metadata: op.metadata };
}

/**
 * Reads the keys made hot and the list of extensions after them, which must be empty: their layout is not known.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the keys do not ascend; `UNSUPPORTED` if there is an extension.
 */
export function readHotKeys(cursor: BcsCursor): StateKey[] {
  const keys: StateKey[] = [];
  const count = cursor.length();
  let previous: Uint8Array | undefined;
  for (let i = 0; i < count; i++) {
    const start = cursor.offset;
    keys.push(readStateKey(cursor));
    const key = cursor.since(start);
    if (previous !== undefined && compareStateKeys(previous, key) >= 0) {
      cursor.offset = start;
      throw cursor.malformed("hot keys are not strictly ascending");
    }
    previous = key;
  }
  if (cursor.length() > 0) throw unsupportedVariant("WriteSet extension", cursor.uleb128());
  return keys;
}

function readWriteOp(cursor: BcsCursor): WriteOp {
  const index = cursor.variant(2 * FIRST_WITH_METADATA, "WriteOp");
  const kind = OP_KINDS[index % FIRST_WITH_METADATA] as WriteOp["kind"];
  const data = kind === "deletion" ? undefined : cursor.byteString();
  const metadata = index >= FIRST_WITH_METADATA ? readStateValueMetadata(cursor) : undefined;
  if (kind === "deletion" || data === undefined) {
    return metadata ? { kind: "deletion", metadata } : { kind: "deletion" };
  }
  return metadata ? { kind, data, metadata } : { kind, data };
}

function writeWriteOp(writer: BcsWriter, op: WriteOp): void {
  writer.uleb128(OP_KINDS.indexOf(op.kind) + (op.metadata === undefined ? 0 : FIRST_WITH_METADATA));
  if (op.kind !== "deletion") writer.byteString(op.data);
  if (op.metadata !== undefined) writeStateValueMetadata(writer, op.metadata);
}
