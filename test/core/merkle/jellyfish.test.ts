import { describe, expect, it } from "vitest";
import { columnItem, decodeColumn } from "../../../core/bytes/column.ts";
import { compareBytes, concatBytes } from "../../../core/bytes/bytes.ts";
import { SPARSE_MERKLE_PLACEHOLDER_HASH } from "../../../core/chain/hash.ts";
import { readLeaves } from "../../../core/merkle/jellyfish-leaves.ts";
import { getWithProof, proveRangeUpTo, stateRoot } from "../../../core/merkle/jellyfish-read.ts";
import { batchUpdate, MAX_TREE_VERSION, type StateUpdates } from "../../../core/merkle/jellyfish-update.ts";
import { createSparseHash } from "../../../core/merkle/node-hash.ts";
import { verifySparseProof } from "../../../core/merkle/sparse-proof.ts";
import { createMemoryNodeStore, nodeName } from "../../helpers/memory-node-store.ts";
import { keyOf, numberedHash } from "../../helpers/merkle-arbitraries.ts";
import { flatLeaves, type ReferenceLeaf, referenceSparseRoot } from "../../helpers/reference-sparse.ts";
import { errorOf, refusal, VELOR } from "../../helpers/trust-context.ts";

const hash = createSparseHash(VELOR.hasher, VELOR.seeds);
const PREFIXES = [0x010, 0x01f, 0x3c0, 0x3c1, 0x3c3, 0x600, 0x9a0, 0x9a8, 0xc00, 0xff0, 0xff8];
const LEAVES = PREFIXES.map((prefix, i) => ({ key: keyOf(prefix, 0), valueHash: numberedHash(i) }));
/** They part at the last bit of all. */
const TWINS = [0xfe, 0xff].map((last) => ({
  key: new Uint8Array(32).fill(255).with(31, last),
  valueHash: numberedHash(last),
}));
/** 2⁵³ − 1 as a number in a node. */
const MOST = [255, 255, 255, 255, 255, 255, 255, 15];
/** So many empty bytes of a number that the weight of the last is beyond all doubles, and nothing times it is NaN. */
const ENDLESS = new Uint8Array(148).fill(0x80);
const NOTHING: StateUpdates = { keys: new Uint8Array(0), valueHashes: new Uint8Array(0) };

function removalOf(leaves: readonly ReferenceLeaf[]): StateUpdates {
  return { ...flatLeaves(leaves), deleted: new Uint8Array(leaves.length).fill(1) };
}

/** A store with versions 0, 1, … of the updates given. */
async function treeOf(...updates: readonly StateUpdates[]) {
  const store = createMemoryNodeStore();
  const tree = { reader: store, hash };
  let last: Awaited<ReturnType<typeof batchUpdate>> | undefined;
  for (const [i, update] of updates.entries()) {
    last = await batchUpdate(tree, { base: i === 0 ? undefined : BigInt(i - 1), version: BigInt(i), updates: update });
    await store.writeNodes(last.nodes);
  }
  return { store, tree, last: last! };
}

describe("an empty version", () => {
  it("has a root node, the placeholder as root, no leaves, and proves that every key is absent", async () => {
    const { tree, last } = await treeOf(NOTHING);
    expect(last).toMatchObject({ rootHash: SPARSE_MERKLE_PLACEHOLDER_HASH, leafCount: 0n, stale: [] });
    expect(last.nodes.nodes.count).toBe(1);
    expect(await stateRoot(tree, 0n)).toEqual({ rootHash: SPARSE_MERKLE_PLACEHOLDER_HASH, leafCount: 0n });
    expect(await getWithProof(tree, { version: 0n, keyHash: keyOf(1, 0) })).toEqual({
      proof: { siblings: new Uint8Array(0) },
    });
    expect(await readLeaves(tree, { version: 0n, firstIndex: 0n, count: 5 })).toEqual({ ...NOTHING, versions: [] });
  });

  it("can follow a full one, and be followed by one", async () => {
    const { tree, store, last } = await treeOf(flatLeaves(LEAVES), removalOf(LEAVES), flatLeaves(LEAVES.slice(0, 1)));
    expect(last.rootHash).toEqual(hash.leaf.pair(LEAVES[0]!.key, LEAVES[0]!.valueHash));
    expect((await stateRoot(tree, 1n)).rootHash).toEqual(SPARSE_MERKLE_PLACEHOLDER_HASH);
    expect((await stateRoot(tree, 0n)).rootHash).toEqual(referenceSparseRoot(LEAVES, hash));
    expect([...store.nodes.keys()].filter((name) => name.startsWith("1/"))).toEqual(["1/"]);
  });
});

