import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import { encodeHex } from "../../../core/bytes/hex.ts";
import { ACCUMULATOR_PLACEHOLDER_HASH } from "../../../core/chain/hash.ts";
import { countOnes } from "../../../core/merkle/count-ones.ts";
import {
  accumulatorDepth,
  accumulatorRoot,
  appendLeaves,
  createAccumulator,
  emptyAccumulator,
  growAccumulator,
  MAX_ACCUMULATOR_LEAVES,
  rootFromLeaves,
} from "../../../core/merkle/accumulator.ts";
import { createNodeHash, hashAt } from "../../../core/merkle/node-hash.ts";
import { numberedHash } from "../../helpers/merkle-arbitraries.ts";
import { referenceRoot, referenceSubtree } from "../../helpers/reference-accumulator.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { APTOS } from "../../helpers/trust-context.ts";

const nodeHash = createNodeHash(APTOS.hasher, APTOS.seeds.transactionAccumulator);
const LEAVES = Array.from({ length: 20 }, (_, i) => numberedHash(i));
const flat = (count: number, first = 0) => concatBytes(...LEAVES.slice(first, first + count));

describe("the root of an accumulator", () => {
  it("is the placeholder without leaves, and the leaf itself with one", () => {
    expect(accumulatorRoot(emptyAccumulator(), nodeHash)).toEqual(ACCUMULATOR_PLACEHOLDER_HASH);
    expect(rootFromLeaves(flat(1), nodeHash)).toEqual(LEAVES[0]);
  });

  it.each(LEAVES.map((_, count) => count))("is that of the definition for %i leaves", (count) => {
    expect(rootFromLeaves(flat(count), nodeHash)).toEqual(referenceRoot(LEAVES.slice(0, count), nodeHash.pair));
  });

  it("is a fresh buffer that the caller may change", () => {
    accumulatorRoot(emptyAccumulator(), nodeHash).fill(0);
    expect(encodeHex(accumulatorRoot(emptyAccumulator(), nodeHash))).toBe(encodeHex(ACCUMULATOR_PLACEHOLDER_HASH));
    const one = appendLeaves({ accumulator: emptyAccumulator(), leafHashes: flat(1) }, nodeHash);
    accumulatorRoot(one, nodeHash).fill(0);
    expect(accumulatorRoot(one, nodeHash)).toEqual(LEAVES[0]);
  });
});

describe("appending", () => {
  it("does not change the accumulator it starts from", () => {
    const three = appendLeaves({ accumulator: emptyAccumulator(), leafHashes: flat(3) }, nodeHash);
    const frozen = three.frozenRoots.slice();
    appendLeaves({ accumulator: three, leafHashes: flat(6, 3) }, nodeHash);
    expect(three).toEqual({ leafCount: 3n, frozenRoots: frozen });
  });

  it.each([[0, 7], [1, 1], [3, 5], [5, 3], [7, 9], [8, 8]])(
    "tells the full subtrees that %i leaves and %i more make",
    (before, more) => {
      const accumulator = appendLeaves({ accumulator: emptyAccumulator(), leafHashes: flat(before) }, nodeHash);
      const { runs } = growAccumulator({ accumulator, leafHashes: flat(more, before) }, nodeHash);
      const made = runs.flatMap(({ level, firstIndex, hashes }) =>
        Array.from({ length: hashes.length / 32 }, (_, i) => [level, Number(firstIndex) + i, hashAt(hashes, i)])
      );
      const total = before + more;
      const expected = [0, 1, 2, 3, 4].flatMap((level) => {
        const size = 2 ** level;
        const first = Math.floor(before / size);
        return Array.from({ length: Math.floor(total / size) - first }, (_, i) => [
          level,
          first + i,
          referenceSubtree(LEAVES.slice(0, total), (first + i) * size, level, nodeHash.pair),
        ]);
      });
      expect(made).toEqual(expected);
    },
  );

  it("hashes a level in one call", () => {
    let calls = 0;
    const counting = {
      ...nodeHash,
      pairs: (pairs: Uint8Array) => {
        calls++;
        return nodeHash.pairs(pairs);
      },
    };
    appendLeaves({ accumulator: emptyAccumulator(), leafHashes: flat(16) }, counting);
    expect(calls).toBe(4);
  });

  it("refuses what is not a list of hashes, and more leaves than fit", () => {
    const leafHashes = new Uint8Array(33);
    expectSyncError(() => appendLeaves({ accumulator: emptyAccumulator(), leafHashes }, nodeHash), "INVALID_ARGUMENT");
    const full = createAccumulator(MAX_ACCUMULATOR_LEAVES, numberedHash(1));
    expectSyncError(() => appendLeaves({ accumulator: full, leafHashes: flat(1) }, nodeHash), "INVALID_ARGUMENT");
    expect(appendLeaves({ accumulator: full, leafHashes: flat(0) }, nodeHash)).toEqual(full);
  });
});

describe("an accumulator of known roots", () => {
  it("has one root for each 1-bit of its number of leaves", () => {
    expect(createAccumulator(5n, flat(2)).leafCount).toBe(5n);
    expectSyncError(() => createAccumulator(5n, flat(1)), "PROOF_MISMATCH");
    expectSyncError(() => createAccumulator(5n, flat(3)), "PROOF_MISMATCH");
    expectSyncError(() => createAccumulator(5n, new Uint8Array(65)), "PROOF_MISMATCH");
    expectSyncError(() => createAccumulator(-1n, flat(0)), "PROOF_MISMATCH");
    expectSyncError(() => createAccumulator(MAX_ACCUMULATOR_LEAVES + 1n, flat(2)), "PROOF_MISMATCH");
  });

  it.each([[0n, 0, 0], [1n, 0, 1], [2n, 1, 1], [3n, 2, 2], [4n, 2, 1], [5n, 3, 2], [2n ** 63n, 63, 1]])(
    "of %i leaves is %i deep and has %i roots",
    (leafCount, depth, ones) => {
      expect([accumulatorDepth(leafCount), countOnes(leafCount)]).toEqual([depth, ones]);
    },
  );
});
