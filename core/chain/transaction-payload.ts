/**
 * What a user transaction does.
 *
 * @module
 */
import { ADDRESS_BYTES } from "./address.ts";
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import {
  type EntryFunction,
  readEntryFunction,
  readScript,
  type Script,
  writeEntryFunction,
  writeScript,
} from "./executable.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";

/** What a user transaction does. */
export type TransactionPayload =
  | { readonly kind: "script"; readonly script: Script }
  | {
    readonly kind: "moduleBundle"; /** Means nothing: modules are published by functions now. */
    readonly dummy: bigint;
  }
  | { readonly kind: "entryFunction"; readonly entryFunction: EntryFunction }
  | { readonly kind: "multisig"; readonly multisig: Multisig }
  | {
    readonly kind: "payload";
    readonly executable: TransactionExecutable;
    readonly config: TransactionExtraConfig;
  };

/** Executes what a multisig account has agreed on. */
interface Multisig {
  /** 32-byte address of the multisig account. */
  readonly address: Uint8Array;
  /** What was agreed on; absent where the chain stores all of it. */
  readonly entryFunction?: EntryFunction | undefined;
}

/** Code of the newer form of payload. */
export type TransactionExecutable =
  | { readonly kind: "script"; readonly script: Script }
  | { readonly kind: "entryFunction"; readonly entryFunction: EntryFunction }
  | { readonly kind: "empty" };

/** Settings of the newer form of payload. */
interface TransactionExtraConfig {
  /** 32-byte address of the multisig account that this executes for. */
  readonly multisigAddress?: Uint8Array | undefined;
  /** Makes the transaction orderless: replaces the sequence number. */
  readonly replayProtectionNonce?: bigint | undefined;
}

const SCRIPT = 0;
const MODULE_BUNDLE = 1;
const ENTRY_FUNCTION = 2;
const MULTISIG = 3;
const PAYLOAD = 4;

/**
 * Reads a `TransactionPayload`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know its variant.
 */
export function readTransactionPayload(cursor: BcsCursor): TransactionPayload {
  const variant = cursor.uleb128();
  switch (variant) {
    case SCRIPT:
      return { kind: "script", script: readScript(cursor) };
    case MODULE_BUNDLE:
      return { kind: "moduleBundle", dummy: cursor.u64() };
    case ENTRY_FUNCTION:
      return { kind: "entryFunction", entryFunction: readEntryFunction(cursor) };
    case MULTISIG:
      return { kind: "multisig", multisig: readMultisig(cursor) };
    case PAYLOAD:
      expectV1(cursor, "TransactionPayloadInner");
      return { kind: "payload", executable: readExecutable(cursor), config: readExtraConfig(cursor) };
    default:
      throw unsupportedVariant("TransactionPayload", variant);
  }
}

/** Writes a `TransactionPayload`. */
export function writeTransactionPayload(writer: BcsWriter, payload: TransactionPayload): void {
  switch (payload.kind) {
    case "script":
      writer.uleb128(SCRIPT);
      writeScript(writer, payload.script);
      return;
    case "moduleBundle":
      writer.uleb128(MODULE_BUNDLE).u64(payload.dummy);
      return;
    case "entryFunction":
      writer.uleb128(ENTRY_FUNCTION);
      writeEntryFunction(writer, payload.entryFunction);
      return;
    case "multisig":
      writer.uleb128(MULTISIG).raw(payload.multisig.address);
      writer.option(payload.multisig.entryFunction, (inner, call) => writeEntryFunction(inner.uleb128(0), call));
      return;
    case "payload":
      writer.uleb128(PAYLOAD).uleb128(0);
      writeExecutable(writer, payload.executable);
      writer.uleb128(0).option(payload.config.multisigAddress, (inner, address) => inner.raw(address));
      writer.option(payload.config.replayProtectionNonce, (inner, nonce) => inner.u64(nonce));
  }
}

function readMultisig(cursor: BcsCursor): Multisig {
  const address = cursor.raw(ADDRESS_BYTES);
  const entryFunction = cursor.option((inner) => {
    expectV1(inner, "MultisigTransactionPayload");
    return readEntryFunction(inner);
  });
  return { address, entryFunction };
}

function readExecutable(cursor: BcsCursor): TransactionExecutable {
  const variant = cursor.uleb128();
  if (variant === 0) return { kind: "script", script: readScript(cursor) };
  if (variant === 1) return { kind: "entryFunction", entryFunction: readEntryFunction(cursor) };
  if (variant === 2) return { kind: "empty" };
  throw unsupportedVariant("TransactionExecutable", variant);
}

function writeExecutable(writer: BcsWriter, executable: TransactionExecutable): void {
  if (executable.kind === "script") writeScript(writer.uleb128(0), executable.script);
  else if (executable.kind === "entryFunction") writeEntryFunction(writer.uleb128(1), executable.entryFunction);
  else writer.uleb128(2);
}

function readExtraConfig(cursor: BcsCursor): TransactionExtraConfig {
  expectV1(cursor, "TransactionExtraConfig");
  return {
    multisigAddress: cursor.option((inner) => inner.raw(ADDRESS_BYTES)),
    replayProtectionNonce: cursor.option((inner) => inner.u64()),
  };
}

/** These enums have one variant so far. */
function expectV1(cursor: BcsCursor, what: string): void {
  const variant = cursor.uleb128();
  if (variant !== 0) throw unsupportedVariant(what, variant);
}
