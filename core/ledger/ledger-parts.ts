/**
 * What reading and writing a ledger share: the store, its keys, the hashes of its chain, the tree over its pages.
 *
 * @module
 */
import type { ChainContext } from "../chain/hash.ts";
import type { AccumulatorProver } from "../merkle/accumulator-prover.ts";
import type { JellyfishTree } from "../merkle/jellyfish-store.ts";
import { createNodeHash, createSparseHash, type NodeHash } from "../merkle/node-hash.ts";
import type { OrderedKv } from "../ports/ordered-kv.ts";
import { createTileReader } from "./accumulator-tiles.ts";
import { createLedgerKeys, type LedgerKeys } from "./keys.ts";
import { createNodePageReader, type NodePageReader } from "./node-pages.ts";
import { createTreeRecords, type TreeRecords } from "./tree-record.ts";

/** Bounds on what a ledger keeps in memory. */
export interface LedgerCacheOptions {
  /**
   * Bytes of tree pages kept. Updating a tree whose upper levels and newest pages fit costs no reads for them.
   *
   * @default {67108864}
   */
  readonly nodeCacheBytes?: number;
  /**
   * Bytes of tree records (page indexes) kept.
   *
   * @default {8388608}
   */
  readonly recordCacheBytes?: number;
}

/** See the module. */
export interface LedgerParts {
  readonly kv: OrderedKv;
  readonly keys: LedgerKeys;
  readonly context: ChainContext;
  /** Hash of the transaction accumulator's nodes. */
  readonly nodeHash: NodeHash;
  readonly prover: AccumulatorProver;
  readonly tree: JellyfishTree;
  readonly records: TreeRecords;
  readonly nodePages: NodePageReader;
}

const DEFAULT_NODE_CACHE_BYTES = 64 * 1024 * 1024;
const DEFAULT_RECORD_CACHE_BYTES = 8 * 1024 * 1024;

/** Puts the parts of one generation together. */
export function createLedgerParts(
  kv: OrderedKv,
  options: LedgerCacheOptions & { readonly context: ChainContext; readonly generation: number },
): LedgerParts {
  const { context } = options;
  const keys = createLedgerKeys(options.generation);
  const nodeHash = createNodeHash(context.hasher, context.seeds.transactionAccumulator);
  const records = createTreeRecords(kv, keys, options.recordCacheBytes ?? DEFAULT_RECORD_CACHE_BYTES);
  const cacheBytes = options.nodeCacheBytes ?? DEFAULT_NODE_CACHE_BYTES;
  const nodePages = createNodePageReader(kv, keys, { records, cacheBytes });
  return {
    kv,
    keys,
    context,
    nodeHash,
    prover: { reader: createTileReader(kv, keys), nodeHash },
    tree: { reader: nodePages, hash: createSparseHash(context.hasher, context.seeds) },
    records,
    nodePages,
  };
}
