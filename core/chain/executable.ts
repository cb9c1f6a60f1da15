/**
 * Code that a transaction runs: a script it brings along, or a published function that it calls.
 *
 * @module
 */
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import { type ModuleId, readModuleId, writeModuleId } from "./module-id.ts";
import { readTransactionArgument, type TransactionArgument, writeTransactionArgument } from "./transaction-argument.ts";
import { readTypeTag, type TypeTag, writeTypeTag } from "./type-tag.ts";

/** A script and what it is called with. */
export interface Script {
  /** Bytecode. */
  readonly code: Uint8Array;
  readonly typeArguments: readonly TypeTag[];
  readonly arguments: readonly TransactionArgument[];
}

/** A published function and what it is called with. */
export interface EntryFunction {
  readonly module: ModuleId;
  readonly function: string;
  readonly typeArguments: readonly TypeTag[];
  /** BCS of each argument. */
  readonly arguments: readonly Uint8Array[];
}

/**
 * Reads a `Script`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know a variant in it.
 */
export function readScript(cursor: BcsCursor): Script {
  return {
    code: cursor.byteString(),
    typeArguments: cursor.sequence((inner) => readTypeTag(inner)),
    arguments: cursor.sequence(readTransactionArgument, 2),
  };
}

/** Writes a `Script`. */
export function writeScript(writer: BcsWriter, script: Script): void {
  writer.byteString(script.code).sequence(script.typeArguments, writeTypeTag);
  writer.sequence(script.arguments, writeTransactionArgument);
}

/**
 * Reads an `EntryFunction`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know a variant in it.
 */
export function readEntryFunction(cursor: BcsCursor): EntryFunction {
  return {
    module: readModuleId(cursor),
    function: cursor.text(),
    typeArguments: cursor.sequence((inner) => readTypeTag(inner)),
    arguments: cursor.sequence((inner) => inner.byteString()),
  };
}

/** Writes an `EntryFunction`. */
export function writeEntryFunction(writer: BcsWriter, call: EntryFunction): void {
  writeModuleId(writer, call.module);
  writer.text(call.function).sequence(call.typeArguments, writeTypeTag);
  writer.sequence(call.arguments, (inner, argument) => inner.byteString(argument));
}
