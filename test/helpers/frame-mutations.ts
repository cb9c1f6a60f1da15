/**
 * Every way in which a test changes one field of a frame.
 *
 * A frame is walked as the tree it is: each integer, byte string, null and array is replaced by values that are near to it,
 * far from it, longer, shorter or absent. Columns are changed in every region: the count, the offsets, each item.
 *
 * @module
 */
import { type Column, columnItems, decodeColumn, encodeColumn } from "../../core/bytes/column.ts";
import { asU64, type CborValue, decodeCbor, encodeCbor } from "../../core/wire/cbor.ts";

/** Names of the fields of a frame, in the shape of the frame. */
export type FieldNames = readonly (string | FieldNames)[];

/** One change of one field. */
export interface FieldMutation {
  /** Name of the field. */
  readonly field: string;
  /** What is done to it, such as `bit 0 of item 2`. */
  readonly change: string;
  /** The frame with the change, or `undefined` if this frame has no such field or place. */
  apply(frame: Uint8Array): Uint8Array | undefined;
}

const LIMITS = { maxBytes: 1 << 24, maxItems: 4096 };
const MAX_U64 = 2n ** 64n - 1n;

interface Replacement {
  readonly change: string;
  readonly replace: (value: CborValue) => CborValue | undefined;
}

/** Every mutation of every named field of `frame`. */
export function fieldMutations(frame: Uint8Array, names: FieldNames): FieldMutation[] {
  return fieldsOf(decodeCbor(frame, LIMITS), names).flatMap(({ path, name, value }) =>
    replacementsOf(value).map(({ change, replace }): FieldMutation => ({
      field: name,
      change,
      apply(other) {
        const changed = replaceAt(decodeCbor(other, LIMITS), path, replace);
        return changed === undefined ? undefined : encodeCbor(changed);
      },
    }))
  );
}

/** Whether `names` has a name for every field of `frame`, no more and no less. */
export function namesFit(frame: Uint8Array, names: FieldNames): boolean {
  const fits = (value: CborValue, inner: FieldNames | string): boolean =>
    typeof inner === "string" ||
    (Array.isArray(value) && value.length === inner.length &&
      inner.every((name, i) => fits(value[i] as CborValue, name)));
  return fits(decodeCbor(frame, LIMITS), names);
}

interface Field {
  readonly path: readonly number[];
  readonly name: string;
  readonly value: CborValue;
}

/** All fields below `value`; an array of fields is one itself, by the name that its fields begin with. */
function fieldsOf(value: CborValue, names: FieldNames, path: readonly number[] = []): Field[] {
  return names.flatMap((name, i): Field[] => {
    const inner = (value as readonly CborValue[])[i] as CborValue;
    const place = [...path, i];
    if (typeof name === "string") return [{ path: place, name, value: inner }];
    const group = { path: place, name: (name.flat()[0] as string).split(".")[0] as string, value: inner };
    return [group, ...fieldsOf(inner, name, place)];
  });
}

function replaceAt(
  value: CborValue,
  path: readonly number[],
  replace: (value: CborValue) => CborValue | undefined,
): CborValue | undefined {
  const [index, ...rest] = path;
  if (index === undefined) return replace(value);
  if (!Array.isArray(value) || index >= value.length) return undefined;
  const inner = replaceAt(value[index] as CborValue, rest, replace);
  return inner === undefined ? undefined : value.map((item, i) => (i === index ? inner : item));
}

function replacementsOf(value: CborValue): Replacement[] {
  const absent: Replacement = { change: "null", replace: (given) => (given === null ? undefined : null) };
  if (value === null) {
    return [{ change: "0", replace: () => 0 }, { change: "bytes", replace: () => new Uint8Array([1]) }];
  }
  if (value instanceof Uint8Array) return [...bytesReplacements(value), absent, { change: "0", replace: () => 0 }];
  if (Array.isArray(value)) return [...arrayReplacements(), absent];
  return [...integerReplacements(), absent, { change: "bytes", replace: () => new Uint8Array(8) }];
}

function integerReplacements(): Replacement[] {
  const integer = (change: string, next: (value: bigint) => bigint): Replacement => ({
    change,
    replace(value) {
      if (typeof value !== "number" && typeof value !== "bigint") return undefined;
      const result = next(BigInt(value));
      return result === BigInt(value) || result < 0n || result > MAX_U64 ? undefined : asU64(result);
    },
  });
  return [
    integer("+ 1", (value) => value + 1n),
    integer("- 1", (value) => value - 1n),
    integer("= 0", () => 0n),
    integer("= 2^64 - 1", () => MAX_U64),
    integer("bit 7", (value) => value ^ 128n),
  ];
}

