/**
 * What a genesis transaction does: a write set and events as they are, or a script that makes them.
 *
 * @module
 */
import { ADDRESS_BYTES } from "./address.ts";
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import { type ContractEvent, readContractEvent, writeContractEvent } from "./event.ts";
import { readScript, type Script, writeScript } from "./executable.ts";
import { readWriteSet, type WriteSet, writeWriteSet } from "./write-set.ts";

/** What a genesis transaction does. */
export type WriteSetPayload =
  | { readonly kind: "direct"; readonly writeSet: WriteSet; readonly events: readonly ContractEvent[] }
  | { readonly kind: "script"; /** 32-byte address. */ readonly executeAs: Uint8Array; readonly script: Script };

/** Variant index of {@link WriteSetPayload} `direct`. */
export const DIRECT_PAYLOAD = 0;
const SCRIPT_PAYLOAD = 1;

/**
 * Reads a `WriteSetPayload`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know its write set.
 */
export function readWriteSetPayload(cursor: BcsCursor): WriteSetPayload {
  if (cursor.variant(SCRIPT_PAYLOAD + 1, "WriteSetPayload") === DIRECT_PAYLOAD) {
    return { kind: "direct", writeSet: readWriteSet(cursor), events: cursor.sequence(readContractEvent, 3) };
  }
  return { kind: "script", executeAs: cursor.raw(ADDRESS_BYTES), script: readScript(cursor) };
}

/**
 * Writes a `WriteSetPayload`.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if two entries of the write set have the same key.
 */
export function writeWriteSetPayload(writer: BcsWriter, payload: WriteSetPayload): void {
  if (payload.kind === "direct") {
    writeWriteSet(writer.uleb128(DIRECT_PAYLOAD), payload.writeSet);
    writer.sequence(payload.events, writeContractEvent);
  } else {
    writeScript(writer.uleb128(SCRIPT_PAYLOAD).raw(payload.executeAs), payload.script);
  }
}
