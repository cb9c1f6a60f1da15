/**
 * Contract events: what transactions announce.
 *
 * @module
 */
import { ADDRESS_BYTES, FRAMEWORK_ADDRESS } from "./address.ts";
import { type BcsCursor, type BcsWriter, decodeBcs, encodeBcs } from "./bcs.ts";
import { skipByteString } from "./bcs-skip.ts";
import { readTypeTag, skipTypeTag, type TypeTag, writeTypeTag } from "./type-tag.ts";

/** Names a stream of older events. */
interface EventKey {
  readonly creationNumber: bigint;
  /** 32-byte address of the account that made the stream. */
  readonly address: Uint8Array;
}

/** A decoded event. */
export type ContractEvent =
  | {
    readonly kind: "v1";
    readonly key: EventKey;
    readonly sequenceNumber: bigint;
    readonly type: TypeTag;
    readonly data: Uint8Array;
  }
  | { readonly kind: "v2"; readonly type: TypeTag; readonly data: Uint8Array };

const V1 = 0;
const V2 = 1;
/** Creation number, address, sequence number. */
const V1_HEADER_BYTES = 8 + ADDRESS_BYTES + 8;
const NEW_EPOCH_V1 = /* @__PURE__ */ reconfigurationTag("NewEpochEvent");
const NEW_EPOCH_V2 = /* @__PURE__ */ reconfigurationTag("NewEpoch");

/**
 * Reads a `ContractEvent`. Bytes in it are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know its type.
 */
export function readContractEvent(cursor: BcsCursor): ContractEvent {
  if (cursor.variant(V2 + 1, "ContractEvent") === V2) {
    return { kind: "v2", type: readTypeTag(cursor), data: cursor.byteString() };
  }
  return {
    kind: "v1",
    key: { creationNumber: cursor.u64(), address: cursor.raw(ADDRESS_BYTES) },
    sequenceNumber: cursor.u64(),
    type: readTypeTag(cursor),
    data: cursor.byteString(),
  };
}

/**
 * Decodes an event that takes up all of `bytes`.
 *
 * @throws {SyncError} `MALFORMED_BCS`, `UNSUPPORTED` as {@link readContractEvent}.
 */
export function decodeContractEvent(bytes: Uint8Array): ContractEvent {
  return decodeBcs(bytes, readContractEvent);
}

/** Writes a `ContractEvent`. */
export function writeContractEvent(writer: BcsWriter, event: ContractEvent): void {
  if (event.kind === "v1") {
    writer.uleb128(V1).u64(event.key.creationNumber).raw(event.key.address).u64(event.sequenceNumber);
  } else {
    writer.uleb128(V2);
  }
  writeTypeTag(writer, event.type);
  writer.byteString(event.data);
}

/** BCS of an event. */
export function encodeContractEvent(event: ContractEvent): Uint8Array<ArrayBuffer> {
  return encodeBcs((writer) => writeContractEvent(writer, event));
}

/** BCS of all events of one transaction: `ContractEvent*`. */
export function encodeContractEvents(events: readonly ContractEvent[]): Uint8Array<ArrayBuffer> {
  return encodeBcs((writer) => writer.sequence(events, writeContractEvent));
}

/**
 * Moves past a `ContractEvent` with every check of {@link readContractEvent}.
 *
 * @throws {SyncError} `MALFORMED_BCS` where {@link readContractEvent} throws anything.
 */
export function skipContractEvent(cursor: BcsCursor): void {
  if (cursor.variant(V2 + 1, "ContractEvent") === V1) cursor.skip(V1_HEADER_BYTES);
  skipTypeTag(cursor);
  skipByteString(cursor);
}

/**
 * Tells whether an event ends an epoch, by its type alone: any transaction that emits one is the last of its epoch.
 *
 * @param event BCS of a valid event.
 */
export function isNewEpochEvent(event: Uint8Array): boolean {
  if (event[0] === V1) return holdsAt(event, 1 + V1_HEADER_BYTES, NEW_EPOCH_V1);
  return event[0] === V2 && holdsAt(event, 1, NEW_EPOCH_V2);
}

function reconfigurationTag(name: string): Uint8Array {
  return encodeBcs((writer) =>
    writeTypeTag(writer, {
      kind: "struct",
      struct: { address: FRAMEWORK_ADDRESS, module: "reconfiguration", name, typeArguments: [] },
    })
  );
}

function holdsAt(bytes: Uint8Array, offset: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[offset + i] !== expected[i]) return false;
  return true;
}
