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
import { digitAt, pathOfKey, ROOT_PATH, SLOTS } from "./jellyfish-path.ts";
import { addLeaf, createLeafList, EMPTY, INTERNAL, LEAF, type LeafList } from "./jellyfish-slots.ts";
import type { NodeReader } from "./jellyfish-store.ts";
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
    await readLevel(reader, { level, above: levels.at(-1) }, work);
    levels.push(level);
    pending = createPendingNodes();
    for (let node = 0; node < level.slots.count; node++) distribute({ level, node, pending }, work);
  }
  return { levels, leaves: work.leaves };
}

/** Reads all stored nodes of a level at once. */
async function readLevel(
  reader: NodeReader,
  at: { readonly level: Level; readonly above: Level | undefined },
  work: Work,
): Promise<void> {
  const { level, above } = at;
  const { keys } = work.updates;
  const wanted: number[] = [];
  level.storedVersions.forEach((version, node) => {
    if (version !== NONE) wanted.push(node);
  });
  if (wanted.length === 0) return;
  const nodeKeys = wanted.map((node) => ({
    version: BigInt(level.storedVersions[node] as number),
    path: level.depth === 0
      ? ROOT_PATH
      : pathOfKey(keys, (level.firstUpdates[node] as number) * HASH_BYTES, level.depth),
  }));
  const found = await reader.readNodes(nodeKeys);
  for (const [i, node] of wanted.entries()) {
    const version = level.storedVersions[node] as number;
    const path = nodeKeys[i]?.path ?? ROOT_PATH;
    const bytes = found[i];
    if (bytes === undefined) throw corrupt(version, level.depth, "it is not there");
    const leafCount = readNode({ bytes, version, path }, { slots: level.slots, node, leaves: work.leaves });
    if (above !== undefined && leafCount !== above.slots.leafCounts[level.parentSlots[node] as number]) {
      throw corrupt(version, level.depth, "its parent counts other leaves");
    }
    level.leafCounts[node] = leafCount;
  }
}

/** Deals the updates of a node to its slots. */
function distribute(
  at: { readonly level: Level; readonly node: number; readonly pending: PendingNodes },
  work: Work,
): void {
  const { level, node } = at;
  const { keys } = work.updates;
  const next = level.nextUpdates[node] as number;
  let first = level.firstUpdates[node] as number;
  while (first < next) {
    const digit = digitAt(keys, first * HASH_BYTES, level.depth);
    let end = first + 1;
    while (end < next && digitAt(keys, end * HASH_BYTES, level.depth) === digit) end++;
    updateSlot({ ...at, slot: node * SLOTS + digit, first, end }, work);
    first = end;
  }
}

interface SlotUpdate {
  readonly level: Level;
  readonly node: number;
  readonly pending: PendingNodes;
  readonly slot: number;
  readonly first: number;
  readonly end: number;
}

/** Applies updates `first` to `end` (exclusive) to one slot: at once, or by a node of the next level. */
function updateSlot(at: SlotUpdate, work: Work): void {
  const { level, node, slot, first, end } = at;
  const { kinds, leaves } = level.slots;
  if (kinds[slot] === INTERNAL) {
    addPending(at, { storedVersion: level.slots.versions[slot] as number, carriedLeaf: NONE });
    return;
  }
  const written = (work.written[end] as number) - (work.written[first] as number);
  const isLeaf = kinds[slot] === LEAF;
  const kept = isLeaf && !touchesLeaf(work, leaves[slot] as number, at);
  if (written === 0 && (kept || !isLeaf)) return;
  level.changed[node] = 1;
  if (written === 0) {
    kinds[slot] = EMPTY;
  } else if (written === 1 && !kept) {
    kinds[slot] = LEAF;
    leaves[slot] = addWritten(work, first);
  } else {
    const carriedLeaf = kept ? (leaves[slot] as number) : NONE;
    kinds[slot] = INTERNAL;
    addPending(at, { storedVersion: NONE, carriedLeaf });
  }
}

function addPending(at: SlotUpdate, from: { readonly storedVersion: number; readonly carriedLeaf: number }): void {
  const { level, pending } = at;
  level.childNodes[at.slot] = pending.parentSlots.length;
  pending.firstUpdates.push(at.first);
  pending.nextUpdates.push(at.end);
  pending.parentSlots.push(at.slot);
  pending.storedVersions.push(from.storedVersion);
  pending.carriedLeaves.push(from.carriedLeaf);
}

/** Tells whether one of the updates is of the leaf's own key. */
function touchesLeaf(work: Work, leaf: number, range: { readonly first: number; readonly end: number }): boolean {
  let low = range.first;
  let high = range.end;
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
  work.leaves.pairs.set(keys.subarray(from, from + HASH_BYTES), leaf * PAIR_BYTES);
  work.leaves.pairs.set(valueHashes.subarray(from, from + HASH_BYTES), leaf * PAIR_BYTES + HASH_BYTES);
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
