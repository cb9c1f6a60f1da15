import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import { accumulatorRoot, appendLeaves, emptyAccumulator } from "../../../core/merkle/accumulator.ts";
import {
  appendSubtrees,
  consistencyPositions,
  verifyConsistency,
} from "../../../core/merkle/accumulator-consistency.ts";
import { verifyAccumulatorExtension, verifyExtension } from "../../../core/merkle/accumulator-extension.ts";
import { rootFromInclusionProof, verifyInclusion } from "../../../core/merkle/accumulator-proof.ts";
import {
  proveConsistency,
  proveInclusion,
  proveRange,
  readAccumulator,
} from "../../../core/merkle/accumulator-prover.ts";
import { verifyRange } from "../../../core/merkle/accumulator-range.ts";
import { createNodeHash } from "../../../core/merkle/node-hash.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { createMemorySubtrees } from "../../helpers/memory-subtrees.ts";
import { numberedHash } from "../../helpers/merkle-arbitraries.ts";
import { mutatedBytes, mutatedHashes } from "../../helpers/merkle-mutations.ts";
import { referenceRoot } from "../../helpers/reference-accumulator.ts";
import { refusal, VELOR } from "../../helpers/trust-context.ts";

const nodeHash = createNodeHash(VELOR.hasher, VELOR.seeds.transactionAccumulator);
const LEAVES = Array.from({ length: 29 }, (_, i) => numberedHash(i));
const subtrees = createMemorySubtrees(nodeHash);
subtrees.append(concatBytes(...LEAVES));
const prover = { reader: subtrees, nodeHash };
const rootOf = (count: number) => referenceRoot(LEAVES.slice(0, count), nodeHash.pair);
const empty = new Uint8Array(0);

describe("an inclusion proof", () => {
  const leafCount = 21n;
  const root = rootOf(21);

  it.each([0n, 1n, 12n, 16n, 20n])("of leaf %i is refused with anything changed", async (leafIndex) => {
    const siblings = await proveInclusion(prover, { leafIndex, leafCount });
    const claim = { leafHash: LEAVES[Number(leafIndex)]!, leafIndex, siblings, root };
    verifyInclusion(claim, nodeHash);
    verifyInclusion({ ...claim, leafCount }, nodeHash);
    for (const { hashes } of mutatedHashes(siblings, "sibling")) {
      expectSyncError(() => verifyInclusion({ ...claim, siblings: hashes }, nodeHash), "PROOF_MISMATCH");
    }
    for (const { hashes } of mutatedBytes(claim.leafHash, "leaf")) {
      expectSyncError(() => verifyInclusion({ ...claim, leafHash: hashes }, nodeHash), "PROOF_MISMATCH");
    }
    for (const index of [leafIndex + 1n, leafIndex ^ 2n, leafIndex + 32n, leafIndex + 2n ** 62n, 2n ** 70n]) {
      expectSyncError(() => verifyInclusion({ ...claim, leafIndex: index }, nodeHash), "PROOF_MISMATCH");
    }
  });

  it("binds the number of leaves where it is given", async () => {
    const siblings = await proveInclusion(prover, { leafIndex: 3n, leafCount });
    const claim = { leafHash: LEAVES[3]!, leafIndex: 3n, siblings };
    expect(rootFromInclusionProof({ ...claim, leafCount: 32n }, nodeHash)).toEqual(root);
    expectSyncError(() => rootFromInclusionProof({ ...claim, leafCount: 33n }, nodeHash), "PROOF_MISMATCH");
    expectSyncError(() => rootFromInclusionProof({ ...claim, leafCount: 16n }, nodeHash), "PROOF_MISMATCH");
    expectSyncError(() => rootFromInclusionProof({ ...claim, leafCount: 3n }, nodeHash), "INVALID_ARGUMENT");
  });

  it("refuses a negative index, a leaf of another length, and more than 63 siblings", () => {
    const claim = { leafHash: LEAVES[0]!, leafIndex: 0n, siblings: empty };
    expect(rootFromInclusionProof(claim, nodeHash)).toEqual(LEAVES[0]);
    expectSyncError(() => rootFromInclusionProof({ ...claim, leafIndex: -1n }, nodeHash), "INVALID_ARGUMENT");
    expectSyncError(() => rootFromInclusionProof({ ...claim, leafHash: empty }, nodeHash), "PROOF_MISMATCH");
    const deep = new Uint8Array(32 * 63);
    expect(rootFromInclusionProof({ ...claim, siblings: deep }, nodeHash)).toHaveLength(32);
    expectSyncError(
      () => rootFromInclusionProof({ ...claim, siblings: new Uint8Array(32 * 64) }, nodeHash),
      "PROOF_MISMATCH",
    );
  });
});

