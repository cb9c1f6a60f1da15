/**
 * One depth of a batch update: the nodes that some key of the batch passes through, in order of path.
 *
 * @module
 */
import { digitAt, HALVES, SLOTS } from "./jellyfish-path.ts";
import { createSlotTable, LEAF, type LeafList, type SlotTable } from "./jellyfish-slots.ts";
import type { NodeKey } from "./jellyfish-store.ts";
import { PAIR_BYTES } from "./node-hash.ts";

/** Outcome of a node that turned out as it was: what the parent knows of it still holds. */
export const UNCHANGED = 3;

/** No stored node, no child node, no leaf. */
export const NONE: number = -1;

/** Nodes of one depth. Arrays are indexed by node, those of `slots` and `childNodes` by slot. */
export interface Level {
  readonly depth: number;
  readonly slots: SlotTable;
  /** Updates first (inclusive) to next (exclusive) lie below the node; there is at least one, except at the root. */
  readonly firstUpdates: Uint32Array;
  readonly nextUpdates: Uint32Array;
  /** Slot of the level above that the node hangs in. */
  readonly parentSlots: Uint32Array;
  /** Tree version it was stored at; {@link NONE} for a new node. */
  readonly storedVersions: Float64Array;
  /** Name it was stored under; not set for a new node. */
  readonly storedKeys: (NodeKey | undefined)[];
  /** Node of the level below that hangs in the slot; {@link NONE} if no key of the batch goes there. */
  readonly childNodes: Int32Array;
  /** What became of the node: a `SlotKind` or {@link UNCHANGED}. */
  readonly outcomes: Uint8Array;
  /** The leaf that is left, where the outcome is a leaf. */
  readonly outcomeLeaves: Uint32Array;
  /** Leaves below the node: before the update as stored, afterwards as it turned out. */
  readonly leafCounts: Float64Array;
}

/** Nodes of the next level, as they are found. */
export interface PendingNodes {
  readonly firstUpdates: number[];
  readonly nextUpdates: number[];
  readonly parentSlots: number[];
  readonly storedVersions: number[];
  /** Leaf that was alone in the slot and now shares it with others; {@link NONE} if there was none. */
  readonly carriedLeaves: number[];
}

/** No nodes yet. */
export function createPendingNodes(): PendingNodes {
  return { firstUpdates: [], nextUpdates: [], parentSlots: [], storedVersions: [], carriedLeaves: [] };
}

/** Lays pending nodes out as a level; carried leaves are in their slots, stored nodes are still to be read. */
export function createLevel(depth: number, pending: PendingNodes, leaves: LeafList): Level {
  const count = pending.parentSlots.length;
  const slots = createSlotTable(count);
  for (let node = 0; node < count; node++) {
    if (pending.storedVersions[node] !== NONE) continue;
    slots.dirtyHalves.fill(1, node * HALVES, (node + 1) * HALVES);
    const leaf = pending.carriedLeaves[node] as number;
    if (leaf === NONE) continue;
    const slot = node * SLOTS + digitAt(leaves.pairs, leaf * PAIR_BYTES, depth);
    slots.kinds[slot] = LEAF;
    slots.leaves[slot] = leaf;
  }
  return {
    depth,
    slots,
    firstUpdates: Uint32Array.from(pending.firstUpdates),
    nextUpdates: Uint32Array.from(pending.nextUpdates),
    parentSlots: Uint32Array.from(pending.parentSlots),
    storedVersions: Float64Array.from(pending.storedVersions),
    storedKeys: new Array<NodeKey | undefined>(count),
    childNodes: new Int32Array(count * SLOTS).fill(NONE),
    outcomes: new Uint8Array(count),
    outcomeLeaves: new Uint32Array(count),
    leafCounts: new Float64Array(count),
  };
}
