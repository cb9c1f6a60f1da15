/**
 * First half of a batch update: from the root down, level by level, every node that the updates touch is read, and the
 * updates are put into its slots.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { createLevel, createPendingNodes, type Level, NONE, type PendingNodes } from "./jellyfish-level.ts";
import { readNode } from "./jellyfish-node.ts";
import { digitAt, pathOfKey, SLOTS } from "./jellyfish-path.ts";
import { addLeaf, createLeafList, EMPTY, INTERNAL, LEAF, type LeafList } from "./jellyfish-slots.ts";
import type { NodeKey, NodeReader } from "./jellyfish-store.ts";
import { copyBytes } from "../bytes/copy-range.ts";
import { PAIR_BYTES } from "./node-hash.ts";

/** Checked updates of one tree version. */
export interface UpdateList {
  readonly count: number;
  readonly keys: Uint8Array;
  readonly valueHashes: Uint8Array;
  /** 1 for keys to remove. */
  readonly deleted: Uint8Array;
  /** Tree version they make. */
  readonly version: number;
}

/** What the way down found. */
export interface Descent {
  /** The touched nodes from the root (first) down. */
  readonly levels: readonly Level[];
  /** Every leaf met or made. */
  readonly leaves: LeafList;
}

interface Work {
  readonly updates: UpdateList;
  /** `written[i]`: how many of the first i updates write rather than remove. */
  readonly written: Uint32Array;
  readonly leaves: LeafList;
}

/**
 * Goes down from the root of version `base` with all updates.
 *
 * @throws {SyncError} `STORAGE_CORRUPT` if a node is missing or nonsense.
 */
export async function descend(
  reader: NodeReader,
  input: { readonly base: number | undefined; readonly updates: UpdateList },
): Promise<Descent> {
  const { base, updates } = input;
  const work = { updates, written: countWritten(updates), leaves: createLeafList(2 * updates.count) };
  const levels: Level[] = [];
  let pending: PendingNodes = {
    firstUpdates: [0],
    nextUpdates: [updates.count],
    parentSlots: [0],
    storedVersions: [base ?? NONE],
    carriedLeaves: [NONE],
  };
  for (let depth = 0; pending.parentSlots.length > 0; depth++) {
    const level = createLevel(depth, pending, work.leaves);
    await readLevel(reader, level, levels.at(-1), work);
    levels.push(level);
    pending = createPendingNodes();
    for (let node = 0; node < level.slots.count; node++) distribute(work, level, node, pending);
  }
  return { levels, leaves: work.leaves };
}

/** Reads all stored nodes of a level at once. */
async function readLevel(reader: NodeReader, level: Level, above: Level | undefined, work: Work): Promise<void> {
  const { keys } = work.updates;
  const { depth, slots, storedVersions, firstUpdates } = level;
  const wanted: number[] = [];
  const nodeKeys: NodeKey[] = [];
  for (let node = 0; node < slots.count; node++) {
    const version = storedVersions[node] as number;
    if (version === NONE) continue;
    wanted.push(node);
    const path = pathOfKey(keys, (firstUpdates[node] as number) * HASH_BYTES, depth);
    const nodeKey = { version: BigInt(version), path };
    level.storedKeys[node] = nodeKey;
    nodeKeys.push(nodeKey);
  }
  if (wanted.length === 0) return;
  const found = await reader.readNodes(nodeKeys);
  for (let i = 0; i < wanted.length; i++) {
    const node = wanted[i] as number;
    const version = storedVersions[node] as number;
    const bytes = found[i];
    if (bytes === undefined) throw corrupt(version, depth, "it is not there");
    const keyOffset = (firstUpdates[node] as number) * HASH_BYTES;
    const leafCount = readNode({ bytes, version, depth, keys, keyOffset }, { slots, node, leaves: work.leaves });
    if (above !== undefined && leafCount !== above.slots.leafCounts[level.parentSlots[node] as number]) {
      throw corrupt(version, depth, "its parent counts other leaves");
    }
    level.leafCounts[node] = leafCount;
  }
}

