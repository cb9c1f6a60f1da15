/**
 * A home for tree nodes in memory: what the tests of the versioned tree run on.
 *
 * @module
 */
import { columnItem } from "../../core/bytes/column.ts";
import { encodeHex } from "../../core/bytes/hex.ts";
import type { NodeBatch, NodeKey, NodeStore } from "../../core/merkle/jellyfish-store.ts";

/** A node store that can also forget, and tells how often it was asked. */
export interface MemoryNodeStore extends NodeStore {
  /** Removes nodes, as pruning does. */
  deleteNodes(keys: readonly NodeKey[]): void;
  /** Every node, as name → bytes. Changing it changes the store. */
  readonly nodes: Map<string, Uint8Array>;
  /** Calls of `readNodes` so far. */
  readCount(): number;
}

/** Name of a node in `MemoryNodeStore.nodes`. */
export function nodeName(key: NodeKey): string {
  return `${key.version}/${encodeHex(key.path)}`;
}

/** Creates an empty store. */
export function createMemoryNodeStore(): MemoryNodeStore {
  const nodes = new Map<string, Uint8Array>();
  let reads = 0;
  return {
    nodes,
    readCount: () => reads,
    readNodes(keys) {
      reads++;
      return Promise.resolve(keys.map((key) => nodes.get(nodeName(key))));
    },
    writeNodes(batch: NodeBatch) {
      for (let i = 0; i < batch.nodes.count; i++) {
        const key = { version: batch.version, path: columnItem(batch.paths, i) };
        nodes.set(nodeName(key), columnItem(batch.nodes, i).slice());
      }
      return Promise.resolve();
    },
    deleteNodes(keys) {
      for (const key of keys) nodes.delete(nodeName(key));
    },
  };
}