describe("a batch update", () => {
  it("without changes makes a root and nothing else", async () => {
    const { last } = await treeOf(flatLeaves(LEAVES), NOTHING);
    expect(last).toMatchObject({ rootHash: referenceSparseRoot(LEAVES, hash), leafCount: 11n });
    expect(last.nodes.nodes.count).toBe(1);
    expect(last.stale).toEqual([{ version: 0n, path: new Uint8Array(0) }]);
  });

  it("that removes what is not there changes nothing below the root", async () => {
    const absent = [0x011, 0x3c2, 0x700].map((prefix) => ({ key: keyOf(prefix, 0), valueHash: numberedHash(0) }));
    const { last } = await treeOf(flatLeaves(LEAVES), removalOf(absent));
    expect(last.rootHash).toEqual(referenceSparseRoot(LEAVES, hash));
    expect(last.nodes.nodes.count).toBe(1);
  });

  it("writes a key again with the same value as a new leaf of the same hash", async () => {
    const { tree, last } = await treeOf(flatLeaves(LEAVES), flatLeaves(LEAVES.slice(3, 4)));
    expect(last.rootHash).toEqual(referenceSparseRoot(LEAVES, hash));
    const { versions } = await readLeaves(tree, { version: 1n, firstIndex: 2n, count: 3 });
    expect(versions).toEqual([0n, 1n, 0n]);
  });

  it("lets a leaf float up as far as it is alone, at once or step by step", async () => {
    const all = [...LEAVES, ...TWINS];
    const { last } = await treeOf(flatLeaves(all), removalOf(TWINS.slice(0, 1)), removalOf(LEAVES));
    expect(last.rootHash).toEqual(hash.leaf.pair(TWINS[1]!.key, TWINS[1]!.valueHash));
    expect(last.nodes.nodes.count).toBe(1);
  });

  it("holds keys that part at the last bit, with 256 siblings", async () => {
    const { tree, last } = await treeOf(flatLeaves(TWINS));
    expect(last.rootHash).toEqual(referenceSparseRoot(TWINS, hash));
    const { proof } = await getWithProof(tree, { version: 0n, keyHash: TWINS[0]!.key });
    expect(proof.siblings).toHaveLength(256 * 32);
    const { key, valueHash } = TWINS[0]!;
    verifySparseProof({ key, valueHash, proof, root: last.rootHash }, hash);
  });

  it("hands out nodes and paths as columns, sorted by path, and changes nothing it was given", async () => {
    const updates = flatLeaves([...LEAVES, ...TWINS]);
    const copy = structuredClone(updates);
    const { last } = await treeOf(updates);
    expect(updates).toEqual(copy);
    const { paths, nodes } = last.nodes;
    expect(decodeColumn(paths.bytes.slice(), paths.count).offsets).toEqual(paths.offsets);
    expect(decodeColumn(nodes.bytes.slice(), nodes.count).offsets).toEqual(nodes.offsets);
    expect(columnItem(paths, 0)).toHaveLength(0);
    for (let i = 1; i < paths.count; i++) {
      expect(compareBytes(columnItem(paths, i - 1), columnItem(paths, i))).toBeLessThan(0);
    }
  });

  it("reads each level once, in order of path, and asks the hasher once per kind and half level", async () => {
    const { store } = await treeOf(flatLeaves(LEAVES));
    let hashes = 0;
    const count = (nodeHash: typeof hash.leaf) => ({
      ...nodeHash,
      pairs: (pairs: Uint8Array) => {
        hashes++;
        return nodeHash.pairs(pairs);
      },
    });
    const asked: Uint8Array[][] = [];
    const reader = {
      readNodes: (keys: Parameters<typeof store.readNodes>[0]) => {
        asked.push(keys.map((key) => key.path));
        return store.readNodes(keys);
      },
    };
    const updates = flatLeaves(LEAVES.map(({ key }) => ({ key, valueHash: numberedHash(99) })));
    const tree = { reader, hash: { internal: count(hash.internal), leaf: count(hash.leaf) } };
    await batchUpdate(tree, { base: 0n, version: 5n, updates });
    const levels = asked.length;
    expect(levels).toBeLessThanOrEqual(6);
    expect(asked.every((paths) => paths.every((path, i) => i === 0 || compareBytes(paths[i - 1]!, path) < 0))).toBe(
      true,
    );
    expect(hashes).toBeLessThanOrEqual(1 + 2 * levels);
  });

  it.each([
    ["the version of the base", { base: 4n, version: 4n, updates: NOTHING }],
    ["an older version", { base: 4n, version: 3n, updates: NOTHING }],
    ["a negative version", { base: undefined, version: -1n, updates: NOTHING }],
    ["a negative base", { base: -2n, version: 1n, updates: NOTHING }],
    ["a version beyond exact numbers", { base: undefined, version: MAX_TREE_VERSION + 1n, updates: NOTHING }],
    ["keys out of order", { base: undefined, version: 0n, updates: flatLeaves([LEAVES[1]!, LEAVES[0]!]) }],
    ["a key twice", { base: undefined, version: 0n, updates: flatLeaves([LEAVES[1]!, LEAVES[1]!]) }],
    ["too few marks", { base: undefined, version: 0n, updates: { ...flatLeaves(LEAVES), deleted: new Uint8Array(3) } }],
    ["a mark of 2", {
      base: undefined,
      version: 0n,
      updates: { ...flatLeaves(LEAVES.slice(1, 2)), deleted: Uint8Array.of(2) },
    }],
  ])("refuses %s", async (_, input) => {
    const tree = { reader: createMemoryNodeStore(), hash };
    expect(await errorOf(() => batchUpdate(tree, input))).toMatchObject(refusal("INVALID_ARGUMENT"));
  });

  it("keeps the highest version there is", async () => {
    const { tree, store } = await treeOf(flatLeaves(LEAVES));
    const update = await batchUpdate(tree, {
      base: 0n,
      version: MAX_TREE_VERSION,
      updates: flatLeaves(LEAVES.slice(4, 5)),
    });
    await store.writeNodes(update.nodes);
    const { versions } = await readLeaves(tree, { version: MAX_TREE_VERSION, firstIndex: 3n, count: 2 });
    expect(versions).toEqual([0n, MAX_TREE_VERSION]);
  });
});

