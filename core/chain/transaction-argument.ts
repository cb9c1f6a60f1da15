/**
 * Arguments of scripts: typed values, unlike those of entry functions, which are bytes.
 *
 * @module
 */
import { ADDRESS_BYTES } from "./address.ts";
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";

/** One argument of a script. */
export type TransactionArgument =
  | { readonly kind: "u8" | "u16" | "u32"; readonly value: number }
  | { readonly kind: "u64" | "u128" | "u256"; readonly value: bigint }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "address" | "bytes" | "serialized"; readonly value: Uint8Array };

const KINDS = ["u8", "u64", "u128", "address", "bytes", "bool", "u16", "u32", "u256", "serialized"] as const;
const LOW_HALF = (1n << 128n) - 1n;

/**
 * Reads a `TransactionArgument`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know its variant.
 */
export function readTransactionArgument(cursor: BcsCursor): TransactionArgument {
  const variant = cursor.uleb128();
  const kind = KINDS[variant];
  switch (kind) {
    case undefined:
      throw unsupportedVariant("TransactionArgument", variant);
    case "u8":
    case "u16":
    case "u32":
      return { kind, value: cursor[kind]() };
    case "u64":
    case "u128":
      return { kind, value: cursor[kind]() };
    case "u256":
      return { kind, value: cursor.u128() | (cursor.u128() << 128n) };
    case "bool":
      return { kind, value: cursor.bool() };
    case "address":
      return { kind, value: cursor.raw(ADDRESS_BYTES) };
    default:
      return { kind, value: cursor.byteString() };
  }
}

/** Writes a `TransactionArgument`. */
export function writeTransactionArgument(writer: BcsWriter, argument: TransactionArgument): void {
  writer.uleb128(KINDS.indexOf(argument.kind));
  switch (argument.kind) {
    case "u8":
    case "u16":
    case "u32":
      writer[argument.kind](argument.value);
      return;
    case "u64":
    case "u128":
      writer[argument.kind](argument.value);
      return;
    case "u256":
      writer.u128(argument.value & LOW_HALF).u128(argument.value >> 128n);
      return;
    case "bool":
      writer.bool(argument.value);
      return;
    case "address":
      writer.raw(argument.value);
      return;
    default:
      writer.byteString(argument.value);
  }
}
