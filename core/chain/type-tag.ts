/**
 * Move types as data: what an event carries, what a resource is stored under, what a function is called with.
 *
 * @module
 */
import { ADDRESS_BYTES } from "./address.ts";
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import { skipText } from "./bcs-skip.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";

/** Most vectors, structs and functions inside each other; the chain's own limit. */
export const MAX_TYPE_TAG_NESTING = 8;

/** Types without parts. */
type PrimitiveTypeName =
  | "bool"
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "u128"
  | "u256"
  | "i8"
  | "i16"
  | "i32"
  | "i64"
  | "i128"
  | "i256"
  | "address"
  | "signer";

/** A Move type. The signed integers came with bytecode version 9, after functions. */
export type TypeTag =
  | { readonly kind: PrimitiveTypeName }
  | { readonly kind: "vector"; readonly item: TypeTag }
  | { readonly kind: "struct"; readonly struct: StructTag }
  | { readonly kind: "function"; readonly function: FunctionTag };

/** A struct type with its type arguments. */
export interface StructTag {
  /** 32-byte address of the module. */
  readonly address: Uint8Array;
  readonly module: string;
  readonly name: string;
  readonly typeArguments: readonly TypeTag[];
}

/** A function type. */
interface FunctionTag {
  readonly parameters: readonly FunctionPartTag[];
  readonly results: readonly FunctionPartTag[];
  /** Bit set of abilities, 0 to 255. */
  readonly abilities: number;
}

/** A parameter or result of a function type. */
interface FunctionPartTag {
  readonly kind: "reference" | "mutableReference" | "value";
  readonly type: TypeTag;
}

const VECTOR = 6;
const STRUCT = 7;
const FUNCTION = 11;
const I256 = 17;
const PRIMITIVES: readonly (PrimitiveTypeName | undefined)[] = [
  "bool",
  "u8",
  "u64",
  "u128",
  "address",
  "signer",
  undefined,
  undefined,
  "u16",
  "u32",
  "u256",
  undefined,
  "i8",
  "i16",
  "i32",
  "i64",
  "i128",
  "i256",
];
const PART_KINDS = ["reference", "mutableReference", "value"] as const;
/** Shortest parameter or result: its kind and a type without parts. */
const MIN_PART_BYTES = 2;

/**
 * Reads a `TypeTag`. Addresses are views.
 *
 * @param nesting How many vectors, structs and functions this one is inside of.
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one, or nest deeper than {@link MAX_TYPE_TAG_NESTING};
 *   `UNSUPPORTED` if this build does not know a variant in it.
 */
export function readTypeTag(cursor: BcsCursor, nesting = 0): TypeTag {
  const index = cursor.uleb128();
  if (index > I256) throw unsupportedVariant("TypeTag", index);
  const kind = PRIMITIVES[index];
  if (kind !== undefined) return { kind };
  const inner = nest(cursor, nesting);
  if (index === VECTOR) return { kind: "vector", item: readTypeTag(cursor, inner) };
  if (index === STRUCT) return { kind: "struct", struct: readStructTag(cursor, inner) };
  return { kind: "function", function: readFunctionTag(cursor, inner) };
}

/**
 * Reads a `StructTag`. The address is a view.
 *
 * @param nesting How many vectors, structs and functions its type arguments are inside of.
 * @throws {SyncError} `MALFORMED_BCS`, `UNSUPPORTED` as {@link readTypeTag}.
 */
export function readStructTag(cursor: BcsCursor, nesting = 0): StructTag {
  return {
    address: cursor.raw(ADDRESS_BYTES),
    module: cursor.text(),
    name: cursor.text(),
    typeArguments: cursor.sequence((inner) => readTypeTag(inner, nesting)),
  };
}

/** Writes a `TypeTag`. Does not check its nesting. */
export function writeTypeTag(writer: BcsWriter, tag: TypeTag): void {
  switch (tag.kind) {
    case "vector":
      writer.uleb128(VECTOR);
      writeTypeTag(writer, tag.item);
      return;
    case "struct":
      writer.uleb128(STRUCT);
      writeStructTag(writer, tag.struct);
      return;
    case "function":
      writer.uleb128(FUNCTION)
        .sequence(tag.function.parameters, writeFunctionPart)
        .sequence(tag.function.results, writeFunctionPart)
        .u8(tag.function.abilities);
      return;
    default:
      writer.uleb128(PRIMITIVES.indexOf(tag.kind));
  }
}

/** Writes a `StructTag`. Does not check its nesting. */
export function writeStructTag(writer: BcsWriter, tag: StructTag): void {
  writer.raw(tag.address).text(tag.module).text(tag.name).sequence(tag.typeArguments, writeTypeTag);
}

/**
 * Moves past a `TypeTag` with every check of {@link readTypeTag}.
 *
 * Blames the source for a variant that this build does not know: events and state keys are walked before anything vouches
 * for them, and a peer must not be able to stop us.
 *
 * @param nesting How many vectors, structs and functions this one is inside of.
 * @throws {SyncError} `MALFORMED_BCS` where {@link readTypeTag} throws anything.
 */
export function skipTypeTag(cursor: BcsCursor, nesting = 0): void {
  const index = cursor.variant(I256 + 1, "TypeTag");
  if (PRIMITIVES[index] !== undefined) return;
  const inner = nest(cursor, nesting);
  if (index === VECTOR) {
    skipTypeTag(cursor, inner);
  } else if (index === STRUCT) {
    skipStructTag(cursor, inner);
  } else {
    skipFunctionParts(cursor, inner);
    skipFunctionParts(cursor, inner);
    cursor.skip(1);
  }
}

/**
 * Moves past a `StructTag` with every check of {@link readStructTag}.
 *
 * @param nesting How many vectors, structs and functions its type arguments are inside of.
 * @throws {SyncError} `MALFORMED_BCS` where {@link readStructTag} throws anything.
 */
export function skipStructTag(cursor: BcsCursor, nesting = 0): void {
  cursor.skip(ADDRESS_BYTES);
  skipText(cursor);
  skipText(cursor);
  const count = cursor.length();
  for (let i = 0; i < count; i++) skipTypeTag(cursor, nesting);
}

function nest(cursor: BcsCursor, nesting: number): number {
  if (nesting >= MAX_TYPE_TAG_NESTING) {
    throw cursor.malformed(`a type nests at most ${MAX_TYPE_TAG_NESTING} levels deep`);
  }
  return nesting + 1;
}

function readFunctionTag(cursor: BcsCursor, nesting: number): FunctionTag {
  const readPart = (inner: BcsCursor): FunctionPartTag => {
    const kind = PART_KINDS[inner.variant(PART_KINDS.length, "FunctionParamOrReturnTag")] as FunctionPartTag["kind"];
    return { kind, type: readTypeTag(inner, nesting) };
  };
  return {
    parameters: cursor.sequence(readPart, MIN_PART_BYTES),
    results: cursor.sequence(readPart, MIN_PART_BYTES),
    abilities: cursor.u8(),
  };
}

function writeFunctionPart(writer: BcsWriter, part: FunctionPartTag): void {
  writer.uleb128(PART_KINDS.indexOf(part.kind));
  writeTypeTag(writer, part.type);
}

function skipFunctionParts(cursor: BcsCursor, nesting: number): void {
  const count = cursor.length(MIN_PART_BYTES);
  for (let i = 0; i < count; i++) {
    cursor.variant(PART_KINDS.length, "FunctionParamOrReturnTag");
    skipTypeTag(cursor, nesting);
  }
}