describe("a range proof", () => {
  const leafCount = 21n;
  const root = rootOf(21);

  it.each([[0, 21], [0, 1], [5, 7], [16, 5], [20, 1], [3, 13]])(
    "of leaves %i + %i is refused with anything changed",
    async (first, count) => {
      const firstIndex = BigInt(first);
      const proof = await proveRange(prover, { firstIndex, count, leafCount });
      const leafHashes = concatBytes(...LEAVES.slice(first, first + count));
      const claim = { firstIndex, leafHashes, proof, root };
      verifyRange(claim, nodeHash);
      verifyRange({ ...claim, leafCount }, nodeHash);
      const { leftSiblings, rightSiblings } = proof;
      const changed = [
        ...mutatedHashes(leftSiblings, "left").map(({ hashes }) => ({ leftSiblings: hashes, rightSiblings })),
        ...mutatedHashes(rightSiblings, "right").map(({ hashes }) => ({ leftSiblings, rightSiblings: hashes })),
      ];
      for (const other of changed) {
        expectSyncError(() => verifyRange({ ...claim, proof: other }, nodeHash), "PROOF_MISMATCH");
      }
      for (const { hashes } of mutatedHashes(leafHashes, "leaf")) {
        expectSyncError(() => verifyRange({ ...claim, leafHashes: hashes }, nodeHash), "PROOF_MISMATCH");
      }
      for (const index of [firstIndex + 1n, firstIndex ^ 4n, firstIndex + 32n, firstIndex + 2n ** 80n]) {
        expectSyncError(() => verifyRange({ ...claim, firstIndex: index }, nodeHash), "PROOF_MISMATCH");
      }
    },
  );

  it("of the whole tree does not hold at a later place", () => {
    const claim = { leafHashes: LEAVES[0]!, proof: { leftSiblings: empty, rightSiblings: empty }, root: LEAVES[0]! };
    verifyRange({ ...claim, firstIndex: 0n }, nodeHash);
    for (const firstIndex of [1n, 2n, 8n]) {
      expectSyncError(() => verifyRange({ ...claim, firstIndex }, nodeHash), "PROOF_MISMATCH");
    }
  });

  it("of nothing holds only if everything is empty", () => {
    const nothing = {
      firstIndex: undefined,
      leafHashes: empty,
      proof: { leftSiblings: empty, rightSiblings: empty },
      root,
    };
    verifyRange(nothing, nodeHash);
    const hash = numberedHash(1);
    expectSyncError(() => verifyRange({ ...nothing, leafHashes: hash }, nodeHash), "PROOF_MISMATCH");
    expectSyncError(
      () => verifyRange({ ...nothing, proof: { leftSiblings: hash, rightSiblings: empty } }, nodeHash),
      "PROOF_MISMATCH",
    );
    expectSyncError(
      () => verifyRange({ ...nothing, proof: { leftSiblings: empty, rightSiblings: hash } }, nodeHash),
      "PROOF_MISMATCH",
    );
    expectSyncError(() => verifyRange({ ...nothing, firstIndex: 0n }, nodeHash), "PROOF_MISMATCH");
    expectSyncError(() => verifyRange({ ...nothing, firstIndex: -1n }, nodeHash), "INVALID_ARGUMENT");
  });

  it("binds the number of leaves where it is given", async () => {
    const proof = await proveRange(prover, { firstIndex: 18n, count: 3, leafCount });
    const claim = { firstIndex: 18n, leafHashes: concatBytes(...LEAVES.slice(18, 21)), proof, root };
    expectSyncError(() => verifyRange({ ...claim, leafCount: 20n }, nodeHash), "PROOF_MISMATCH");
    expectSyncError(() => verifyRange({ ...claim, leafCount: 33n }, nodeHash), "PROOF_MISMATCH");
  });
});

