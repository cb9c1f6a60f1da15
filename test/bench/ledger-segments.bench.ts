/**
 * Segments of transactions in SQLite: what committing and reading them back costs, by segment size and chunk size.
 *
 * `node test/bench/ledger-segments.bench.ts [TRANSACTIONS]`. A transaction is as large as one of a busy chain (1,400 bytes over
 * five columns). "tx/s" is wall-clock time and includes waiting for the disk; the rest is CPU time.
 *
 * @module
 */
import { encodeColumn } from "../../core/bytes/column.ts";
import { createChainContext } from "../../core/chain/hash.ts";
import { createNobleHasher } from "../../core/chain/noble-hasher.ts";
import { VELOR_PROFILE } from "../../core/chain/profile.ts";
import type { TransactionChunk } from "../../core/chain/transaction-chunk.ts";
import { growTiles } from "../../core/ledger/accumulator-tiles.ts";
import { addHashes } from "../../core/ledger/hash-runs.ts";
import { FIRST_GENERATION } from "../../core/ledger/keys.ts";
import { putLarge } from "../../core/ledger/large-value.ts";
import { createLedgerParts } from "../../core/ledger/ledger-parts.ts";
import { encodeSegment, SEGMENT_TARGET_BYTES, splitIntoSegments } from "../../core/ledger/segment.ts";
import { readSegments } from "../../core/ledger/segment-reader.ts";
import { emptyAccumulator, growAccumulator } from "../../core/merkle/accumulator.ts";
import { cpuMs, printRow, seededBytes, withKvCounts, withSqlite } from "./bench-tools.ts";

const TRANSACTIONS = Number(process.argv[2] ?? 100_000);
const COLUMN_BYTES = { infos: 200, transactions: 350, events: 400, writeSets: 440, auxiliaryInfos: 10 };
const READS = 200;

function chunkOf(firstVersion: bigint, count: number): TransactionChunk {
  const column = (size: number, seed: number) => {
    const data = seededBytes(size * count, seed + Number(firstVersion));
    return encodeColumn(Array.from({ length: count }, (_, i) => data.subarray(i * size, (i + 1) * size)));
  };
  const { infos, transactions, events, writeSets, auxiliaryInfos } = COLUMN_BYTES;
  return {
    firstVersion,
    count,
    infos: column(infos, 1),
    transactions: column(transactions, 2),
    events: column(events, 3),
    writeSets: column(writeSets, 4),
    auxiliaryInfos: column(auxiliaryInfos, 5),
  };
}

async function measure(chunkCount: number, segmentBytes: number): Promise<void> {
  await withSqlite(async (sqlite) => {
    const { kv, counts } = withKvCounts(sqlite);
    const context = createChainContext(VELOR_PROFILE, createNobleHasher());
    const { keys, nodeHash } = createLedgerParts(kv, { context, generation: FIRST_GENERATION });
    const spent = { segments: 0, tiles: 0, hashes: 0, commit: 0, wall: 0 };
    let accumulator = emptyAccumulator();
    for (let first = 0; first < TRANSACTIONS; first += chunkCount) {
      const chunk = chunkOf(BigInt(first), chunkCount);
      const infoHashes = seededBytes(32 * chunkCount, first + 11);
      const grown = growAccumulator({ accumulator, leafHashes: infoHashes }, nodeHash);
      accumulator = grown.accumulator;
      const wall = performance.now();
      const start = cpuMs();
      const segments = splitIntoSegments(chunk, segmentBytes)
        .flatMap((piece) => putLarge(keys.segment(piece.firstVersion), encodeSegment(piece)));
      const split = cpuMs();
      const tiles = await growTiles(kv, keys, grown.runs);
      const tiled = cpuMs();
      const hashes = await addHashes(kv, keys, { firstVersion: chunk.firstVersion, hashes: infoHashes });
      const hashed = cpuMs();
      await kv.commit([...segments, ...tiles, ...hashes]);
      spent.commit += cpuMs() - hashed;
      spent.segments += split - start;
      spent.tiles += tiled - split;
      spent.hashes += hashed - tiled;
      spent.wall += performance.now() - wall;
    }
    const total = Math.floor(TRANSACTIONS / chunkCount) * chunkCount;
    const us = (ms: number) => (1_000 * ms) / total;
    const written = counts.bytes / total;
    const readMany = await readBack(1_000);
    const readOne = await readBack(1);
    printRow([
      `${chunkCount}`,
      `${Math.round(segmentBytes / 1024)} KiB`,
      us(spent.segments),
      us(spent.tiles),
      us(spent.hashes),
      us(spent.commit),
      (1_000 * total) / spent.wall,
      written,
      readMany / 1_000,
      readOne,
    ], 2);

    /** Microseconds of one read of `count` transactions at a random version. */
    async function readBack(count: number): Promise<number> {
      const places = new Uint32Array(seededBytes(4 * READS, 5).buffer);
      const start = cpuMs();
      for (const place of places) {
        const firstVersion = BigInt(place % (total - count));
        const chunk = await readSegments(kv, keys, { firstVersion, count, maxBytes: 2 ** 30 });
        if (chunk?.count !== count) throw new Error(`Cannot read ${count} transactions at ${firstVersion}`);
      }
      return (1_000 * (cpuMs() - start)) / READS;
    }
  });
}

console.log(`${TRANSACTIONS} transactions; microseconds a transaction, the last column microseconds a read`);
const columns = ["chunk", "segment", "split", "tiles", "hash runs", "commit", "tx/s", "B/tx", "read 1000"];
printRow([...columns, "read 1"]);
for (const segmentBytes of [64 * 1024, SEGMENT_TARGET_BYTES, 2 ** 20, 4 * 2 ** 20]) await measure(2_000, segmentBytes);
for (const chunkCount of [1_000, 256, 10]) await measure(chunkCount, SEGMENT_TARGET_BYTES);