describe("reading", () => {
  it("refuses keys and ranges that cannot be", async () => {
    const { tree } = await treeOf(flatLeaves(LEAVES));
    const wrong = [
      () => getWithProof(tree, { version: 0n, keyHash: new Uint8Array(31) }),
      () => getWithProof(tree, { version: -1n, keyHash: keyOf(1, 0) }),
      () => stateRoot(tree, 2n ** 53n),
      () => readLeaves(tree, { version: 0n, firstIndex: -1n, count: 1 }),
      () => readLeaves(tree, { version: 0n, firstIndex: 0n, count: -1 }),
      () => readLeaves(tree, { version: 0n, firstIndex: 0n, count: 0.5 }),
      () => proveRangeUpTo(tree, { version: 0n, keyHash: keyOf(1, 0) }),
    ];
    for (const read of wrong) expect(await errorOf(read)).toMatchObject(refusal("INVALID_ARGUMENT"));
  });

  it("of leaves beyond the last gives none", async () => {
    const { tree } = await treeOf(flatLeaves(LEAVES));
    for (const firstIndex of [11n, 2n ** 63n]) {
      expect((await readLeaves(tree, { version: 0n, firstIndex, count: 3 })).versions).toEqual([]);
    }
    expect((await readLeaves(tree, { version: 0n, firstIndex: 10n, count: Number.MAX_SAFE_INTEGER })).versions).toEqual(
      [0n],
    );
  });

  it("of leaves reads only nodes on the way to them", async () => {
    const { tree, store } = await treeOf(flatLeaves(LEAVES));
    const before = store.readCount();
    await readLeaves(tree, { version: 0n, firstIndex: 0n, count: 0 });
    expect(store.readCount() - before).toBe(1);
  });

  it("of a pruned version says so, and newer versions stay whole", async () => {
    const { tree, store, last } = await treeOf(flatLeaves(LEAVES), flatLeaves([...LEAVES.slice(0, 2), ...TWINS]));
    store.deleteNodes(last.stale);
    const pruned = [
      () => stateRoot(tree, 0n),
      () => getWithProof(tree, { version: 0n, keyHash: LEAVES[0]!.key }),
      () => readLeaves(tree, { version: 0n, firstIndex: 0n, count: 3 }),
    ];
    for (const read of pruned) expect(await errorOf(read)).toMatchObject(refusal("PRUNED"));
    const all = [...LEAVES, ...TWINS];
    const { keys } = await readLeaves(tree, { version: 1n, firstIndex: 0n, count: 20 });
    expect(keys).toEqual(flatLeaves(all).keys);
    for (const { key, valueHash } of all) {
      const { proof } = await getWithProof(tree, { version: 1n, keyHash: key });
      verifySparseProof({ key, valueHash, proof, root: last.rootHash }, hash);
    }
  });

  it("of a version that is there in part is PRUNED, an update of it STORAGE_CORRUPT", async () => {
    const { tree, store } = await treeOf(flatLeaves(LEAVES));
    for (const name of [...store.nodes.keys()].slice(1)) {
      const bytes = store.nodes.get(name)!;
      store.nodes.delete(name);
      expect(await errorOf(() => readLeaves(tree, { version: 0n, firstIndex: 0n, count: 11 }))).toMatchObject(
        refusal("PRUNED"),
      );
      const update = { base: 0n, version: 1n, updates: flatLeaves(LEAVES) };
      expect(await errorOf(() => batchUpdate(tree, update))).toMatchObject(refusal("STORAGE_CORRUPT"));
      store.nodes.set(name, bytes);
    }
    const missing = { base: 7n, version: 8n, updates: NOTHING };
    expect(await errorOf(() => batchUpdate(tree, missing))).toMatchObject(refusal("STORAGE_CORRUPT"));
  });
});

