/**
 * Changes of frames: of the tree that a frame is, and of its bytes.
 *
 * @module
 */
import { asU64, type CborValue, decodeCbor, encodeCbor } from "../../core/wire/cbor.ts";
import type { FuzzRandom } from "./fuzz-random.ts";

/** Far above any frame: what is mutated may be wrong in every way already. */
const LOOSE_LIMITS = { maxBytes: 1 << 26, maxItems: 1 << 16 };

/** Longest piece that is put in, copied or taken out at once. */
const MAX_PIECE = 64;

/** Bytes that mean something: heads of CBOR, ends of ranges. */
const TELLING_BYTES = [
  ...[0x00, 0x01, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1f, 0x20, 0x3b, 0x40, 0x58, 0x5a, 0x5b, 0x5f, 0x60, 0x7f],
  ...[0x80, 0x81, 0x98, 0x9a, 0x9b, 0x9f, 0xa0, 0xbf, 0xc0, 0xd8, 0xe0, 0xf4, 0xf5, 0xf6, 0xf7, 0xf9, 0xfb, 0xff],
];

/** Fields that every frame begins with: protocol, chain and variant. */
const HEAD_FIELDS = 3;

/**
 * A frame that differs from `frame` in one place or a few, as a tree or as bytes.
 *
 * @param donor Another frame, to take pieces from.
 */
export function mutateFrame(random: FuzzRandom, frame: Uint8Array, donor: Uint8Array): Uint8Array {
  const tree = random.chance(75) ? treeOf(frame) : undefined;
  if (tree === undefined) return mutateBytes(random, frame, donor);
  let changed = tree;
  const changes = random.chance(65) ? 1 : 2 + random.below(3);
  for (let i = 0; i < changes; i++) changed = mutateFields(random, changed, treeOf(donor) ?? null);
  return encodeCbor(changed);
}

/** Mostly behind the head: a frame of another protocol is refused before anything is looked at. */
function mutateFields(random: FuzzRandom, tree: CborValue, donor: CborValue): CborValue {
  if (!Array.isArray(tree) || tree.length <= HEAD_FIELDS || random.chance(15)) return mutateTree(random, tree, donor);
  const items = tree as readonly CborValue[];
  const at = HEAD_FIELDS + random.below(items.length - HEAD_FIELDS);
  return items.with(at, mutateTree(random, items[at] as CborValue, donor));
}

/** Bytes that differ from `bytes` in one to four places. */
export function mutateBytes(random: FuzzRandom, bytes: Uint8Array, donor: Uint8Array): Uint8Array {
  let changed = bytes;
  for (let i = random.below(4); i >= 0; i--) changed = mutateOnce(random, changed, donor);
  return changed;
}

function mutateOnce(random: FuzzRandom, bytes: Uint8Array, donor: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = Math.min(bytes.length - at, random.below(MAX_PIECE));
  switch (random.below(8)) {
    case 0:
      return at < bytes.length ? bytes.with(at, (bytes[at] as number) ^ (1 << random.below(8))) : bytes;
    case 1:
      return at < bytes.length ? bytes.with(at, random.pick(TELLING_BYTES)) : bytes;
    case 2:
      return spliced(bytes, at, 0, random.bytes(random.below(MAX_PIECE)));
    case 3:
      return spliced(bytes, at, length, new Uint8Array(0));
    case 4:
      return bytes.slice(0, at);
    case 5:
      return spliced(bytes, at, 0, bytes.subarray(at, at + length));
    case 6: {
      const from = random.below(donor.length + 1);
      return spliced(bytes, at, length, donor.subarray(from, from + random.below(MAX_PIECE)));
    }
    default:
      return spliced(bytes, at, 0, new Uint8Array([random.pick(TELLING_BYTES)]));
  }
}

function spliced(bytes: Uint8Array, at: number, taken: number, put: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length - taken + put.length);
  result.set(bytes.subarray(0, at));
  result.set(put, at);
  result.set(bytes.subarray(at + taken), at + put.length);
  return result;
}

