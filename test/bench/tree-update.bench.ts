/**
 * Updates of a state tree of 1,000,000 keys, kept in SQLite: time by part, hashes, reads and bytes a key.
 *
 * `node test/bench/tree-update.bench.ts [KEYS] [PAGE_BYTES…]`; "rest" is everything that is neither hashing nor the store.
 *
 * @module
 */
import { allocateColumn } from "../../core/bytes/column-allocation.ts";
import { createChainContext, HASH_BYTES } from "../../core/chain/hash.ts";
import { sortHashes } from "../../core/chain/hash-order.ts";
import { createNobleHasher } from "../../core/chain/noble-hasher.ts";
import { VELOR_PROFILE } from "../../core/chain/profile.ts";
import type { StateUpdates } from "../../core/chain/state-updates.ts";
import { encodeStaleNodes } from "../../core/ledger/stale-nodes.ts";
import { FIRST_GENERATION } from "../../core/ledger/keys.ts";
import { putLarge } from "../../core/ledger/large-value.ts";
import { createLedgerParts, type LedgerParts } from "../../core/ledger/ledger-parts.ts";
import { buildNodePages, NODE_PAGE_BYTES } from "../../core/ledger/node-pages.ts";
import { buildStatePages } from "../../core/ledger/state-pages.ts";
import { readStateRangeProof, readStateRuns } from "../../core/ledger/state-reader.ts";
import { encodeTreeRecord } from "../../core/ledger/tree-record.ts";
import { batchUpdate } from "../../core/merkle/jellyfish-update.ts";
import { hashAt } from "../../core/merkle/node-hash.ts";
import type { KvOperation } from "../../core/ports/ordered-kv.ts";
import { cpuMs, printRow, seededBytes, withHashTime, withKvCounts, withSqlite } from "./bench-tools.ts";

const KEYS = Number(process.argv[2] ?? 1_000_000);
const PAGE_SIZES = process.argv.slice(3).map(Number);
const BUILD_BATCH = 100_000;
const STATES_PER_READ = 4_096;
const STATE_READS = 12;
const KEY_BYTES = 78;
const VALUE_BYTES = 102;
const MEASURED = [{ batch: 4_000, rounds: 5 }, { batch: 20_000, rounds: 2 }];

interface Tree {
  readonly parts: LedgerParts;
  readonly pageBytes: number;
  version: bigint | undefined;
}

/** Random existing keys with fresh values, as a chunk of transactions would write them. */
function updatesOf(keys: Uint8Array, chosen: Uint32Array, seed: number): StateUpdates {
  const unsorted = new Uint8Array(chosen.length * HASH_BYTES);
  for (const [i, key] of chosen.entries()) unsorted.set(hashAt(keys, key), i * HASH_BYTES);
  const distinct: number[] = [];
  for (const i of sortHashes(unsorted)) {
    if (distinct.length === 0 || chosen[distinct.at(-1) as number] !== chosen[i]) distinct.push(i);
  }
  const keyHashes = new Uint8Array(distinct.length * HASH_BYTES);
  for (const [place, i] of distinct.entries()) keyHashes.set(hashAt(unsorted, i), place * HASH_BYTES);
  const count = distinct.length;
  const column = (size: number) => allocateColumn(Uint32Array.from({ length: count + 1 }, (_, i) => i * size));
  const stateKeys = column(KEY_BYTES);
  const stateValues = column(VALUE_BYTES);
  stateKeys.data.set(seededBytes(stateKeys.data.length, seed));
  stateValues.data.set(seededBytes(stateValues.data.length, seed + 1));
  const valueHashes = seededBytes(count * HASH_BYTES, seed + 2);
  return { count, keyHashes, valueHashes, stateKeys, stateValues, versions: new BigUint64Array(count), opCount: count };
}

async function update(tree: Tree, updates: StateUpdates): Promise<{ stageMs: number; buildMs: number }> {
  const { parts, pageBytes } = tree;
  const version = (tree.version ?? 0n) + 1n;
  const start = cpuMs();
  const made = await batchUpdate(parts.tree, {
    base: tree.version,
    version,
    updates: { keys: updates.keyHashes, valueHashes: updates.valueHashes },
  });
  const staged = cpuMs();
  const nodePages = buildNodePages(parts.keys, made.nodes, pageBytes);
  const statePages = buildStatePages(parts.keys, version, updates);
  const record = { ...made, nodePages: nodePages.separators, statePages: statePages.separators };
  const operations: KvOperation[] = [
    ...nodePages.operations,
    ...statePages.operations,
    { put: parts.keys.tree(version), value: encodeTreeRecord(record) },
    ...putLarge(parts.keys.stale(version), encodeStaleNodes(made.stale)),
  ];
  const built = cpuMs();
  await parts.kv.commit(operations);
  parts.records.add(version, record);
  parts.nodePages.add(version, nodePages);
  tree.version = version;
  return { stageMs: staged - start, buildMs: built - staged };
}