describe("a stored node", () => {
  const everything = { version: 3n, firstIndex: 0n, count: 99 };

  /** Version 3, with leaves of versions 0 and 3 and nodes of every shape. */
  async function mixedTree() {
    const store = createMemoryNodeStore();
    const tree = { reader: store, hash };
    const first = await batchUpdate(tree, { base: undefined, version: 0n, updates: flatLeaves(LEAVES) });
    await store.writeNodes(first.nodes);
    const updates = flatLeaves([...LEAVES.slice(2, 4), ...TWINS]);
    await store.writeNodes((await batchUpdate(tree, { base: 0n, version: 3n, updates })).nodes);
    store.deleteNodes([{ version: 0n, path: new Uint8Array(0) }]);
    const needed: string[] = [];
    const reader = {
      readNodes: (keys: Parameters<typeof store.readNodes>[0]) => {
        needed.push(...keys.map(nodeName));
        return store.readNodes(keys);
      },
    };
    await readLeaves({ reader, hash }, everything);
    return { store, tree, needed };
  }

  it("that is cut short or longer is refused, by reads and by updates", async () => {
    const { store, tree, needed } = await mixedTree();
    const updates = flatLeaves([...LEAVES, ...TWINS]);
    for (const name of needed.slice(0, 12)) {
      const bytes = store.nodes.get(name)!;
      const lengths = Array.from(bytes, (_, length) => bytes.subarray(0, length));
      for (const wrong of [...lengths, concatBytes(bytes, Uint8Array.of(0)), concatBytes(bytes, bytes)]) {
        store.nodes.set(name, wrong);
        expect(await errorOf(() => readLeaves(tree, everything))).toMatchObject(refusal("STORAGE_CORRUPT"));
        const error = await errorOf(() => batchUpdate(tree, { base: 3n, version: 4n, updates }));
        expect(error).toMatchObject(refusal("STORAGE_CORRUPT"));
      }
      store.nodes.set(name, bytes);
    }
    expect((await readLeaves(tree, everything)).versions).toHaveLength(13);
  });

  it("with any byte changed is refused, or gives other hashes or leaves, and nothing else", async () => {
    const { store, tree, needed } = await mixedTree();
    const whole = await readLeaves(tree, everything);
    let refused = 0;
    let different = 0;
    for (const name of needed.slice(0, 12)) {
      const bytes = store.nodes.get(name)!;
      for (let i = 0; i < bytes.length; i++) {
        store.nodes.set(name, bytes.with(i, bytes[i]! ^ (1 << (i % 8))));
        const error = await errorOf(async () => {
          const leaves = await readLeaves(tree, everything);
          if (String(leaves.keys) !== String(whole.keys) || String(leaves.valueHashes) !== String(whole.valueHashes)) {
            different++;
          }
        });
        if (error === undefined) continue;
        refused++;
        expect(
          [refusal("STORAGE_CORRUPT"), refusal("PRUNED")].some(({ code }) => code === (error as { code: string }).code),
        ).toBe(true);
      }
      store.nodes.set(name, bytes);
    }
    expect(refused).toBeGreaterThan(20);
    expect(different).toBeGreaterThan(100);
  });

  it.each([
    ["no bytes", [], "no bytes"],
    ["an unknown kind", [3], "unknown kind"],
    ["a number that is not minimal", [1, ...LEAVES[0]!.key, ...new Uint8Array(32), 0x80, 0], "no version"],
    ["an age without end", [1, ...LEAVES[0]!.key, ...new Uint8Array(32), ...ENDLESS, 1], "no version"],
    ["a number of leaves without end", [2, ...new Uint8Array(64), 0, ...ENDLESS, 1], "two leaves or more"],
    ["a leaf older than version 0", [1, ...LEAVES[0]!.key, ...new Uint8Array(32), 9], "no version"],
    ["a leaf of another slot", [1, ...TWINS[0]!.key, ...new Uint8Array(32), 0], "belongs elsewhere"],
    ["a child without leaves", [2, ...new Uint8Array(64), 0, 0], "two leaves or more"],
    ["a child with one leaf", [2, ...new Uint8Array(64), 0, 1], "two leaves or more"],
    ["a number beyond 2^53", [2, ...new Uint8Array(64), 0, ...MOST.with(7, 31)], "two leaves or more"],
    ["more leaves than numbers", [10, ...new Uint8Array(96), 0, ...MOST, 0, 2], "than numbers"],
    ["bytes left over", [0, 0], "left over"],
  ])("with %s is refused", async (_, bytes, reason) => {
    const { store, tree } = await treeOf(NOTHING);
    store.nodes.set(nodeName({ version: 0n, path: new Uint8Array(0) }), Uint8Array.from(bytes));
    const error = await errorOf(() => readLeaves(tree, { version: 0n, firstIndex: 0n, count: 1 }));
    expect(error).toMatchObject({ ...refusal("STORAGE_CORRUPT"), message: expect.stringContaining(reason) });
  });

  it("below the root with one leaf, or other leaves than its parent counts, is refused", async () => {
    const { store, tree } = await treeOf(flatLeaves(LEAVES));
    const child = [...store.nodes.keys()].find((name) => name !== "0/")!;
    const bytes = store.nodes.get(child)!;
    const place = new Uint8Array(32).with(0, 0);
    store.nodes.set(child, Uint8Array.of(1, ...place, ...new Uint8Array(32), 0));
    const oneLeaf = await errorOf(() => readLeaves(tree, { version: 0n, firstIndex: 0n, count: 11 }));
    expect(oneLeaf).toMatchObject({ ...refusal("STORAGE_CORRUPT"), message: expect.stringContaining("only the root") });
    store.nodes.set(child, bytes);
    const root = store.nodes.get("0/")!;
    store.nodes.set("0/", root.with(root.length - 1, root.at(-1)! + 1));
    for (
      const use of [
        () => readLeaves(tree, { version: 0n, firstIndex: 0n, count: 11 }),
        () => batchUpdate(tree, { base: 0n, version: 1n, updates: flatLeaves(LEAVES) }),
      ]
    ) {
      const error = await errorOf(use);
      expect(error).toMatchObject({ ...refusal("STORAGE_CORRUPT"), message: expect.stringContaining("parent counts") });
    }
  });
});