function treeOf(frame: Uint8Array): CborValue | undefined {
  try {
    return decodeCbor(frame, LOOSE_LIMITS);
  } catch {
    return undefined;
  }
}

/** Changes one node, anywhere. */
function mutateTree(random: FuzzRandom, tree: CborValue, donor: CborValue): CborValue {
  if (Array.isArray(tree) && tree.length > 0 && random.chance(85)) {
    const items = tree as readonly CborValue[];
    const at = random.below(items.length);
    return items.with(at, mutateTree(random, items[at] as CborValue, donor));
  }
  if (random.chance(15)) return random.chance(50) ? anyValue(random, 2) : nodeOf(random, donor);
  if (Array.isArray(tree)) return mutateArray(random, tree as readonly CborValue[], donor);
  if (tree instanceof Uint8Array) return mutateByteString(random, tree);
  if (typeof tree === "number" || typeof tree === "bigint") return mutateInteger(random, BigInt(tree));
  return anyValue(random, 1);
}

function mutateArray(random: FuzzRandom, items: readonly CborValue[], donor: CborValue): CborValue {
  const at = random.below(items.length + 1);
  switch (random.below(5)) {
    case 0:
      return items.toSpliced(at, 0, anyValue(random, 2));
    case 1:
      return items.toSpliced(at, 1);
    case 2:
      return items.toSpliced(at, 0, nodeOf(random, donor));
    case 3:
      return items.toReversed();
    default:
      return nested(items, random.below(random.chance(20) ? 40 : 3));
  }
}

/** An array in `depth` more of them: as deep as may be, and deeper. */
function nested(value: CborValue, depth: number): CborValue {
  let result: CborValue = [value];
  for (let i = 0; i < depth; i++) result = [result];
  return result;
}

function mutateByteString(random: FuzzRandom, bytes: Uint8Array): CborValue {
  switch (random.below(7)) {
    case 0:
      return bytes.subarray(0, random.below(bytes.length + 1));
    case 1:
      return spliced(bytes, bytes.length, 0, random.bytes(random.pick([1, 31, 32, 64, 2_048])));
    case 2:
      return random.bytes(bytes.length);
    case 3:
      return new Uint8Array(bytes.length);
    case 4:
      return bytes.length < 8 ? bytes : withU32(random, bytes);
    default:
      return bytes.length === 0 ? random.bytes(32) : flipped(random, bytes);
  }
}

/** A count or an offset of a column, as they stand at its beginning. */
function withU32(random: FuzzRandom, bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  const places = Math.min(Math.floor(bytes.length / 4), 1 + random.below(8));
  const view = new DataView(changed.buffer);
  const at = 4 * random.below(places);
  const near = (view.getUint32(at, true) + random.below(5) - 2) >>> 0;
  view.setUint32(at, random.chance(70) ? near : Number(random.u64() & 0xffff_ffffn), true);
  return changed;
}

function flipped(random: FuzzRandom, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length);
  return bytes.with(at, (bytes[at] as number) ^ (1 << random.below(8)));
}

function mutateInteger(random: FuzzRandom, value: bigint): CborValue {
  const near = value + BigInt(random.below(9)) - 4n;
  if (random.chance(50) && near >= 0n && near < 2n ** 64n) return asU64(near);
  return asU64(random.u64());
}

function anyValue(random: FuzzRandom, depth: number): CborValue {
  const draw = random.below(depth > 0 ? 7 : 6);
  switch (draw) {
    case 0:
    case 1:
      return asU64(random.u64());
    case 2:
      return random.bytes(random.pick([0, 1, 8, 32, 64, 100]));
    case 3:
      return random.chance(50);
    case 4:
      return null;
    case 5:
      return random.chance(50) ? "" : "text \u{1f600}";
    default:
      return Array.from({ length: random.below(5) }, () => anyValue(random, depth - 1));
  }
}

function nodeOf(random: FuzzRandom, tree: CborValue): CborValue {
  if (!Array.isArray(tree) || tree.length === 0 || random.chance(20)) return tree;
  return nodeOf(random, random.pick(tree as readonly CborValue[]));
}