describe("a consistency proof", () => {
  it.each([[0, 21], [1, 2], [5, 21], [8, 21], [16, 29], [7, 8], [21, 21]])(
    "from %i to %i leaves is refused with anything changed",
    async (from, to) => {
      const accumulator = await readAccumulator(prover, BigInt(from));
      const leafCount = BigInt(to);
      const proof = await proveConsistency(prover, { fromCount: BigInt(from), leafCount });
      const claim = { accumulator, leafCount, subtrees: proof, root: rootOf(to) };
      expect(verifyConsistency(claim, nodeHash)).toEqual(await readAccumulator(prover, leafCount));
      for (const { hashes } of mutatedHashes(proof, "subtree")) {
        expectSyncError(() => verifyConsistency({ ...claim, subtrees: hashes }, nodeHash), "PROOF_MISMATCH");
      }
      for (const { hashes } of mutatedBytes(accumulator.frozenRoots, "root")) {
        const fork = { ...accumulator, frozenRoots: hashes };
        expectSyncError(() => verifyConsistency({ ...claim, accumulator: fork }, nodeHash), "PROOF_MISMATCH");
      }
    },
  );

  it("does not lead backwards or beyond 2^63 leaves", () => {
    const accumulator = { leafCount: 4n, frozenRoots: numberedHash(1) };
    for (const leafCount of [3n, 2n ** 63n + 1n]) {
      expectSyncError(() => appendSubtrees({ accumulator, leafCount, subtrees: empty }, nodeHash), "INVALID_ARGUMENT");
    }
    expectSyncError(() => consistencyPositions(-1n, 3n), "INVALID_ARGUMENT");
    expect(consistencyPositions(0n, 2n ** 63n)).toEqual([{ level: 63, index: 0n }]);
  });
});