async function measure(pageBytes: number, nodeCacheBytes: number): Promise<void> {
  await withSqlite(async (sqlite) => {
    const { kv, counts } = withKvCounts(sqlite);
    const { hasher, spent } = withHashTime(createNobleHasher());
    const context = createChainContext(VELOR_PROFILE, hasher);
    const caches = { nodeCacheBytes, recordCacheBytes: 8 * 2 ** 20 };
    const parts = createLedgerParts(kv, { context, generation: FIRST_GENERATION, ...caches });
    const tree: Tree = { parts, pageBytes, version: undefined };
    const keys = seededBytes(KEYS * HASH_BYTES, 1);
    for (let first = 0; first < KEYS; first += BUILD_BATCH) {
      const count = Math.min(BUILD_BATCH, KEYS - first);
      await update(tree, updatesOf(keys, Uint32Array.from({ length: count }, (_, i) => first + i), first + 7));
    }
    for (const { batch, rounds } of MEASURED) {
      // A few rounds first: right after the build no page has the shape of a tree in use.
      for (let round = -3; round < rounds; round++) {
        const chosen = new Uint32Array(seededBytes(4 * batch, 1_000 * batch + round + 10).buffer).map((x) => x % KEYS);
        const updates = updatesOf(keys, chosen, round + 99);
        if (round === 0) reset();
        const { stageMs, buildMs } = await update(tree, updates);
        total.stageMs += stageMs;
        total.buildMs += buildMs;
        total.keys += updates.count;
      }
      report(batch);
    }

    await readStates(tree);

    function reset(): void {
      Object.assign(counts, { rows: 0, bytes: 0, commitMs: 0, readRows: 0, readBytes: 0, readMs: 0 });
      Object.assign(spent, { ms: 0, hashes: 0 });
      Object.assign(total, { stageMs: 0, buildMs: 0, keys: 0 });
    }

    function report(batch: number): void {
      const { keys: n, stageMs, buildMs } = total;
      const us = (ms: number) => (1_000 * ms) / n;
      printRow([
        `${pageBytes}`,
        `${nodeCacheBytes / 2 ** 20} MiB`,
        `${batch}`,
        us(spent.ms),
        us(counts.readMs),
        us(stageMs - spent.ms - counts.readMs),
        us(buildMs),
        us(counts.commitMs),
        spent.hashes / n,
        counts.readRows / n,
        counts.readBytes / n,
        counts.bytes / n,
        counts.rows / n,
      ], 2);
    }
  });
}

/** A fast-syncing client's requests: chunks of states at random places, with proof. */
async function readStates({ parts, version = 0n }: Tree): Promise<void> {
  const record = (await parts.records.read([{ version }])).get(version);
  if (record === undefined) throw new Error("Cannot read states: the tree is not there");
  const start = cpuMs();
  for (let i = 0; i < STATE_READS; i++) {
    const firstIndex = (BigInt(KEYS - STATES_PER_READ) * BigInt(i)) / BigInt(STATE_READS);
    let items = 0;
    let lastKey = new Uint8Array(0);
    for await (const run of readStateRuns(parts, { version, firstIndex, count: STATES_PER_READ }, record)) {
      items += run.stateKeys.count;
      lastKey = run.keyHashes.slice(-32);
    }
    await readStateRangeProof(parts, version, lastKey);
    if (items !== STATES_PER_READ) throw new Error("Cannot read states: some are missing");
  }
  const us = (1_000 * (cpuMs() - start)) / (STATE_READS * STATES_PER_READ);
  console.log(`${" ".repeat(12)}chunks of ${STATES_PER_READ} states: ${us.toFixed(2)} microseconds a state`);
}

const total = { stageMs: 0, buildMs: 0, keys: 0 };
console.log(`${KEYS} keys of ${KEY_BYTES} B with values of ${VALUE_BYTES} B; microseconds of CPU a key`);
const columns = ["page", "cache", "batch", "hash", "read", "rest", "build", "commit", "hashes", "reads", "B read"];
printRow([...columns, "B written", "rows"]);
for (const pageBytes of PAGE_SIZES.length > 0 ? PAGE_SIZES : [NODE_PAGE_BYTES]) {
  for (const cacheMiB of [64, 256]) await measure(pageBytes, cacheMiB * 2 ** 20);
}
