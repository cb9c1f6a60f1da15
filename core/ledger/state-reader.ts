/**
 * Reading state with proof: values, runs of items, roots and counts of tree versions.
 *
 * @module
 */
import { encodeColumn } from "../bytes/column.ts";
import { HASH_BYTES } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import { readLeaves } from "../merkle/jellyfish-leaves.ts";
import { getWithProof, proveRangeUpTo } from "../merkle/jellyfish-read.ts";
import { hashAt } from "../merkle/node-hash.ts";
import type { SparseMerkleRangeProof } from "../merkle/sparse.ts";
import { keysBetween, readU64 } from "./keys.ts";
import type { LedgerParts } from "./ledger-parts.ts";
import type { LedgerProgress, StateRun, StateRunsRequest, StateValueWithProof } from "./reader.ts";
import { createStateItemReader } from "./state-pages.ts";
import type { TreeRecord } from "./tree-record.ts";

/** Most leaves of one pass, so that a request cannot make the reader hold a whole state. */
const MAX_RUNS_ITEMS = 16_384;
/** Items of the first run: few, since nothing is known of their size yet. */
const FIRST_RUN_ITEMS = 32;
/** Most items of a run: what is read in vain where a caller stops stays below it. */
const MAX_RUN_ITEMS = 512;
/** Bytes of a run, about: as much as a segment of transactions. */
const RUN_TARGET_BYTES = 256 * 1024;
/** Bytes of pages that a pass remembers: a page of 16 KiB each for 256 versions that wrote in the same neighbourhood. */
const REMEMBERED_BYTES = 4 * 1024 * 1024;
/** Offset of the version in a tree record's key. */
const VERSION_OFFSET = 2;

/** The newest tree version at or below `version`, or `undefined`. */
export async function treeVersionAtOrBelow({ kv, keys }: LedgerParts, version: bigint): Promise<bigint | undefined> {
  const range = keysBetween(keys.tree(0n), keys.tree(version));
  const [entry] = await kv.scan(range, { limit: 1, reverse: true });
  return entry === undefined ? undefined : readU64(entry.key, VERSION_OFFSET);
}

/**
 * The record of a tree version.
 *
 * @throws {SyncError} `NOT_SERVICEABLE` if `version` is not written yet; `NOT_A_CHECKPOINT` if it is no tree version;
 *   `PRUNED` if it lies below the lowest one.
 */
export async function requireTree(
  parts: LedgerParts,
  version: bigint,
  progress: () => Promise<LedgerProgress>,
): Promise<TreeRecord> {
  const record = (await parts.records.read([{ version }])).get(version);
  if (record !== undefined) return record;
  const { preCommittedVersion, firstVersion } = await progress();
  if (preCommittedVersion === undefined || version > preCommittedVersion) {
    throw new SyncError("NOT_SERVICEABLE", `Cannot read state: version ${version} is not here yet`, {
      detail: { version },
    });
  }
  if (version < firstVersion) {
    throw new SyncError("PRUNED", `Cannot read state: versions below ${firstVersion} are not kept`, {
      detail: { lowest: firstVersion, version },
    });
  }
  const checkpoint = await treeVersionAtOrBelow(parts, version);
  const hint = checkpoint === undefined ? "there is none at or below it" : `the one at or below it is ${checkpoint}`;
  throw new SyncError("NOT_A_CHECKPOINT", `Cannot read state: version ${version} is not a checkpoint, ${hint}`, {
    detail: { version, checkpoint },
  });
}

/** The item with `keyHash` at a tree version, or the proof that there is none. */
export async function readStateValue(
  parts: LedgerParts,
  version: bigint,
  keyHash: Uint8Array,
): Promise<StateValueWithProof> {
  const { leaf, proof } = await getWithProof(parts.tree, { version, keyHash });
  if (leaf === undefined) return { proof };
  const reader = createStateItemReader(parts.kv, parts.keys, { records: parts.records, rememberedBytes: 0 });
  const [item] = await reader.read([{ keyHash, version: leaf.version }]);
  return { ...item, proof };
}

/** Items from `firstIndex` on, in runs of bounded length: one pass over leaves and pages, as far as the runs are asked for. */
export async function* readStateRuns(
  parts: LedgerParts,
  request: StateRunsRequest,
  record: TreeRecord,
): AsyncGenerator<StateRun> {
  const { version, firstIndex, count } = request;
  assertStateRange(request, record.leafCount);
  const leaves = await readLeaves(parts.tree, { version, firstIndex, count: Math.min(count, MAX_RUNS_ITEMS) });
  const { kv, keys, records } = parts;
  const reader = createStateItemReader(kv, keys, { records, rememberedBytes: REMEMBERED_BYTES });
  let rows = FIRST_RUN_ITEMS;
  for (let first = 0; first < leaves.versions.length;) {
    const versions = leaves.versions.slice(first, first + rows);
    const items = await reader.read(versions.map((written, i) => ({
      keyHash: hashAt(leaves.keys, first + i),
      version: written,
    })));
    const run: StateRun = {
      keyHashes: leaves.keys.subarray(first * HASH_BYTES, (first + items.length) * HASH_BYTES),
      stateKeys: encodeColumn(items.map((item) => item.stateKey)),
      stateValues: encodeColumn(items.map((item) => item.stateValue)),
    };
    yield run;
    first += items.length;
    rows = nextRows(run);
  }
}

/** Proves that no item is missing from the leftmost one up to the one with `keyHash`, which must be there. */
export async function readStateRangeProof(
  parts: LedgerParts,
  version: bigint,
  keyHash: Uint8Array,
): Promise<SparseMerkleRangeProof> {
  return await proveRangeUpTo(parts.tree, { version, keyHash });
}

/** As many items as take {@link RUN_TARGET_BYTES}, judged by the last run. */
function nextRows({ stateKeys, stateValues }: StateRun): number {
  const averageBytes = (stateKeys.data.length + stateValues.data.length) / stateKeys.count;
  return Math.max(1, Math.min(MAX_RUN_ITEMS, Math.floor(RUN_TARGET_BYTES / averageBytes)));
}

function assertStateRange({ firstIndex, count }: StateRunsRequest, leafCount: bigint): void {
  if (!Number.isSafeInteger(count) || count < 1 || firstIndex < 0n) {
    throw new SyncError("INVALID_ARGUMENT", `Cannot read states: the range ${firstIndex} + ${count} is empty`);
  }
  if (firstIndex < leafCount) return;
  throw new SyncError("NOT_SERVICEABLE", `Cannot read states: there are ${leafCount}, not ${firstIndex + 1n}`, {
    detail: { count: leafCount, firstIndex },
  });
}
