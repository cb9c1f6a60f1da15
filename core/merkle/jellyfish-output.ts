/**
 * What a batch update hands to the store: new nodes and stale ones, both in order of path.
 *
 * @module
 */
import { HASH_BYTES } from "../chain/hash.ts";
import { type ColumnWriter, createColumnWriter, endItem, finishColumn, reserve } from "./column-writer.ts";
import type { Descent, UpdateList } from "./jellyfish-descend.ts";
import { type Level, NONE, UNCHANGED } from "./jellyfish-level.ts";
import { MAX_NODE_BYTES, writeNode } from "./jellyfish-node.ts";
import { pathLength, SLOTS, writePath } from "./jellyfish-path.ts";
import { INTERNAL, type LeafList } from "./jellyfish-slots.ts";
import type { NodeBatch, NodeKey } from "./jellyfish-store.ts";

/** A node with four internal children and both half hashes takes about this much; the average is a little less. */
const TYPICAL_NODE_BYTES = 208;

interface Output {
  readonly levels: readonly Level[];
  readonly leaves: LeafList;
  readonly updates: UpdateList;
  readonly paths: ColumnWriter;
  readonly nodes: ColumnWriter;
  readonly stale: NodeKey[];
}

/**
 * Encodes the nodes of a settled and hashed descent.
 *
 * @param input.madeCount Number of nodes that were made.
 */
export function writeOutput(
  descent: Descent,
  input: { readonly updates: UpdateList; readonly madeCount: number },
): { nodes: NodeBatch; stale: NodeKey[] } {
  const { updates, madeCount } = input;
  const output = {
    ...descent,
    updates,
    paths: createColumnWriter(madeCount, pathLength(descent.levels.length)),
    nodes: createColumnWriter(madeCount, TYPICAL_NODE_BYTES),
    stale: [],
  };
  visit(output, 0, 0);
  return {
    nodes: {
      version: BigInt(updates.version),
      paths: finishColumn(output.paths),
      nodes: finishColumn(output.nodes),
    },
    stale: output.stale,
  };
}

/** Writes a node and then everything below it: at most `MAX_DEPTH` calls deep. */
function visit(output: Output, depth: number, node: number): void {
  const level = output.levels[depth] as Level;
  const outcome = level.outcomes[node];
  if (outcome === UNCHANGED) return;
  const storedKey = level.storedKeys[node];
  if (storedKey !== undefined) output.stale.push(storedKey);
  if (outcome === INTERNAL) writeMade(output, level, node);
  for (let slot = node * SLOTS; slot < (node + 1) * SLOTS; slot++) {
    const child = level.childNodes[slot] as number;
    if (child !== NONE) visit(output, depth + 1, child);
  }
}

function writeMade(output: Output, level: Level, node: number): void {
  const { paths, nodes, updates, leaves } = output;
  const length = pathLength(level.depth);
  reserve(paths, length);
  const key = (level.firstUpdates[node] as number) * HASH_BYTES;
  writePath(updates.keys, key, { depth: level.depth, out: paths.buffer, start: paths.offset });
  endItem(paths, paths.offset + length);
  reserve(nodes, MAX_NODE_BYTES);
  const at = { offset: nodes.offset, version: updates.version };
  endItem(nodes, writeNode({ slots: level.slots, node, leaves }, nodes.buffer, at));
}
