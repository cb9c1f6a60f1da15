/**
 * State items in pages: what the leaves of the state tree stand for.
 *
 * A leaf names the tree version that wrote its item last; the item is in that version's pages, sorted by key hash.
 * Layout of a page: u32 LE count, 32-byte key hashes, u32 LE length of the next column, a column of BCS state keys, a column
 * of BCS state values.
 *
 * @module
 */
import { compareBytes } from "../bytes/bytes.ts";
import { type Column, columnItem, decodeColumn, itemLength } from "../bytes/column.ts";
import { joinColumnRanges } from "../bytes/column-ranges.ts";
import { HASH_BYTES } from "../chain/hash.ts";
import type { StateUpdates } from "../chain/state-updates.ts";
import { SyncError } from "../errors.ts";
import { hashAt } from "../merkle/node-hash.ts";
import type { KvOperation, OrderedKv } from "../ports/ordered-kv.ts";
import { type ByteCache, createByteCache } from "./byte-cache.ts";
import type { LedgerKeys } from "./keys.ts";
import { getManyLarge, putLarge } from "./large-value.ts";
import { pageOf, planPages } from "./page-index.ts";
import type { TreeRecords } from "./tree-record.ts";

/** About how long a page is; a page with one large item is longer. */
const STATE_PAGE_BYTES: number = 16 * 1024;

/** A state item: views of a page. */
interface StateItem {
  /** BCS `StateKey`. */
  readonly stateKey: Uint8Array;
  /** BCS `StateValue`. */
  readonly stateValue: Uint8Array;
}

/** Where an item is: what a leaf of the tree says. */
interface StateItemPlace {
  /** 32-byte key hash. */
  readonly keyHash: Uint8Array;
  /** Tree version that wrote it. */
  readonly version: bigint;
}

/** Items cut into pages, ready to be stored. */
export interface StatePages {
  /** Separators of the pages, for the tree record. */
  readonly separators: Column;
  readonly operations: readonly KvOperation[];
}

/** Cuts the items that one tree version writes into pages; deletions leave nothing. */
export function buildStatePages(
  keys: LedgerKeys,
  version: bigint,
  updates: StateUpdates,
  pageBytes: number = STATE_PAGE_BYTES,
): StatePages {
  const written = writtenItems(updates);
  const at = (i: number) => written[i] as number;
  const { pages, separators } = planPages({
    count: written.length,
    nameAt: (i) => hashAt(updates.keyHashes, at(i)),
    sizeAt: (i) => itemLength(updates.stateKeys, at(i)) + itemLength(updates.stateValues, at(i)) + HASH_BYTES + 2 * 4,
  }, pageBytes);
  return {
    separators,
    operations: pages.flatMap(({ first, count }, page) =>
      putLarge(keys.statePage(version, page), encodePage(updates, written.subarray(first, first + count)))
    ),
  };
}

/** Reads state items. */
export interface StateItemReader {
  /**
   * The items at `places`, in that order. One read for all pages that are needed and not remembered.
   *
   * @throws {SyncError} `STORAGE_CORRUPT` if an item is not where its leaf says.
   */
  read(places: readonly StateItemPlace[]): Promise<StateItem[]>;
}

/**
 * Creates a reader for one pass over items.
 *
 * @param parts.rememberedBytes Bytes of pages that are remembered from one read to the next: neighbours in the order of
 *   key hashes are often in the same pages.
 */
