/**
 * Module identifiers: an address and a name.
 *
 * @module
 */
import { ADDRESS_BYTES } from "./address.ts";
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import { skipText } from "./bcs-skip.ts";

/** A module that is published at an address. */
export interface ModuleId {
  /** 32-byte address. */
  readonly address: Uint8Array;
  readonly name: string;
}

/**
 * Reads a `ModuleId`. The address is a view.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one.
 */
export function readModuleId(cursor: BcsCursor): ModuleId {
  return { address: cursor.raw(ADDRESS_BYTES), name: cursor.text() };
}

/** Writes a `ModuleId`. */
export function writeModuleId(writer: BcsWriter, moduleId: ModuleId): void {
  writer.raw(moduleId.address).text(moduleId.name);
}

/**
 * Moves past a `ModuleId`.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one.
 */
export function skipModuleId(cursor: BcsCursor): void {
  cursor.skip(ADDRESS_BYTES);
  skipText(cursor);
}
