/**
 * Reading state with proof: values, chunks, roots and counts of tree versions.
 *
 * @module
 */
import { encodeColumn } from "../bytes/column.ts";
import { SyncError } from "../errors.ts";
import { readLeaves } from "../merkle/jellyfish-leaves.ts";
import { getWithProof, proveRangeUpTo } from "../merkle/jellyfish-read.ts";
import { hashAt } from "../merkle/node-hash.ts";
import { keysBetween, readU64 } from "./keys.ts";
import type { LedgerParts } from "./ledger-parts.ts";
import type { LedgerProgress, StateChunk, StateChunkRequest, StateValueWithProof } from "./reader.ts";
import { readStateItems, type StateItem, type StateItemPlace } from "./state-pages.ts";
import type { TreeRecord } from "./tree-record.ts";

/** Most leaves of one chunk, so that a request cannot make the reader hold a whole state. */
const MAX_CHUNK_ITEMS = 16_384;
/** Items whose pages are read at a time: what is read beyond `maxBytes` stays below this many items. */
const ITEMS_PER_READ = 512;
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
  const [item] = await readItems(parts, [{ keyHash, version: leaf.version }]);
  return { ...item, proof };
}

/** Items from `firstIndex` on, as many as the request allows, with proof. */
export async function readStateChunk(
  parts: LedgerParts,
  request: StateChunkRequest,
  record: TreeRecord,
): Promise<StateChunk> {
  const { version, firstIndex } = request;
  if (!Number.isSafeInteger(request.count) || request.count < 1 || firstIndex < 0n) {
    throw new SyncError("INVALID_ARGUMENT", `Cannot read states: the range ${firstIndex} + ${request.count} is empty`);
  }
  if (firstIndex >= record.leafCount) {
    throw new SyncError(
      "NOT_SERVICEABLE",
      `Cannot read states: there are ${record.leafCount}, not ${firstIndex + 1n}`,
      {
        detail: { count: record.leafCount, firstIndex },
      },
    );
  }
  const leaves = await readLeaves(parts.tree, {
    version,
    firstIndex,
    count: Math.min(request.count, MAX_CHUNK_ITEMS),
  });
  const places = leaves.versions.map((written, i) => ({ keyHash: hashAt(leaves.keys, i), version: written }));
  const items = await readItemsWithin(parts, places, request.maxBytes);
  const firstKey = hashAt(leaves.keys, 0).slice();
  const lastKey = hashAt(leaves.keys, items.length - 1).slice();
  return {
    firstIndex,
    lastIndex: firstIndex + BigInt(items.length) - 1n,
    firstKey,
    lastKey,
    stateKeys: encodeColumn(items.map((item) => item.stateKey)),
    stateValues: encodeColumn(items.map((item) => item.stateValue)),
    proof: await proveRangeUpTo(parts.tree, { version, keyHash: lastKey }),
    rootHash: record.rootHash,
  };
}

async function readItemsWithin(
  parts: LedgerParts,
  places: readonly StateItemPlace[],
  maxBytes: number,
): Promise<StateItem[]> {
  const items: StateItem[] = [];
  let bytes = 0;
  for (let first = 0; first < places.length; first += ITEMS_PER_READ) {
    for (const item of await readItems(parts, places.slice(first, first + ITEMS_PER_READ))) {
      bytes += item.stateKey.length + item.stateValue.length;
      if (items.length > 0 && bytes > maxBytes) return items;
      items.push(item);
    }
  }
  return items;
}

async function readItems({ kv, keys, records }: LedgerParts, places: readonly StateItemPlace[]): Promise<StateItem[]> {
  return await readStateItems(kv, keys, { records, places });
}
