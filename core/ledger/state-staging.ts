/**
 * Computing a new tree version from write sets, and the operations that store it.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import { type ColumnRange, joinColumnRanges } from "../bytes/column-ranges.ts";
import { collectStateUpdates, type StateUpdates } from "../chain/state-updates.ts";
import { SyncError } from "../errors.ts";
import { batchUpdate, type JellyfishUpdate } from "../merkle/jellyfish-update.ts";
import type { KvOperation } from "../ports/ordered-kv.ts";
import type { HeadRecord } from "./head-record.ts";
import { putLarge } from "./large-value.ts";
import type { LedgerParts } from "./ledger-parts.ts";
import { buildNodePages, type NodePages } from "./node-pages.ts";
import { nextVersion } from "./reader.ts";
import { readWriteSets } from "./segment-reader.ts";
import { encodeStaleNodes } from "./stale-nodes.ts";
import { buildStatePages } from "./state-pages.ts";
import { encodeTreeRecord, type TreeRecord } from "./tree-record.ts";
import type { StagedState, StageStateInput } from "./writer.ts";

/** A staged state and all that storing it needs. */
export interface StagedTree {
  readonly state: StagedState;
  /** The head that it was staged on. */
  readonly base: HeadRecord;
  readonly updates: StateUpdates;
  readonly tree: JellyfishUpdate;
}

/** What storing a tree version does. */
export interface TreeWrite {
  readonly operations: readonly KvOperation[];
  readonly record: TreeRecord;
  readonly nodePages: NodePages;
}

/** Computes the tree at `input.version` on top of `head`. Writes nothing. */
export async function stageTree(parts: LedgerParts, head: HeadRecord, input: StageStateInput): Promise<StagedTree> {
  const next = nextVersion(head);
  const firstPending = head.checkpointVersion === undefined ? head.firstVersion : head.checkpointVersion + 1n;
  const fresh = firstItems(input.writeSets, { firstVersion: next, lastVersion: input.version });
  const range = { firstVersion: firstPending, count: Number(next - firstPending) };
  const writeSets = [...await readWriteSets(parts.kv, parts.keys, range), ...fresh];
  const updates = collectStateUpdates(parts.context, writeSets, firstPending);
  const tree = await batchUpdate(parts.tree, {
    base: head.checkpointVersion,
    version: input.version,
    updates: { keys: updates.keyHashes, valueHashes: updates.valueHashes, deleted: deletions(updates) },
  });
  const state = { version: input.version, rootHash: tree.rootHash, leafCount: tree.leafCount };
  return { state, base: head, updates, tree };
}

/** The operations that store a staged tree. */
export function writeTree({ keys }: LedgerParts, staged: StagedTree): TreeWrite {
  const { version } = staged.state;
  const nodePages = buildNodePages(keys, staged.tree.nodes);
  const statePages = buildStatePages(keys, version, staged.updates);
  const record: TreeRecord = {
    rootHash: staged.state.rootHash,
    leafCount: staged.state.leafCount,
    nodePages: nodePages.separators,
    statePages: statePages.separators,
  };
  const stale = staged.tree.stale.length === 0
    ? []
    : putLarge(keys.stale(version), encodeStaleNodes(staged.tree.stale));
  return {
    record,
    nodePages,
    operations: [
      ...nodePages.operations,
      { put: keys.tree(version), value: encodeTreeRecord(record) },
      ...statePages.operations,
      ...stale,
    ],
  };
}

/** The first items of columns that follow each other: those of `firstVersion` to `lastVersion`. */
function firstItems(
  columns: readonly Column[],
  range: { readonly firstVersion: bigint; readonly lastVersion: bigint },
): Column[] {
  const count = range.lastVersion - range.firstVersion + 1n;
  const given = columns.reduce((sum, column) => sum + column.count, 0);
  if (count < 1n || count > BigInt(given)) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot stage version ${range.lastVersion}: the next one is ${range.firstVersion}, and there are ${given} write sets`,
      { detail: { version: range.lastVersion, next: range.firstVersion, given } },
    );
  }
  let left = Number(count);
  return columns.flatMap((column) => {
    const taken: ColumnRange = { column, first: 0, count: Math.min(column.count, left) };
    left -= taken.count;
    return taken.count === 0 ? [] : [joinColumnRanges([taken])];
  });
}

/** One byte a key: 1 where the last write removes it. */
function deletions({ stateValues }: StateUpdates): Uint8Array {
  const deleted = new Uint8Array(stateValues.count);
  for (let i = 0; i < deleted.length; i++) {
    if (stateValues.offsets[i] === stateValues.offsets[i + 1]) deleted[i] = 1;
  }
  return deleted;
}