/** Deals the updates of a node to its slots. */
function distribute(work: Work, level: Level, node: number, pending: PendingNodes): void {
  const { keys } = work.updates;
  const next = level.nextUpdates[node] as number;
  let first = level.firstUpdates[node] as number;
  while (first < next) {
    const digit = digitAt(keys, first * HASH_BYTES, level.depth);
    let end = first + 1;
    while (end < next && digitAt(keys, end * HASH_BYTES, level.depth) === digit) end++;
    const below = updateSlot(work, level, node * SLOTS + digit, first, end);
    if (below !== undefined) {
      level.childNodes[node * SLOTS + digit] = pending.parentSlots.length;
      pending.firstUpdates.push(first);
      pending.nextUpdates.push(end);
      pending.parentSlots.push(node * SLOTS + digit);
      pending.storedVersions.push(below.storedVersion);
      pending.carriedLeaves.push(below.carriedLeaf);
    }
    first = end;
  }
}

/**
 * Applies updates `first` to `end` (exclusive) to one slot.
 *
 * @returns The node below that has to take them instead, if there is or has to be one.
 */
function updateSlot(
  work: Work,
  level: Level,
  slot: number,
  first: number,
  end: number,
): { storedVersion: number; carriedLeaf: number } | undefined {
  const { kinds, leaves, versions, dirtyHalves } = level.slots;
  const before = kinds[slot];
  if (before === INTERNAL) return { storedVersion: versions[slot] as number, carriedLeaf: NONE };
  const written = (work.written[end] as number) - (work.written[first] as number);
  const leaf = before === LEAF ? (leaves[slot] as number) : NONE;
  const kept = leaf !== NONE && !touchesLeaf(work, leaf, first, end);
  if (written === 0 && (kept || before === EMPTY)) return undefined;
  dirtyHalves[slot >> 1] = 1;
  if (written > 1 || kept) {
    kinds[slot] = INTERNAL;
    return { storedVersion: NONE, carriedLeaf: kept ? leaf : NONE };
  }
  kinds[slot] = written === 0 ? EMPTY : LEAF;
  if (written === 1) leaves[slot] = addWritten(work, first);
  return undefined;
}

/** Tells whether one of the updates is of the leaf's own key. */
function touchesLeaf(work: Work, leaf: number, first: number, end: number): boolean {
  let low = first;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareWithLeaf(work, middle, leaf);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

function compareWithLeaf(work: Work, update: number, leaf: number): number {
  const { keys } = work.updates;
  const { pairs } = work.leaves;
  for (let i = 0; i < HASH_BYTES; i++) {
    const difference = (keys[update * HASH_BYTES + i] as number) - (pairs[leaf * PAIR_BYTES + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Makes a leaf of the first update from `first` on that writes. */
function addWritten(work: Work, first: number): number {
  const { keys, valueHashes, deleted, version } = work.updates;
  let update = first;
  while (deleted[update] === 1) update++;
  const leaf = addLeaf(work.leaves, version);
  const from = update * HASH_BYTES;
  copyBytes(keys, from, work.leaves.pairs, leaf * PAIR_BYTES, HASH_BYTES);
  copyBytes(valueHashes, from, work.leaves.pairs, leaf * PAIR_BYTES + HASH_BYTES, HASH_BYTES);
  return leaf;
}

function countWritten(updates: UpdateList): Uint32Array {
  const written = new Uint32Array(updates.count + 1);
  for (let i = 0; i < updates.count; i++) {
    written[i + 1] = (written[i] as number) + 1 - (updates.deleted[i] as number);
  }
  return written;
}

function corrupt(version: number, depth: number, reason: string): SyncError {
  return new SyncError("STORAGE_CORRUPT", `Cannot use node of version ${version} at depth ${depth}: ${reason}`, {
    detail: { version: BigInt(version), depth },
  });
}
