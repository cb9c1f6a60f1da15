/**
 * Batch update of the versioned sparse Merkle tree.
 *
 * Root down: read what the updates touch, one read per level. Bottom up: settle, then hash, one call of the hasher for
 * all leaves and one per binary level. The result is data for the store; nothing is written here.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import { descend, type UpdateList } from "./jellyfish-descend.ts";
import { writeOutput } from "./jellyfish-output.ts";
import { hashLevels, settle } from "./jellyfish-settle.ts";
import type { JellyfishTree, NodeBatch, NodeKey } from "./jellyfish-store.ts";
import { countSortedLeaves } from "./key-bits.ts";

/** Highest tree version: versions are exact numbers inside the tree. */
export const MAX_TREE_VERSION: bigint = 2n ** 53n - 1n;

/** Changes of one tree version: the last write of every key, sorted. */
export interface StateUpdates {
  /** Key hashes, flat, strictly ascending. */
  readonly keys: Uint8Array;
  /** Value hashes, flat, one for each key; ignored where `deleted` is 1. */
  readonly valueHashes: Uint8Array;
  /** One byte for each key: 1 removes it, 0 writes it. All are writes if absent. */
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
   * Nodes that the base version reaches and the new version does not, in ascending order of path.
   * They may be deleted once no version from theirs up to `base` is kept.
   */
  readonly stale: readonly NodeKey[];
}

/**
 * Applies `updates` to the tree at version `base`, as tree version `version`.
 *
 * Reads from the tree's store and writes nothing. Removing an absent key changes nothing; writing a key again with the
 * same value makes a new leaf, of the new version.
 *
 * @param input.base Tree version to start from; `undefined` starts from the empty tree.
 * @param input.version Version of the result, above `base`, at most {@link MAX_TREE_VERSION}.
 * @throws {SyncError} `INVALID_ARGUMENT` if versions or updates break a rule above.
 * @throws {SyncError} `STORAGE_CORRUPT` if a node is missing or nonsense.
 */
export async function batchUpdate(
  tree: JellyfishTree,
  input: { readonly base: bigint | undefined; readonly version: bigint; readonly updates: StateUpdates },
): Promise<JellyfishUpdate> {
  assertVersions(input.base, input.version);
  const updates = checkUpdates(input.updates, Number(input.version));
  const base = input.base === undefined ? undefined : Number(input.base);
  const descent = await descend(tree.reader, { base, updates });
  const made = settle(descent, updates.version);
  const rootHash = hashLevels(descent, made, tree.hash);
  const madeCount = made.reduce((count, nodes) => count + nodes.length, 0);
  return {
    rootHash,
    leafCount: BigInt(descent.levels[0]?.leafCounts[0] ?? 0),
    ...writeOutput(descent, { updates, madeCount }),
  };
}

function assertVersions(base: bigint | undefined, version: bigint): void {
  const lowest = base === undefined ? 0n : base + 1n;
  if (version < lowest || version > MAX_TREE_VERSION || lowest < 0n) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot update tree: version is ${lowest} to ${MAX_TREE_VERSION}, current value is ${version}`,
    );
  }
}

function checkUpdates(updates: StateUpdates, version: number): UpdateList {
  const { keys, valueHashes } = updates;
  const count = countSortedLeaves(updates);
  const deleted = updates.deleted ?? new Uint8Array(count);
  if (deleted.length !== count || deleted.some((flag) => flag > 1)) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot update tree: one mark of 0 or 1 for each of ${count} keys, there are ${deleted.length}`,
    );
  }
  return { count, keys, valueHashes, deleted, version };
}
