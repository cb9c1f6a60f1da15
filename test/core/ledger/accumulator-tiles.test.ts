import { describe, expect, it } from "vitest";
import { createMemoryDisk, createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { equalBytes } from "../../../core/bytes/bytes.ts";
import { isSyncError } from "../../../core/errors.ts";
import { createTileReader, growTiles } from "../../../core/ledger/accumulator-tiles.ts";
import { createLedgerKeys } from "../../../core/ledger/keys.ts";
import {
  type Accumulator,
  emptyAccumulator,
  growAccumulator,
  type SubtreeRun,
} from "../../../core/merkle/accumulator.ts";
import type { SubtreePosition } from "../../../core/merkle/accumulator-consistency.ts";
import type { NodeHash } from "../../../core/merkle/node-hash.ts";
import { createRandom } from "../../helpers/synthetic-ledger.ts";

const keys = createLedgerKeys(1);

/** A mixing function is enough here: only places matter. */
const nodeHash: NodeHash = {
  pair: (left, right) => left.map((byte, i) => (byte * 31 + (right[i] as number) * 17 + i + 1) & 255),
  pairs: (pairs) => {
    const out = new Uint8Array(pairs.length / 2);
    for (let i = 0; i < out.length; i += 32) {
      out.set(nodeHash.pair(pairs.subarray(2 * i, 2 * i + 32), pairs.subarray(2 * i + 32, 2 * i + 64)), i);
    }
    return out;
  },
};

function leaves(first: number, count: number): Uint8Array {
  const bytes = new Uint8Array(32 * count);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) view.setUint32(32 * i, (first + i) * 2_654_435_761);
  return bytes;
}

/** Grows a store step by step and remembers every full subtree that there ever was. */
async function grow(steps: readonly number[]) {
  const disk = createMemoryDisk();
  const kv = createMemoryKv(disk);
  const known = new Map<string, Uint8Array>();
  let accumulator: Accumulator = emptyAccumulator();
  for (const count of steps) {
    const leafHashes = leaves(Number(accumulator.leafCount), count);
    const grown: { accumulator: Accumulator; runs: SubtreeRun[] } = growAccumulator(
      { accumulator, leafHashes },
      nodeHash,
    );
    await kv.commit(await growTiles(kv, keys, grown.runs));
    for (const { level, firstIndex, hashes } of grown.runs) {
      for (let i = 0; i < hashes.length / 32; i++) {
        known.set(`${level}/${firstIndex + BigInt(i)}`, hashes.slice(32 * i, 32 * i + 32));
      }
    }
    accumulator = grown.accumulator;
  }
  return { disk, kv, known, leafCount: Number(accumulator.leafCount) };
}

async function expectAll(kv: ReturnType<typeof createMemoryKv>, known: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const positions = [...known.keys()].map((name): SubtreePosition => {
    const [level, index] = name.split("/") as [string, string];
    return { level: Number(level), index: BigInt(index) };
  });
  const hashes = await createTileReader(kv, keys).readSubtrees(positions);
  const wrong = [...known.values()].findIndex((hash, i) => !equalBytes(hashes.subarray(32 * i, 32 * i + 32), hash));
  expect(wrong < 0 ? "none" : [...known.keys()][wrong]).toBe("none");
}

describe("accumulator tiles", () => {
  it("hold every full subtree however the leaves arrive", async () => {
    const random = createRandom(5);
    const odd = Array.from({ length: 60 }, () => 1 + Math.floor(random() * 40));
    for (const steps of [[1, 1, 1, 1, 1], [255, 1, 1], [256, 256], [700], [3, 65_600, 5], odd]) {
      const { kv, known } = await grow(steps);
      await expectAll(kv, known);
    }
  });

  it("take 64 bytes a leaf, in as few values as there are tiles", async () => {
    const { disk, leafCount } = await grow([65_536 + 300]);
    const bytes = [...disk.values.values()].reduce((sum, value) => sum + value.length, 0);
    expect(bytes / leafCount).toBeLessThan(64);
    expect(disk.values.size).toBe(258 + 2 + 1);
  });

  it("are refused when broken", async () => {
    const { disk, kv } = await grow([300]);
    const corrupt = (error: unknown) => isSyncError(error, "STORAGE_CORRUPT");
    const read = (level: number, index: bigint) => createTileReader(kv, keys).readSubtrees([{ level, index }]);
    await expect(read(0, 300n)).rejects.toSatisfy(corrupt);
    await expect(read(9, 0n)).rejects.toSatisfy(corrupt);
    const [last] = [...disk.values.keys()].slice(1);
    disk.values.set(last as string, new Uint8Array(32));
    const grown = growAccumulator({ accumulator: { ...emptyAccumulator() }, leafHashes: leaves(0, 300) }, nodeHash);
    const more = growAccumulator({ accumulator: grown.accumulator, leafHashes: leaves(300, 1) }, nodeHash);
    await expect(growTiles(kv, keys, more.runs)).rejects.toSatisfy(corrupt);
  });
});
