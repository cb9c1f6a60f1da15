/**
 * Loading nodes of a kept tree version for reading.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import { readNode } from "./jellyfish-node.ts";
import { pathOfKey } from "./jellyfish-path.ts";
import { createLeafList, createSlotTable, type LeafList, type SlotTable } from "./jellyfish-slots.ts";
import type { NodeReader } from "./jellyfish-store.ts";

/** A node to load. */
export interface NodeReference {
  readonly version: number;
  readonly depth: number;
  /** 32 bytes that begin like every key below the node. */
  readonly key: Uint8Array;
  /** Leaves below it, as its parent counts them; absent for a root. */
  readonly leafCount?: number;
}

/** Loaded nodes, in the order asked for. */
export interface LoadedNodes {
  readonly slots: SlotTable;
  readonly leaves: LeafList;
  /** Leaves below each. */
  readonly leafCounts: readonly number[];
}

const ANY_KEY = new Uint8Array(32);

/**
 * The root of a tree version.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if no tree has such a version.
 */
export function rootReference(version: bigint): NodeReference {
  if (version < 0n || version > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new SyncError("INVALID_ARGUMENT", `Cannot read tree: version is 0 to 2^53 - 1, current value is ${version}`);
  }
  return { version: Number(version), depth: 0, key: ANY_KEY };
}

/**
 * Loads nodes with one read.
 *
 * @throws {SyncError} `PRUNED` if one is not there; `STORAGE_CORRUPT` if one is nonsense.
 */
export async function loadNodes(reader: NodeReader, references: readonly NodeReference[]): Promise<LoadedNodes> {
  const found = await reader.readNodes(
    references.map(({ version, depth, key }) => ({ version: BigInt(version), path: pathOfKey(key, 0, depth) })),
  );
  const slots = createSlotTable(references.length);
  const leaves = createLeafList(references.length);
  const leafCounts = references.map((reference, node) => {
    const { version, depth, key } = reference;
    const bytes = found[node];
    if (bytes === undefined) {
      throw new SyncError("PRUNED", `Cannot read tree: a node of version ${version} is not kept`, {
        detail: { version: BigInt(version), depth },
      });
    }
    const leafCount = readNode({ bytes, version, depth, keys: key, keyOffset: 0 }, { slots, node, leaves });
    if (reference.leafCount !== undefined && leafCount !== reference.leafCount) {
      throw new SyncError(
        "STORAGE_CORRUPT",
        `Cannot read node of version ${version} at depth ${depth}: its parent counts ${reference.leafCount} leaves, not ${leafCount}`,
      );
    }
    return leafCount;
  });
  return { slots, leaves, leafCounts };
}