describe("an extension", () => {
  const leafHashes = concatBytes(...LEAVES.slice(9, 15));

  it.each([[9, 0], [12, 3], [15, 6], [16, 6], [25, 6]])(
    "of a ledger of %i leaves by leaves 9 to 14 overlaps by %i",
    async (known, overlap) => {
      const { leftSiblings } = await proveRange(prover, { firstIndex: 9n, count: 6, leafCount: 29n });
      const claim = { leafCount: BigInt(known), root: rootOf(known), firstIndex: 9n, leafHashes, leftSiblings };
      expect(verifyExtension(claim, nodeHash)).toBe(overlap);
      if (known > 15) return;
      for (const { hashes } of mutatedHashes(leftSiblings, "left")) {
        expectSyncError(() => verifyExtension({ ...claim, leftSiblings: hashes }, nodeHash), "PROOF_MISMATCH");
      }
      for (const { hashes } of mutatedBytes(leafHashes.subarray(0, 32 * overlap), "leaf")) {
        const changed = concatBytes(hashes, leafHashes.subarray(32 * overlap));
        expectSyncError(() => verifyExtension({ ...claim, leafHashes: changed }, nodeHash), "PROOF_MISMATCH");
      }
    },
  );

  it("cannot begin beyond the ledger, and an empty one begins nowhere", () => {
    const claim = { leafCount: 8n, root: rootOf(8), firstIndex: 9n, leafHashes, leftSiblings: empty };
    expectSyncError(() => verifyExtension(claim, nodeHash), "PROOF_MISMATCH");
    expectSyncError(() => verifyExtension({ ...claim, firstIndex: undefined }, nodeHash), "PROOF_MISMATCH");
    expect(verifyExtension({ ...claim, firstIndex: undefined, leafHashes: empty }, nodeHash)).toBe(0);
  });

  it("by a proof of its own begins at the trusted root and appends", async () => {
    const { frozenRoots, leafCount } = await readAccumulator(prover, 9n);
    const proof = { frozenRoots, leafCount, leafHashes };
    const longer = verifyAccumulatorExtension({ proof, root: rootOf(9) }, nodeHash);
    expect(longer).toEqual(await readAccumulator(prover, 15n));
    const wrong = [
      ...mutatedHashes(frozenRoots, "root").map(({ hashes }) => ({ ...proof, frozenRoots: hashes })),
      { ...proof, leafCount: 10n },
      { ...proof, leafCount: 8n },
      { ...proof, leafHashes: leafHashes.subarray(1) },
    ];
    for (const other of wrong) {
      expectSyncError(() => verifyAccumulatorExtension({ proof: other, root: rootOf(9) }, nodeHash), "PROOF_MISMATCH");
    }
  });
});

describe("the proving side", () => {
  it("reads once per proof, and only full subtrees", async () => {
    const reads: number[] = [];
    const reader = {
      readSubtrees: (positions: Parameters<typeof subtrees.readSubtrees>[0]) => {
        reads.push(positions.length);
        expect(positions.every(({ level, index }) => (index + 1n) << BigInt(level) <= 21n)).toBe(true);
        return subtrees.readSubtrees(positions);
      },
    };
    await proveInclusion({ reader, nodeHash }, { leafIndex: 2n, leafCount: 21n });
    await proveRange({ reader, nodeHash }, { firstIndex: 2n, count: 4, leafCount: 21n });
    await proveConsistency({ reader, nodeHash }, { fromCount: 3n, leafCount: 21n });
    expect(reads).toHaveLength(3);
    expect(await proveConsistency({ reader, nodeHash }, { fromCount: 21n, leafCount: 21n })).toEqual(empty);
    expect(reads).toHaveLength(3);
  });

  it("refuses what lies outside, and a reader that answers short", async () => {
    const outside = [
      proveInclusion(prover, { leafIndex: 21n, leafCount: 21n }),
      proveInclusion(prover, { leafIndex: -1n, leafCount: 21n }),
      proveRange(prover, { firstIndex: 20n, count: 2, leafCount: 21n }),
      proveRange(prover, { firstIndex: 2n, count: 0, leafCount: 21n }),
      proveRange(prover, { firstIndex: 2n, count: 1.5, leafCount: 21n }),
      proveConsistency(prover, { fromCount: 4n, leafCount: 3n }),
    ];
    for (const proof of outside) await expect(proof).rejects.toMatchObject(refusal("INVALID_ARGUMENT"));
    const short = { nodeHash, reader: { readSubtrees: () => Promise.resolve(new Uint8Array(31)) } };
    await expect(readAccumulator(short, 1n)).rejects.toMatchObject(refusal("STORAGE_CORRUPT"));
  });

  it("gives the accumulator of any number of leaves", async () => {
    expect(await readAccumulator(prover, 0n)).toEqual(emptyAccumulator());
    const accumulator = appendLeaves({
      accumulator: emptyAccumulator(),
      leafHashes: concatBytes(...LEAVES.slice(0, 23)),
    }, nodeHash);
    expect(await readAccumulator(prover, 23n)).toEqual(accumulator);
    expect(accumulatorRoot(accumulator, nodeHash)).toEqual(rootOf(23));
  });
});
