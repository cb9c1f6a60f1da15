/**
 * The leaves of a kept tree version in order of key, from any index: nodes count the leaves below them.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { type LoadedNodes, loadNodes, type NodeReference, rootReference } from "./jellyfish-load.ts";
import { SLOTS } from "./jellyfish-path.ts";
import { INTERNAL, LEAF, type LeafList } from "./jellyfish-slots.ts";
import type { JellyfishTree } from "./jellyfish-store.ts";
import { copyBytes } from "../bytes/copy-range.ts";
import { PAIR_BYTES } from "./node-hash.ts";

/** Leaves in ascending order of key hash. */
export interface StateLeaves {
  /** Key hashes, flat. */
  readonly keys: Uint8Array;
  /** Value hashes, flat. */
  readonly valueHashes: Uint8Array;
  /** Tree version that wrote each. */
  readonly versions: bigint[];
}

/** A node, and the index of the first leaf below it. */
type PlacedNode = NodeReference & { readonly firstIndex: number };

/** The leaves wanted: those of index `first` to `next` (exclusive), and where they go. */
interface Window extends StateLeaves {
  readonly first: number;
  readonly next: number;
}

/**
 * Reads leaves by index. One read per tree level.
 *
 * @param input.firstIndex Index of the first, from 0.
 * @param input.count How many, at least 0; fewer come back only where the version has no more.
 * @throws {SyncError} `INVALID_ARGUMENT` if the range is not made of whole numbers from 0 on, or no tree has such a version.
 * @throws {SyncError} `PRUNED` if a node is not there (any more); `STORAGE_CORRUPT` if one is nonsense.
 */
export async function readLeaves(
  tree: JellyfishTree,
  input: { readonly version: bigint; readonly firstIndex: bigint; readonly count: number },
): Promise<StateLeaves> {
  assertRange(input.firstIndex, input.count);
  const root = rootReference(input.version);
  let loaded = await loadNodes(tree.reader, [root]);
  const window = createWindow(input, loaded.leafCounts[0] ?? 0);
  let nodes: PlacedNode[] = [{ ...root, firstIndex: 0 }];
  for (;;) {
    nodes = nodes.flatMap((node, i) => takeLeaves(loaded, i, { node, window }));
    if (nodes.length === 0) break;
    loaded = await loadNodes(tree.reader, nodes);
  }
  const { keys, valueHashes, versions } = window;
  return { keys, valueHashes, versions };
}

/** Takes the wanted leaves of a loaded node, and returns the nodes below it that have more. */
function takeLeaves(
  loaded: LoadedNodes,
  index: number,
  at: { readonly node: PlacedNode; readonly window: Window },
): PlacedNode[] {
  const { node, window } = at;
  const { slots, leaves } = loaded;
  const below: PlacedNode[] = [];
  let firstIndex = node.firstIndex;
  for (let digit = 0; digit < SLOTS; digit++) {
    const slot = index * SLOTS + digit;
    const kind = slots.kinds[slot];
    if (kind === LEAF) {
      putLeaf(window, firstIndex++, { leaves, leaf: slots.leaves[slot] as number });
    } else if (kind === INTERNAL) {
      const leafCount = slots.leafCounts[slot] as number;
      if (firstIndex < window.next && firstIndex + leafCount > window.first) {
        const version = slots.versions[slot] as number;
        below.push({ version, leafCount, firstIndex, depth: node.depth + 1, key: extendKey(node, digit) });
      }
      firstIndex += leafCount;
    }
  }
  return below;
}

function putLeaf(window: Window, index: number, from: { readonly leaves: LeafList; readonly leaf: number }): void {
  if (index < window.first || index >= window.next) return;
  const { leaves, leaf } = from;
  const place = index - window.first;
  copyBytes(leaves.pairs, leaf * PAIR_BYTES, window.keys, place * HASH_BYTES, HASH_BYTES);
  copyBytes(leaves.pairs, leaf * PAIR_BYTES + HASH_BYTES, window.valueHashes, place * HASH_BYTES, HASH_BYTES);
  window.versions[place] = BigInt(leaves.versions[leaf] as number);
}

/** The beginning of the keys in a slot: that of the node's keys and the slot's digit. */
function extendKey(node: NodeReference, digit: number): Uint8Array {
  const key = node.key.slice();
  const byte = node.depth >> 2;
  key[byte] = (key[byte] as number) | (digit << (6 - 2 * (node.depth & 3)));
  return key;
}

function createWindow(input: { readonly firstIndex: bigint; readonly count: number }, total: number): Window {
  const first = input.firstIndex > BigInt(total) ? total : Number(input.firstIndex);
  const next = Math.min(total, first + input.count);
  const bytes = (next - first) * HASH_BYTES;
  return {
    first,
    next,
    keys: new Uint8Array(bytes),
    valueHashes: new Uint8Array(bytes),
    versions: new Array<bigint>(next - first).fill(0n),
  };
}

function assertRange(firstIndex: bigint, count: number): void {
  if (firstIndex >= 0n && Number.isSafeInteger(count) && count >= 0) return;
  throw new SyncError(
    "INVALID_ARGUMENT",
    `Cannot read leaves: index and count are whole numbers from 0 on, current values are ${firstIndex} and ${count}`,
  );
}
