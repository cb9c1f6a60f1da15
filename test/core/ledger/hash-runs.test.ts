import { describe, expect, it } from "vitest";
import { createMemoryDisk, createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { addHashes, findHash } from "../../../core/ledger/hash-runs.ts";
import { createLedgerKeys } from "../../../core/ledger/keys.ts";
import type { OrderedKv } from "../../../core/ports/ordered-kv.ts";
import { createRandom } from "../../helpers/synthetic-ledger.ts";

const keys = createLedgerKeys(1);

async function found(kv: OrderedKv, hash: Uint8Array): Promise<bigint[]> {
  const versions: bigint[] = [];
  for await (const version of findHash(kv, keys, hash)) versions.push(version);
  return versions.sort((left, right) => (left < right ? -1 : 1));
}

function runCounts(disk: ReturnType<typeof createMemoryDisk>): number[] {
  const levels: number[] = [];
  for (const key of disk.keys) {
    if (key.charAt(1) !== "r") continue;
    const level = key.charCodeAt(2);
    levels[level] = (levels[level] ?? 0) + 1;
  }
  return Array.from(levels, (count) => count ?? 0);
}

describe("runs of transaction hashes", () => {
  it("find every hash after any number of merges, and stay few", async () => {
    const disk = createMemoryDisk();
    const kv = createMemoryKv(disk);
    const random = createRandom(8);
    const all: Uint8Array[] = [];
    for (let commit = 0; commit < 290; commit++) {
      const count = 1 + Math.floor(random() * 6);
      const hashes = new Uint8Array(32 * count).map(() => Math.floor(random() * 256));
      await kv.commit(await addHashes(kv, keys, { firstVersion: BigInt(all.length), hashes }));
      for (let i = 0; i < count; i++) all.push(hashes.slice(32 * i, 32 * i + 32));
    }
    expect(runCounts(disk)).toEqual([2, 2, 1]);
    for (const [version, hash] of all.entries()) expect(await found(kv, hash)).toEqual([BigInt(version)]);
    expect(await found(kv, new Uint8Array(32).fill(7))).toEqual([]);
    expect(await found(kv, new Uint8Array(32))).toEqual([]);
    expect(await found(kv, new Uint8Array(32).fill(255))).toEqual([]);
  });

  it("find all of many hashes that begin alike, across a page's end", async () => {
    const kv = createMemoryKv();
    const count = 3_000;
    const hashes = new Uint8Array(32 * count);
    const view = new DataView(hashes.buffer);
    for (let i = 0; i < count; i++) {
      // The middle half share their first eight bytes.
      view.setBigUint64(32 * i, i >= 700 && i < 2_300 ? 2n ** 63n : BigInt(i) * 2n ** 52n);
      view.setUint32(32 * i + 8, i);
    }
    await kv.commit(await addHashes(kv, keys, { firstVersion: 10n, hashes }));
    const alike = await found(kv, hashes.subarray(32 * 700, 32 * 701));
    expect(alike).toEqual(Array.from({ length: 1_600 }, (_, i) => BigInt(710 + i)));
  });
});
