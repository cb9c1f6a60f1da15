import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../core/bytes/bytes.ts";
import { readLeaves } from "../../core/merkle/jellyfish-leaves.ts";
import { getWithProof, proveRangeUpTo, stateRoot } from "../../core/merkle/jellyfish-read.ts";
import { batchUpdate, type StateUpdates } from "../../core/merkle/jellyfish-update.ts";
import { verifySparseProof } from "../../core/merkle/sparse-proof.ts";
import { expectBytes } from "../helpers/expect-bytes.ts";
import { createMemoryNodeStore, type MemoryNodeStore, nodeName } from "../helpers/memory-node-store.ts";
import { compareKeys, keyNumber, MERKLE_RUNS, numberedHash, sparseKey } from "../helpers/merkle-arbitraries.ts";
import { remembering, sparseHash as hash } from "../helpers/merkle-hash.ts";
import {
  flatLeaves,
  type ReferenceLeaf,
  referenceRightSiblings,
  referenceSparseProof,
  referenceSparseRoot,
} from "../helpers/reference-sparse.ts";

const slow = { internal: remembering(hash.internal), leaf: remembering(hash.leaf) };

const NONE = new Uint8Array(0);

/** A write, or with `value` undefined a removal. */
interface Change {
  readonly key: Uint8Array;
  readonly value: number | undefined;
}

/** Sorted changes of one version; removals mostly hit keys that an earlier version may have written. */
const batch = fc.uniqueArray(
  fc.record({ key: sparseKey, value: fc.option(fc.nat(9), { nil: undefined, freq: 2 }) }),
  { maxLength: 7, selector: ({ key }) => keyNumber(key) },
).map((changes) => changes.toSorted((left, right) => compareKeys(left.key, right.key)));

const history = fc.array(batch, { minLength: 1, maxLength: 4 });

/** What a version holds: the leaves in order, and the version that wrote each. */
interface ReferenceVersion {
  readonly version: bigint;
  readonly leaves: ReferenceLeaf[];
  readonly writtenAt: bigint[];
}

function updatesOf(changes: readonly Change[]): StateUpdates {
  return {
    keys: concatBytes(...changes.map(({ key }) => key)),
    valueHashes: concatBytes(...changes.map(({ value }) => numberedHash(value ?? 0))),
    deleted: Uint8Array.from(changes, ({ value }) => (value === undefined ? 1 : 0)),
  };
}

/** Builds all versions, at every third number, and checks each as it is made. */
async function build(batches: readonly Change[][], store: MemoryNodeStore): Promise<ReferenceVersion[]> {
  const tree = { reader: store, hash };
  const written = new Map<number, { leaf: ReferenceLeaf; version: bigint }>();
  const versions: ReferenceVersion[] = [];
  for (const [i, changes] of batches.entries()) {
    const version = BigInt(3 * i);
    const update = await batchUpdate(tree, { base: versions.at(-1)?.version, version, updates: updatesOf(changes) });
    for (const { key, value } of changes) {
      if (value === undefined) written.delete(keyNumber(key));
      else written.set(keyNumber(key), { leaf: { key, valueHash: numberedHash(value) }, version });
    }
    const entries = [...written.values()].sort((left, right) => compareKeys(left.leaf.key, right.leaf.key));
    const leaves = entries.map((entry) => entry.leaf);
    expectBytes(update.rootHash, referenceSparseRoot(leaves, slow));
    expect(update.leafCount).toBe(BigInt(leaves.length));
    await store.writeNodes(update.nodes);
    versions.push({ version, leaves, writtenAt: entries.map((entry) => entry.version) });
  }
  return versions;
}

describe("the versioned tree", () => {
  it("has the canonical root after every batch, and proves every key at every kept version", async () => {
    await fc.assert(
      fc.asyncProperty(history, sparseKey, fc.nat(), async (batches, someKey, pick) => {
        const store = createMemoryNodeStore();
        const tree = { reader: store, hash };
        const versions = await build(batches, store);
        const { version, leaves } = versions[pick % versions.length]!;
        const key = pick % 3 === 0 ? someKey : leaves[pick % Math.max(1, leaves.length)]?.key ?? someKey;
        const { leaf, proof } = await getWithProof(tree, { version, keyHash: key });
        const { siblings, ...place } = referenceSparseProof(leaves, key, slow);
        expectBytes(proof.siblings, concatBytes(...siblings));
        expect(proof.leaf === undefined).toBe(place.leaf === undefined);
        if (place.leaf !== undefined) expectBytes(proof.leaf!.key, place.leaf.key);
        const expected = leaves.find((candidate) => keyNumber(candidate.key) === keyNumber(key));
        expectBytes(leaf?.valueHash ?? NONE, expected?.valueHash ?? NONE);
        const root = referenceSparseRoot(leaves, slow);
        verifySparseProof({ key, valueHash: expected?.valueHash, proof, root }, hash);
      }),
      { numRuns: MERKLE_RUNS },
    );
  });

  it("lists the leaves of every version from any index, with range proofs", async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(), fc.nat(9), fc.nat(9), async (batches, pick, first, count) => {
        const store = createMemoryNodeStore();
        const tree = { reader: store, hash };
        const versions = await build(batches, store);
        const { version, leaves, writtenAt } = versions[pick % versions.length]!;
        const found = await readLeaves(tree, { version, firstIndex: BigInt(first), count });
        const expected = leaves.slice(first, first + count);
        expectBytes(found.keys, flatLeaves(expected).keys);
        expectBytes(found.valueHashes, flatLeaves(expected).valueHashes);
        expect(found.versions.join()).toBe(writtenAt.slice(first, first + count).join());
        const { rootHash, leafCount } = await stateRoot(tree, version);
        expectBytes(rootHash, referenceSparseRoot(leaves, slow));
        expect(leafCount).toBe(BigInt(leaves.length));
        const last = expected.at(-1);
        if (last === undefined) return;
        const { rightSiblings } = await proveRangeUpTo(tree, { version, keyHash: last.key });
        expectBytes(rightSiblings, concatBytes(...referenceRightSiblings(leaves, last.key, slow)));
      }),
      { numRuns: MERKLE_RUNS },
    );
  });

  it("names exactly the nodes that are needed no more", async () => {
    await fc.assert(
      fc.asyncProperty(history, async (batches) => {
        const store = createMemoryNodeStore();
        const pruned: MemoryNodeStore = { ...store };
        const tree = { reader: pruned, hash };
        let base: bigint | undefined;
        for (const [i, changes] of batches.entries()) {
          const update = await batchUpdate(tree, { base, version: BigInt(i), updates: updatesOf(changes) });
          expect(update.stale.every((key) => store.nodes.has(nodeName(key)))).toBe(true);
          await store.writeNodes(update.nodes);
          store.deleteNodes(update.stale);
          base = BigInt(i);
        }
        const read = new Set<string>();
        const reader = {
          readNodes: (keys: Parameters<typeof store.readNodes>[0]) => {
            for (const key of keys) read.add(nodeName(key));
            return store.readNodes(keys);
          },
        };
        const { leafCount } = await stateRoot({ reader, hash }, base!);
        await readLeaves({ reader, hash }, { version: base!, firstIndex: 0n, count: Number(leafCount) });
        expect([...read].sort().join()).toBe([...store.nodes.keys()].sort().join());
      }),
      { numRuns: MERKLE_RUNS },
    );
  });
});
