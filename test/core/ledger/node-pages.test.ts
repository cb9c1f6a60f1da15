import { describe, expect, it } from "vitest";
import { createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { encodeColumn } from "../../../core/bytes/column.ts";
import { createLedgerKeys } from "../../../core/ledger/keys.ts";
import { buildNodePages, createNodePageReader } from "../../../core/ledger/node-pages.ts";
import { createTreeRecords, encodeTreeRecord } from "../../../core/ledger/tree-record.ts";
import { MAX_TREE_VERSION } from "../../../core/merkle/jellyfish-update.ts";

const NODES = 500;
const pathOf = (i: number) => i === 0 ? new Uint8Array(0) : Uint8Array.of(i >> 8, i & 255);
const nodeOf = (i: number) => new Uint8Array(100).fill(i);

describe("pages of tree nodes", () => {
  it.each([0n, 7n, 2n ** 33n - 1n, 2n ** 33n, 2n ** 33n + 1n, 2n ** 52n + 1n, MAX_TREE_VERSION])(
    "of version %s are found, from the store and from the cache, and not those of its neighbours",
    async (version) => {
      const kv = createMemoryKv();
      const keys = createLedgerKeys(1);
      const paths = encodeColumn(Array.from({ length: NODES }, (_, i) => pathOf(i)));
      const nodes = encodeColumn(Array.from({ length: NODES }, (_, i) => nodeOf(i)));
      const pages = buildNodePages(keys, { version, paths, nodes });
      expect(pages.pages.length).toBeGreaterThan(10);
      const record = { rootHash: new Uint8Array(32), leafCount: 500n, statePages: encodeColumn([]) };
      const value = encodeTreeRecord({ ...record, nodePages: pages.separators });
      await kv.commit([...pages.operations, { put: keys.tree(version), value }]);
      const records = createTreeRecords(kv, keys, 2 ** 20);
      const reader = createNodePageReader(kv, keys, { records, cacheBytes: 2 ** 20 });
      const wanted = Array.from({ length: NODES }, (_, i) => ({ version, path: pathOf(i) }));
      for (let pass = 0; pass < 2; pass++) {
        expect(await reader.readNodes(wanted)).toEqual(Array.from({ length: NODES }, (_, i) => nodeOf(i)));
      }
      expect(await reader.readNodes([{ version: version + 1n, path: pathOf(1) }])).toEqual([undefined]);
    },
  );
});
