/**
 * Second half of a batch update: from the deepest level up, what became of every node, and then its hash.
 *
 * Nodes left with one leaf hand it to their parent, empty ones vanish (formats §5.1). Which hashes are needed is known
 * before the first is computed, so each level is hashed in one go.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";
import type { Descent } from "./jellyfish-descend.ts";
import { hashLeafSlots, hashNodes } from "./jellyfish-fold.ts";
import { type Level, NONE, UNCHANGED } from "./jellyfish-level.ts";
import { HALVES, SLOTS } from "./jellyfish-path.ts";
import { EMPTY, INTERNAL, LEAF, slotHashOffset } from "./jellyfish-slots.ts";
import { copyBytes } from "../bytes/copy-range.ts";
import type { SparseHash } from "./node-hash.ts";

/**
 * Decides what became of every node of a descent. The root is always made anew.
 *
 * @param version Tree version being made.
 * @returns For each level, the nodes that have to be hashed and written.
 */
export function settle(descent: Descent, version: number): Uint32Array[] {
  const { levels } = descent;
  const made: Uint32Array[] = levels.map(() => new Uint32Array(0));
  for (let depth = levels.length - 1; depth >= 0; depth--) {
    made[depth] = settleLevel(levels[depth] as Level, levels[depth + 1], version);
  }
  return made;
}

/** Settles one level. Levels are functions of their own, also below: that lets the engine compile their loops for good. */
function settleLevel(level: Level, below: Level | undefined, version: number): Uint32Array {
  const nodes = new Uint32Array(level.slots.count);
  let count = 0;
  for (let node = 0; node < level.slots.count; node++) {
    if (below !== undefined) takeChildren(level, node, below, version);
    settleNode(level, node);
    if (level.outcomes[node] === INTERNAL) nodes[count++] = node;
  }
  return nodes.subarray(0, count);
}

/**
 * Hashes the nodes that {@link settle} names, deepest first, into the slots they hang in.
 *
 * @returns 32-byte hash of the root.
 */
export function hashLevels(descent: Descent, made: readonly Uint32Array[], hash: SparseHash): Uint8Array {
  const { levels, leaves } = descent;
  const tables = levels.map((level, depth) => ({ slots: level.slots, nodes: made[depth] as Uint32Array }));
  hashLeafSlots(tables, leaves, hash);
  for (let depth = levels.length - 1; depth > 0; depth--) {
    const level = levels[depth] as Level;
    const nodes = made[depth] as Uint32Array;
    putHashes(level, nodes, hashNodes({ slots: level.slots, nodes }, hash.internal), levels[depth - 1] as Level);
  }
  const root = levels[0] as Level;
  return hashNodes({ slots: root.slots, nodes: made[0] as Uint32Array }, hash.internal);
}

/** Puts the hashes of nodes into the slots they hang in. */
function putHashes(level: Level, nodes: Uint32Array, hashes: Uint8Array, above: Level): void {
  for (let i = 0; i < nodes.length; i++) {
    const slot = level.parentSlots[nodes[i] as number] as number;
    copyBytes(hashes, i * HASH_BYTES, above.slots.hashes, slotHashOffset(slot), HASH_BYTES);
  }
}

/** Brings a node's slots up to date with the nodes below that were touched. */
function takeChildren(level: Level, node: number, below: Level, version: number): void {
  const { slots, childNodes } = level;
  for (let slot = node * SLOTS; slot < (node + 1) * SLOTS; slot++) {
    const child = childNodes[slot] as number;
    if (child === NONE) continue;
    const outcome = below.outcomes[child] as number;
    if (outcome === UNCHANGED) continue;
    slots.dirtyHalves[slot >> 1] = 1;
    slots.kinds[slot] = outcome;
    if (outcome === LEAF) {
      slots.leaves[slot] = below.outcomeLeaves[child] as number;
    } else if (outcome === INTERNAL) {
      slots.versions[slot] = version;
      slots.leafCounts[slot] = below.leafCounts[child] as number;
    }
  }
}

/** Decides what became of a node from what is in its slots. */
function settleNode(level: Level, node: number): void {
  const { slots, outcomes } = level;
  if (level.depth > 0 && slots.dirtyHalves[HALVES * node] === 0 && slots.dirtyHalves[HALVES * node + 1] === 0) {
    outcomes[node] = UNCHANGED;
    return;
  }
  let leafCount = 0;
  for (let slot = node * SLOTS; slot < (node + 1) * SLOTS; slot++) {
    const kind = slots.kinds[slot];
    if (kind === LEAF) {
      leafCount++;
      level.outcomeLeaves[node] = slots.leaves[slot] as number;
    } else if (kind === INTERNAL) {
      leafCount += slots.leafCounts[slot] as number;
    }
  }
  level.leafCounts[node] = leafCount;
  outcomes[node] = level.depth === 0 || leafCount > 1 ? INTERNAL : leafCount === 1 ? LEAF : EMPTY;
}
