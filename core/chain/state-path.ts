/**
 * What an account's state key names: a module, a resource or a group of resources.
 *
 * @module
 */
import { type BcsCursor, type BcsWriter, decodeBcs, encodeBcs } from "./bcs.ts";
import { type ModuleId, readModuleId, skipModuleId, writeModuleId } from "./module-id.ts";
import { readStructTag, skipStructTag, type StructTag, writeStructTag } from "./type-tag.ts";

/** The decoded path of a state key. */
export type StatePath =
  | { readonly kind: "code"; readonly module: ModuleId }
  | { readonly kind: "resource" | "resourceGroup"; readonly type: StructTag };

const CODE = 0;
const RESOURCE = 1;
const RESOURCE_GROUP = 2;

/**
 * Decodes the path of a state key, which takes up all of `bytes`. Addresses are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if `bytes` are not a canonical path; `UNSUPPORTED` if this build does not know a type in it.
 */
export function decodeStatePath(bytes: Uint8Array): StatePath {
  return decodeBcs(bytes, readStatePath);
}

/** Bytes of a path. */
export function encodeStatePath(path: StatePath): Uint8Array<ArrayBuffer> {
  return encodeBcs((writer) => writeStatePath(writer, path));
}

/**
 * Moves past a path with every check of {@link decodeStatePath}.
 *
 * @throws {SyncError} `MALFORMED_BCS` where {@link decodeStatePath} throws anything.
 */
export function skipStatePath(cursor: BcsCursor): void {
  if (cursor.variant(RESOURCE_GROUP + 1, "Path") === CODE) skipModuleId(cursor);
  else skipStructTag(cursor);
}

function readStatePath(cursor: BcsCursor): StatePath {
  const index = cursor.variant(RESOURCE_GROUP + 1, "Path");
  if (index === CODE) return { kind: "code", module: readModuleId(cursor) };
  return { kind: index === RESOURCE ? "resource" : "resourceGroup", type: readStructTag(cursor) };
}

function writeStatePath(writer: BcsWriter, path: StatePath): void {
  if (path.kind === "code") {
    writer.uleb128(CODE);
    writeModuleId(writer, path.module);
  } else {
    writer.uleb128(path.kind === "resource" ? RESOURCE : RESOURCE_GROUP);
    writeStructTag(writer, path.type);
  }
}
