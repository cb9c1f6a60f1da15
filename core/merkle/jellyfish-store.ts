/**
 * What a versioned sparse Merkle tree needs of its home: nodes by (version, path), read in batches.
 *
 * Nodes are written once and never change. Their bytes are opaque here; `jellyfish-node.ts` owns the layout.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import type { SparseHash } from "./node-hash.ts";

/** Name of a node: the tree version that made it, and where it is. */
export interface NodeKey {
  /** Tree version that made the node. */
  readonly version: bigint;
  /**
   * Where the node is, as 0 to 43 opaque bytes; the root is the empty path. Lexicographic order of
   * these bytes is the order of the tree: a node comes before everything below it, and below it before its right
   * neighbour.
   */
  readonly path: Uint8Array;
}

/** Nodes that one tree version made, sorted by path. Item i of both columns belongs together. */
export interface NodeBatch {
  /** Tree version of all of them. */
  readonly version: bigint;
  /** Path of each node, strictly ascending; the first is the empty path of the root. */
  readonly paths: Column;
  /** Encoded node of each. */
  readonly nodes: Column;
}

/** The reading half: all that updating and proving need. */
export interface NodeReader {
  /**
   * The encoded nodes at `keys`, in that order; `undefined` for one that is not there.
   *
   * Called once per tree level with all nodes wanted on that level, in ascending order of path. What comes back is not
   * changed and not kept beyond the call.
   */
  readNodes(keys: readonly NodeKey[]): Promise<readonly (Uint8Array | undefined)[]>;
}

/** A home for nodes. */
export interface NodeStore extends NodeReader {
  /** Adds the nodes of one version. The columns are not changed by the tree afterwards. */
  writeNodes(batch: NodeBatch): Promise<void>;
}

/** A tree: where its nodes are, and how they hash. */
export interface JellyfishTree {
  readonly reader: NodeReader;
  readonly hash: SparseHash;
}
