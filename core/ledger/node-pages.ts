/**
 * The state tree's nodes in pages: the node store of the versioned tree.
 *
 * Layout of a page: u32 LE length of the first column, a column of paths (sorted), a column of nodes.
 *
 * @module
 */
import { type Column, columnItem, itemLength, sliceColumn } from "../bytes/column.ts";
import { SyncError } from "../errors.ts";
import type { NodeBatch, NodeKey, NodeReader } from "../merkle/jellyfish-store.ts";
import type { KvOperation, OrderedKv } from "../ports/ordered-kv.ts";
import { type ByteCache, createByteCache } from "./byte-cache.ts";
import type { LedgerKeys } from "./keys.ts";
import { getManyLarge, putLarge } from "./large-value.ts";
import { compareRange, pageOf, planPages } from "./page-index.ts";
import type { TreeRecords } from "./tree-record.ts";

/**
 * About how long a page is. A random read of one node brings in its page, a commit writes a row a page: small pages for
 * reading, large ones for writing; measured in test/bench/tree-update.bench.ts.
 */
export const NODE_PAGE_BYTES: number = 4 * 1024;

/** Most pages of one version: 4 GB, more than one update can hold. */
const MAX_PAGES = 2 ** 20;
/** Bits of a page's number. */
const PAGE_BITS = 20n;
/** Versions below this make, with a page's number, an exact number; those above take the slower bigint. */
const FIRST_BIG_VERSION = 2n ** 33n;

/** A page of the tree: its version and its number in one. */
type PageName = number | bigint;

/** A page in memory. */
interface NodePage {
  readonly bytes: Uint8Array;
  readonly view: DataView;
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
  const cache: ByteCache<PageName, NodePage> = createByteCache(options.cacheBytes);
  const keep = (name: PageName, bytes: Uint8Array): NodePage => {
    const page = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
    cache.set(name, page, bytes.length);
    return page;
  };

  /** Page of each key; `undefined` where its version is not there. */
  async function placesOf(nodeKeys: readonly NodeKey[]): Promise<(PageName | undefined)[]> {
    const records = await options.records.read(nodeKeys);
    return nodeKeys.map(({ version, path }) => {
      const record = records.get(version);
      const page = record === undefined ? undefined : pageOf(record.nodePages, path);
      return page === undefined ? undefined : pageName(version, page);
    });
  }

  return {
    add(version, pages) {
      pages.pages.forEach((bytes, page) => {
        keep(pageName(version, page), bytes);
      });
    },
    async readNodes(nodeKeys) {
      const places = await placesOf(nodeKeys);
      const pages = new Map<PageName | undefined, NodePage>();
      const missing: PageName[] = [];
      for (const place of new Set(places)) {
        if (place === undefined) continue;
        const page = cache.get(place);
        if (page !== undefined) pages.set(place, page);
        else missing.push(place);
      }
      const values = missing.length === 0 ? [] : await getManyLarge(kv, missing.map((place) => pageKey(keys, place)));
      values.forEach((bytes, i) => {
        const place = missing[i] as PageName;
        if (bytes !== undefined) pages.set(place, keep(place, bytes));
      });
      return nodeKeys.map((key, i) => {
        const page = pages.get(places[i]);
        return page === undefined ? undefined : nodeIn(page, key.path);
      });
    },
  };
}

/** The node at `path`, as a view, or `undefined`. */
function nodeIn({ bytes, view }: NodePage, path: Uint8Array): Uint8Array | undefined {
  try {
    const paths = 4;
    const nodes = paths + view.getUint32(0, true);
    const count = view.getUint32(paths, true);
    const data = columnData(paths, count);
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = data + view.getUint32(paths + 4 + 4 * middle, true);
      const order = compareRange(bytes, start, data + view.getUint32(paths + 8 + 4 * middle, true), path);
      if (order === 0) {
        const from = columnData(nodes, count) + view.getUint32(nodes + 4 + 4 * middle, true);
        return bytes.subarray(from, columnData(nodes, count) + view.getUint32(nodes + 8 + 4 * middle, true));
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  } catch (error) {
    throw new SyncError("STORAGE_CORRUPT", "Cannot read state tree: a page is broken", { cause: error });
  }
}

/** Where the items of a column that starts at `start` begin: behind its count and offsets. */
function columnData(start: number, count: number): number {
  return start + 4 + 4 * (count + 1);
}

function encodePage(paths: Column, nodes: Column): Uint8Array {
  const bytes = new Uint8Array(4 + paths.bytes.length + nodes.bytes.length);
  new DataView(bytes.buffer).setUint32(0, paths.bytes.length, true);
  bytes.set(paths.bytes, 4);
  bytes.set(nodes.bytes, 4 + paths.bytes.length);
  return bytes;
}

function pageName(version: bigint, page: number): PageName {
  if (version < FIRST_BIG_VERSION) return Number(version) * MAX_PAGES + page;
  return (version << PAGE_BITS) + BigInt(page);
}

function pageKey(keys: LedgerKeys, name: PageName): Uint8Array {
  if (typeof name === "number") return keys.nodePage(BigInt(Math.floor(name / MAX_PAGES)), name % MAX_PAGES);
  return keys.nodePage(name >> PAGE_BITS, Number(BigInt.asUintN(Number(PAGE_BITS), name)));
}
