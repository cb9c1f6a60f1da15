/**
 * The state tree's nodes in pages: the node store of the versioned tree.
 *
 * Layout of a page: u32 LE length of the first column, a column of paths (sorted), a column of nodes.
 *
 * @module
 */
import { type Column, columnItem, decodeColumn, sliceColumn } from "../bytes/column.ts";
import { SyncError } from "../errors.ts";
import type { NodeBatch, NodeKey, NodeReader } from "../merkle/jellyfish-store.ts";
import type { KvOperation, OrderedKv } from "../ports/ordered-kv.ts";
import { type ByteCache, createByteCache } from "./byte-cache.ts";
import type { LedgerKeys } from "./keys.ts";
import { getManyLarge, putLarge } from "./large-value.ts";
import { findItem, pageOf, planPages } from "./page-index.ts";
import type { TreeRecords } from "./tree-record.ts";

/**
 * About how long a page is. A random read of one node brings in its page, a commit writes a row a page: small pages for
 * reading, large ones for writing; measured in test/bench/tree-update.bench.ts.
 */
export const NODE_PAGE_BYTES: number = 4 * 1024;

/** A page in memory. */
interface NodePage {
  readonly paths: Column;
  readonly nodes: Column;
}

/** Nodes cut into pages, ready to be stored. */
export interface NodePages {
  /** Separators of the pages, for the tree record. */
  readonly separators: Column;
  readonly operations: readonly KvOperation[];
  /** The pages' bytes, in order. */
  readonly pages: readonly Uint8Array[];
}

/** The tree's nodes, read through a bounded cache. */
export interface NodePageReader extends NodeReader {
  /** Adds pages that have just been committed to the cache. */
  add(version: bigint, pages: NodePages): void;
}

/** Cuts the nodes of one version into pages. */
export function buildNodePages(keys: LedgerKeys, batch: NodeBatch, pageBytes: number = NODE_PAGE_BYTES): NodePages {
  const { paths, nodes, version } = batch;
  const { pages, separators } = planPages({
    count: paths.count,
    nameAt: (i) => columnItem(paths, i),
    sizeAt: (i) => itemLength(paths, i) + itemLength(nodes, i) + 2 * 4,
  }, pageBytes);
  const values = pages.map(({ first, count }) =>
    encodePage(sliceColumn(paths, first, count), sliceColumn(nodes, first, count))
  );
  return {
    separators,
    pages: values,
    operations: values.flatMap((value, page) => putLarge(keys.nodePage(version, page), value)),
  };
}

/** Creates the reader, with a cache of at most `cacheBytes`. */
export function createNodePageReader(
  kv: OrderedKv,
  keys: LedgerKeys,
  options: { readonly records: TreeRecords; readonly cacheBytes: number },
): NodePageReader {
  const cache: ByteCache<string, NodePage> = createByteCache(options.cacheBytes);
  const keep = (name: string, bytes: Uint8Array): NodePage => {
    const page = decodePage(bytes);
    // Offsets are decoded to as many bytes again.
    cache.set(name, page, bytes.length + 4 * (page.paths.count + page.nodes.count));
    return page;
  };
  return {
    add(version, pages) {
      pages.pages.forEach((bytes, page) => {
        keep(pageName(version, page), bytes);
      });
    },
    async readNodes(nodeKeys) {
      const records = await options.records.read(nodeKeys.map((key) => key.version));
      const places = nodeKeys.map((key) => {
        const record = records.get(key.version);
        const page = record === undefined ? undefined : pageOf(record.nodePages, key.path);
        return page === undefined ? undefined : { name: pageName(key.version, page), version: key.version, page };
      });
      const pages = new Map<string, NodePage>();
      const missing = new Map<string, Uint8Array>();
      for (const place of places) {
        if (place === undefined || pages.has(place.name) || missing.has(place.name)) continue;
        const page = cache.get(place.name);
        if (page === undefined) missing.set(place.name, keys.nodePage(place.version, place.page));
        else pages.set(place.name, page);
      }
      const names = [...missing.keys()];
      const values = names.length === 0 ? [] : await getManyLarge(kv, [...missing.values()]);
      values.forEach((bytes, i) => {
        if (bytes !== undefined) pages.set(names[i] as string, keep(names[i] as string, bytes));
      });
      return nodeKeys.map((key, i) => {
        const place = places[i];
        const page = place === undefined ? undefined : pages.get(place.name);
        return page === undefined ? undefined : nodeIn(page, key);
      });
    },
  };
}

function nodeIn(page: NodePage, key: NodeKey): Uint8Array | undefined {
  const index = findItem(page.paths, key.path);
  return index === undefined ? undefined : columnItem(page.nodes, index);
}

function encodePage(paths: Column, nodes: Column): Uint8Array {
  const bytes = new Uint8Array(4 + paths.bytes.length + nodes.bytes.length);
  new DataView(bytes.buffer).setUint32(0, paths.bytes.length, true);
  bytes.set(paths.bytes, 4);
  bytes.set(nodes.bytes, 4 + paths.bytes.length);
  return bytes;
}

function decodePage(bytes: Uint8Array): NodePage {
  try {
    const split = 4 + new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
    const paths = decodeColumn(bytes.subarray(4, split), bytes.length);
    return { paths, nodes: decodeColumn(bytes.subarray(split), bytes.length) };
  } catch (error) {
    throw new SyncError("STORAGE_CORRUPT", "Cannot read state tree: a page is broken", { cause: error });
  }
}

function itemLength(column: Column, index: number): number {
  return (column.offsets[index + 1] as number) - (column.offsets[index] as number);
}

function pageName(version: bigint, page: number): string {
  return `${version}/${page}`;
}