export function createStateItemReader(
  kv: OrderedKv,
  keys: LedgerKeys,
  parts: { readonly records: TreeRecords; readonly rememberedBytes: number },
): StateItemReader {
  const remembered: ByteCache<string, StatePage> = createByteCache(parts.rememberedBytes);
  return {
    async read(places) {
      const records = await parts.records.read(places);
      const pageKeys = new Map<string, Uint8Array>();
      const names = places.map(({ version, keyHash }) => {
        const record = records.get(version);
        const page = record === undefined ? undefined : pageOf(record.statePages, keyHash);
        if (page === undefined) throw missing(version);
        const name = `${version}/${page}`;
        if (!pageKeys.has(name)) pageKeys.set(name, keys.statePage(version, page));
        return name;
      });
      const pages = await readPages(kv, pageKeys, remembered);
      return places.map(({ version, keyHash }, i) => {
        const page = pages.get(names[i] as string);
        const index = page === undefined ? undefined : findHash(page.hashes, keyHash);
        if (page === undefined || index === undefined) throw missing(version);
        return { stateKey: columnItem(page.stateKeys, index), stateValue: columnItem(page.stateValues, index) };
      });
    },
  };
}

async function readPages(
  kv: OrderedKv,
  pageKeys: ReadonlyMap<string, Uint8Array>,
  remembered: ByteCache<string, StatePage>,
): Promise<Map<string, StatePage>> {
  const pages = new Map<string, StatePage>();
  const wanted: [name: string, key: Uint8Array][] = [];
  for (const [name, key] of pageKeys) {
    const known = remembered.get(name);
    if (known === undefined) wanted.push([name, key]);
    else pages.set(name, known);
  }
  if (wanted.length === 0) return pages;
  const values = await getManyLarge(kv, wanted.map(([, key]) => key));
  wanted.forEach(([name], i) => {
    const bytes = values[i];
    if (bytes === undefined) return;
    const page = decodePage(bytes);
    pages.set(name, page);
    remembered.set(name, page, bytes.length);
  });
  return pages;
}

/** A page in memory. */
interface StatePage {
  /** Key hashes, flat, ascending. */
  readonly hashes: Uint8Array;
  readonly stateKeys: Column;
  readonly stateValues: Column;
}

function decodePage(bytes: Uint8Array): StatePage {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = view.getUint32(0, true);
    const hashes = bytes.subarray(4, 4 + count * HASH_BYTES);
    const start = 4 + hashes.length + 4;
    const split = start + view.getUint32(start - 4, true);
    return {
      hashes,
      stateKeys: decodeColumn(bytes.subarray(start, split), count),
      stateValues: decodeColumn(bytes.subarray(split), count),
    };
  } catch (error) {
    throw new SyncError("STORAGE_CORRUPT", "Cannot read state item: its page is broken", { cause: error });
  }
}

function encodePage(updates: StateUpdates, items: Uint32Array): Uint8Array {
  const keys = pick(updates.stateKeys, items);
  const values = pick(updates.stateValues, items);
  const hashes = items.length * HASH_BYTES;
  const bytes = new Uint8Array(4 + hashes + 4 + keys.bytes.length + values.bytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, items.length, true);
  items.forEach((item, i) => {
    bytes.set(hashAt(updates.keyHashes, item), 4 + i * HASH_BYTES);
  });
  view.setUint32(4 + hashes, keys.bytes.length, true);
  bytes.set(keys.bytes, 8 + hashes);
  bytes.set(values.bytes, 8 + hashes + keys.bytes.length);
  return bytes;
}

/** Indexes of the updates that write: an empty value is a deletion. */
function writtenItems(updates: StateUpdates): Uint32Array {
  const items = new Uint32Array(updates.count);
  let count = 0;
  for (let i = 0; i < updates.count; i++) if (itemLength(updates.stateValues, i) > 0) items[count++] = i;
  return items.subarray(0, count);
}

function pick(column: Column, items: Uint32Array): Column {
  return joinColumnRanges(Array.from(items, (first) => ({ column, first, count: 1 })));
}

/** Index of a hash in a sorted flat list. */
function findHash(hashes: Uint8Array, keyHash: Uint8Array): number | undefined {
  let low = 0;
  let high = hashes.length / HASH_BYTES;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareBytes(hashAt(hashes, middle), keyHash);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return undefined;
}

function missing(version: bigint): SyncError {
  return new SyncError("STORAGE_CORRUPT", `Cannot read state item: version ${version} does not hold it`, {
    detail: { version },
  });
}