function arrayReplacements(): Replacement[] {
  const array = (change: string, next: (items: readonly CborValue[]) => CborValue | undefined): Replacement => ({
    change,
    replace: (value) => (Array.isArray(value) ? next(value) : undefined),
  });
  return [
    array("one more", (items) => [...items, 0]),
    array("one less", (items) => (items.length === 0 ? undefined : items.slice(0, -1))),
    array(
      "opposite order",
      (items) => (items.length < 2 || items[0] === items.at(-1) ? undefined : [...items].reverse()),
    ),
    array("+ 1 at the end", (items) => {
      const last = items.at(-1);
      return typeof last === "number" ? [...items.slice(0, -1), last + 1] : undefined;
    }),
    array(
      "+ 1 at the start",
      (items) => (typeof items[0] === "number" ? [items[0] + 1, ...items.slice(1)] : undefined),
    ),
    array("= 2^64 - 1 at the end", (items) => (items.length === 0 ? undefined : [...items.slice(0, -1), MAX_U64])),
  ];
}

function bytesReplacements(sample: Uint8Array): Replacement[] {
  const bytes = (change: string, next: (value: Uint8Array) => Uint8Array | undefined): Replacement => ({
    change,
    replace: (value) => (value instanceof Uint8Array ? next(value) : undefined),
  });
  const plain = [
    bytes("empty", (value) => (value.length === 0 ? undefined : new Uint8Array(0))),
    bytes("one byte more", (value) => new Uint8Array([...value, 0])),
    bytes("32 bytes more", (value) => new Uint8Array([...value, ...new Uint8Array(32)])),
    bytes("one byte less", (value) => (value.length === 0 ? undefined : value.slice(0, -1))),
    bytes("32 bytes less", (value) => (value.length < 32 ? undefined : value.slice(0, -32))),
    bytes("first bit", (value) => withBit(value, 0)),
    bytes("middle bit", (value) => withBit(value, Math.floor(value.length / 2))),
    bytes("last bit", (value) => withBit(value, value.length - 1)),
    bytes("all zeros", (value) => (value.some((byte) => byte !== 0) ? new Uint8Array(value.length) : undefined)),
  ];
  return asColumn(sample) === undefined ? plain : [...plain, ...columnReplacements(bytes)];
}

function columnReplacements(
  bytes: (change: string, next: (value: Uint8Array) => Uint8Array | undefined) => Replacement,
): Replacement[] {
  const items = (change: string, next: (items: Uint8Array[]) => Uint8Array[] | undefined): Replacement =>
    bytes(change, (value) => {
      const column = asColumn(value);
      const changed = column === undefined ? undefined : next(columnItems(column));
      return changed === undefined ? undefined : encodeColumn(changed).bytes;
    });
  const ofItem = (index: number, change: string, next: (item: Uint8Array) => Uint8Array | undefined) =>
    items(`${change} of item ${index}`, (list) => {
      const item = list.at(index);
      const changed = item === undefined ? undefined : next(item);
      return changed === undefined ? undefined : list.with(index, changed);
    });
  return [
    items("last item left out", (list) => (list.length < 2 ? undefined : list.slice(0, -1))),
    items("first item left out", (list) => (list.length < 2 ? undefined : list.slice(1))),
    items("last item twice", (list) => [...list, list.at(-1) as Uint8Array]),
    items("first and last item swapped", (list) => {
      const [first, last] = [list[0], list.at(-1)];
      if (list.length < 2 || first === undefined || last === undefined || sameBytes(first, last)) return undefined;
      return [last, ...list.slice(1, -1), first];
    }),
    ...[0, -1].flatMap((index) => [
      ofItem(index, "first bit", (item) => withBit(item, 0)),
      ofItem(index, "middle bit", (item) => withBit(item, Math.floor(item.length / 2))),
      ofItem(index, "last bit", (item) => withBit(item, item.length - 1)),
      ofItem(index, "one byte more", (item) => new Uint8Array([...item, 0])),
      ofItem(index, "one byte less", (item) => (item.length === 0 ? undefined : item.slice(0, -1))),
      ofItem(index, "nothing left", (item) => (item.length === 0 ? undefined : new Uint8Array(0))),
    ]),
    bytes("first offset", (value) => withBit(value, 4)),
    bytes("second offset", (value) => withBit(value, 8)),
  ];
}

function asColumn(value: Uint8Array): Column | undefined {
  try {
    const column = decodeColumn(value, 1 << 16);
    return column.count > 0 ? column : undefined;
  } catch {
    return undefined;
  }
}

function withBit(value: Uint8Array, index: number): Uint8Array | undefined {
  const byte = value[index];
  return byte === undefined ? undefined : value.with(index, byte ^ 1);
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}
