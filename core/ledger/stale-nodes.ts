/**
 * What a tree version made stale, for the pruner: nodes that no later version reaches.
 *
 * Layout: u32 LE count, then for each node the version that made it (u64 LE), then a column of paths.
 *
 * @module
 */
import { columnItem, decodeColumn, encodeColumn } from "../bytes/column.ts";
import { SyncError } from "../errors.ts";
import type { NodeKey } from "../merkle/jellyfish-store.ts";

/** Bytes of a list of stale nodes. */
export function encodeStaleNodes(nodes: readonly NodeKey[]): Uint8Array {
  const paths = encodeColumn(nodes.map((node) => node.path));
  const bytes = new Uint8Array(4 + 8 * nodes.length + paths.bytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, nodes.length, true);
  nodes.forEach((node, i) => {
    view.setBigUint64(4 + 8 * i, node.version, true);
  });
  bytes.set(paths.bytes, 4 + 8 * nodes.length);
  return bytes;
}

/**
 * Reads a list of stale nodes. Paths are views of `bytes`.
 *
 * @throws {SyncError} `STORAGE_CORRUPT` if the bytes are no such list.
 */
export function decodeStaleNodes(bytes: Uint8Array): NodeKey[] {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = view.getUint32(0, true);
    const paths = decodeColumn(bytes.subarray(4 + 8 * count), count);
    return Array.from({ length: count }, (_, i) => ({
      version: view.getBigUint64(4 + 8 * i, true),
      path: columnItem(paths, i),
    }));
  } catch (error) {
    throw new SyncError("STORAGE_CORRUPT", "Cannot read stale nodes: their list is broken", { cause: error });
  }
}
