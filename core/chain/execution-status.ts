/**
 * How the execution of a kept transaction ended.
 *
 * @module
 */
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import { skipText } from "./bcs-skip.ts";
import { type ModuleId, readModuleId, skipModuleId, writeModuleId } from "./module-id.ts";

/** How the execution of a kept transaction ended. */
export type ExecutionStatus =
  | { readonly kind: "success" }
  | { readonly kind: "outOfGas" }
  | {
    readonly kind: "moveAbort";
    readonly location: AbortLocation;
    readonly code: bigint;
    readonly info?: AbortInfo | undefined;
  }
  | {
    readonly kind: "executionFailure";
    readonly location: AbortLocation;
    /** Index of the function, 0 to 65535. */
    readonly functionIndex: number;
    /** Offset of the instruction, 0 to 65535. */
    readonly codeOffset: number;
  }
  | { readonly kind: "miscellaneousError"; readonly statusCode?: bigint | undefined };

/** Where code stopped. */
export type AbortLocation = { readonly kind: "module"; readonly module: ModuleId } | { readonly kind: "script" };

/** What the module says about an abort code. */
export interface AbortInfo {
  readonly reasonName: string;
  readonly description: string;
}

const SUCCESS = 0;
const OUT_OF_GAS = 1;
const MOVE_ABORT = 2;
const EXECUTION_FAILURE = 3;
const MISCELLANEOUS_ERROR = 4;
const MODULE = 0;
const SCRIPT = 1;

/**
 * Reads an `ExecutionStatus`.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one.
 */
export function readExecutionStatus(cursor: BcsCursor): ExecutionStatus {
  switch (cursor.variant(MISCELLANEOUS_ERROR + 1, "ExecutionStatus")) {
    case SUCCESS:
      return { kind: "success" };
    case OUT_OF_GAS:
      return { kind: "outOfGas" };
    case MOVE_ABORT: {
      const location = readAbortLocation(cursor);
      return { kind: "moveAbort", location, code: cursor.u64(), info: cursor.option(readAbortInfo) };
    }
    case EXECUTION_FAILURE: {
      const location = readAbortLocation(cursor);
      return { kind: "executionFailure", location, functionIndex: cursor.u16(), codeOffset: cursor.u16() };
    }
    default:
      return { kind: "miscellaneousError", statusCode: cursor.option((inner) => inner.u64()) };
  }
}

/** Writes an `ExecutionStatus`. */
export function writeExecutionStatus(writer: BcsWriter, status: ExecutionStatus): void {
  switch (status.kind) {
    case "success":
      writer.uleb128(SUCCESS);
      return;
    case "outOfGas":
      writer.uleb128(OUT_OF_GAS);
      return;
    case "moveAbort":
      writer.uleb128(MOVE_ABORT);
      writeAbortLocation(writer, status.location);
      writer.u64(status.code).option(status.info, (inner, info) => inner.text(info.reasonName).text(info.description));
      return;
    case "executionFailure":
      writer.uleb128(EXECUTION_FAILURE);
      writeAbortLocation(writer, status.location);
      writer.u16(status.functionIndex).u16(status.codeOffset);
      return;
    case "miscellaneousError":
      writer.uleb128(MISCELLANEOUS_ERROR).option(status.statusCode, (inner, code) => inner.u64(code));
  }
}

/**
 * Moves past an `ExecutionStatus` with every check of {@link readExecutionStatus}.
 *
 * @throws {SyncError} `MALFORMED_BCS` as {@link readExecutionStatus}.
 */
export function skipExecutionStatus(cursor: BcsCursor): void {
  switch (cursor.variant(MISCELLANEOUS_ERROR + 1, "ExecutionStatus")) {
    case MOVE_ABORT:
      skipAbortLocation(cursor);
      cursor.skip(8);
      if (!cursor.bool()) return;
      skipText(cursor);
      skipText(cursor);
      return;
    case EXECUTION_FAILURE:
      skipAbortLocation(cursor);
      cursor.skip(4);
      return;
    case MISCELLANEOUS_ERROR:
      if (cursor.bool()) cursor.skip(8);
  }
}

function readAbortLocation(cursor: BcsCursor): AbortLocation {
  if (cursor.variant(SCRIPT + 1, "AbortLocation") === SCRIPT) return { kind: "script" };
  return { kind: "module", module: readModuleId(cursor) };
}

function writeAbortLocation(writer: BcsWriter, location: AbortLocation): void {
  writer.uleb128(location.kind === "module" ? MODULE : SCRIPT);
  if (location.kind === "module") writeModuleId(writer, location.module);
}

function skipAbortLocation(cursor: BcsCursor): void {
  if (cursor.variant(SCRIPT + 1, "AbortLocation") === MODULE) skipModuleId(cursor);
}

function readAbortInfo(cursor: BcsCursor): AbortInfo {
  return { reasonName: cursor.text(), description: cursor.text() };
}
