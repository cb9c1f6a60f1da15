import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, equalBytes } from "../../core/bytes/bytes.ts";
import {
  emptyFrontier,
  extendFrontier,
  rootFromFrontier,
  type SparseFrontier,
} from "../../core/merkle/sparse-frontier.ts";
import { verifySparseProof } from "../../core/merkle/sparse-proof.ts";
import { isLastRange, verifyStateRange } from "../../core/merkle/sparse-range.ts";
import { canonicalRoot } from "../../core/merkle/sparse-root.ts";
import { expectBytes } from "../helpers/expect-bytes.ts";
import { expectSyncError } from "../helpers/expect-sync-error.ts";
import {
  changeHashes,
  hashesChange,
  MERKLE_RUNS,
  numberedHash,
  sortedLeaves,
  sparseKey,
} from "../helpers/merkle-arbitraries.ts";
import { remembering, sparseHash as hash } from "../helpers/merkle-hash.ts";
import {
  flatLeaves,
  type ReferenceLeaf,
  referenceRightSiblings,
  referenceSparseProof,
  referenceSparseRoot,
} from "../helpers/reference-sparse.ts";

const slow = { internal: remembering(hash.internal), leaf: remembering(hash.leaf) };
const runs = { numRuns: MERKLE_RUNS };

describe("the sparse Merkle tree", () => {
  it("has the root of the definition, whatever pieces its leaves came in", () => {
    fc.assert(
      fc.property(sortedLeaves(12), fc.array(fc.nat(12), { maxLength: 3 }), (leaves, cuts) => {
        const root = referenceSparseRoot(leaves, slow);
        expectBytes(canonicalRoot(flatLeaves(leaves), hash), root);
        let frontier = emptyFrontier();
        const places = [0, ...cuts.map((cut) => Math.min(cut, leaves.length)).sort((a, b) => a - b), leaves.length];
        for (let i = 1; i < places.length; i++) {
          const piece = flatLeaves(leaves.slice(places[i - 1], places[i]));
          frontier = extendFrontier({ frontier, leaves: piece }, hash);
        }
        expectBytes(rootFromFrontier(frontier, hash), root);
      }),
      runs,
    );
  });

  it("proves every key that is there with the siblings of the definition, and nothing changed", () => {
    fc.assert(
      fc.property(sortedLeaves(12), fc.nat(), hashesChange, (leaves, place, change) => {
        if (leaves.length === 0) return;
        const { key, valueHash } = leaves[place % leaves.length]!;
        const claim = claimOf(leaves, key, valueHash);
        verifySparseProof(claim, hash);
        expectSyncError(() => verifySparseProof({ ...claim, valueHash: undefined }, hash), "PROOF_MISMATCH");
        expectSyncError(() => verifySparseProof({ ...claim, valueHash: numberedHash(77) }, hash), "PROOF_MISMATCH");
        refuseChangedSiblings(claim, change);
      }),
      runs,
    );
  });

  it("proves every key that is not there, and nothing changed", () => {
    fc.assert(
      fc.property(sortedLeaves(12), sparseKey, hashesChange, (all, key, change) => {
        const leaves = all.filter((leaf) => !equalBytes(leaf.key, key));
        const claim = claimOf(leaves, key, undefined);
        verifySparseProof(claim, hash);
        expectSyncError(() => verifySparseProof({ ...claim, valueHash: numberedHash(3) }, hash), "PROOF_MISMATCH");
        refuseChangedSiblings(claim, change);
        if (claim.proof.leaf === undefined) return;
        const withoutLeaf = { ...claim, proof: { siblings: claim.proof.siblings } };
        expectSyncError(() => verifySparseProof(withoutLeaf, hash), "PROOF_MISMATCH");
      }),
      runs,
    );
  });

  it("proves every chunk from the left, and no chunk with a leaf changed, missing, moved or more", () => {
    fc.assert(
      fc.property(sortedLeaves(12), fc.nat(), fc.nat(), fc.nat(4), hashesChange, (leaves, a, b, part, change) => {
        if (leaves.length === 0) return;
        const start = a % leaves.length;
        const end = start + 1 + (b % (leaves.length - start));
        const chunk = leaves.slice(start, end);
        const before = flatLeaves(leaves.slice(0, start));
        const frontier = extendFrontier({ frontier: emptyFrontier(), leaves: before }, hash);
        const rightSiblings = concatBytes(...referenceRightSiblings(leaves, chunk.at(-1)!.key, slow));
        const root = referenceSparseRoot(leaves, slow);
        const claim = { frontier, leaves: flatLeaves(chunk), proof: { rightSiblings }, root };
        const next = verifyStateRange(claim, hash);
        expectFrontier(next, extendFrontier({ frontier, leaves: claim.leaves }, hash));
        expect(isLastRange(claim.proof)).toBe(end === leaves.length);
        expect(equalBytes(rootFromFrontier(next, hash), root)).toBe(end === leaves.length);
        const overlapping = flatLeaves(leaves.slice(Math.max(0, start - (change.at % 3)), end));
        expectFrontier(verifyStateRange({ ...claim, leaves: overlapping }, hash), next);
        refuseChangedChunk(claim, { chunk, part, change });
      }),
      runs,
    );
  });
});

function expectFrontier(actual: SparseFrontier, expected: SparseFrontier): void {
  expect([...actual.depths]).toEqual([...expected.depths]);
  expectBytes(actual.hashes, expected.hashes);
  expectBytes(actual.last!.key, expected.last!.key);
  expectBytes(actual.last!.valueHash, expected.last!.valueHash);
}

type Claim = Parameters<typeof verifySparseProof>[0];
type RangeClaim = Parameters<typeof verifyStateRange>[0];
type Change = { how: number; at: number; bit: number };

function claimOf(leaves: readonly ReferenceLeaf[], key: Uint8Array, valueHash: Uint8Array | undefined): Claim {
  const { siblings, ...place } = referenceSparseProof(leaves, key, slow);
  const proof = { ...place, siblings: concatBytes(...siblings) };
  return { key, valueHash, proof, root: referenceSparseRoot(leaves, slow) };
}

function refuseChangedSiblings(claim: Claim, change: Change): void {
  const siblings = changeHashes(claim.proof.siblings, change);
  if (equalBytes(siblings, claim.proof.siblings)) return;
  expectSyncError(
    () => verifySparseProof({ ...claim, proof: { ...claim.proof, siblings } }, hash),
    "PROOF_MISMATCH",
  );
}

function refuseChangedChunk(claim: RangeClaim, at: { chunk: ReferenceLeaf[]; part: number; change: Change }): void {
  const { leaves, proof } = claim;
  const place = at.change.at % at.chunk.length;
  const changed: RangeClaim = [
    { ...claim, leaves: { ...leaves, valueHashes: changeHashes(leaves.valueHashes, at.change) } },
    { ...claim, proof: { rightSiblings: changeHashes(proof.rightSiblings, at.change) } },
    { ...claim, leaves: { ...leaves, keys: changeHashes(leaves.keys, at.change) } },
    { ...claim, leaves: flatLeaves(at.chunk.toSpliced(place, 1)) },
    { ...claim, leaves: flatLeaves([...at.chunk, { key: new Uint8Array(32).fill(255), valueHash: numberedHash(1) }]) },
  ][at.part]!;
  if (isSameChunk(changed, claim) || onlySkipped(changed)) return;
  expectSyncError(() => verifyStateRange(changed, hash), "PROOF_MISMATCH");
}

function isSameChunk(left: RangeClaim, right: RangeClaim): boolean {
  return equalBytes(left.leaves.keys, right.leaves.keys) &&
    equalBytes(left.leaves.valueHashes, right.leaves.valueHashes) &&
    equalBytes(left.proof.rightSiblings, right.proof.rightSiblings);
}

/** A chunk that brings nothing new is accepted unseen. */
function onlySkipped({ frontier: { last }, leaves }: RangeClaim): boolean {
  const lastKey = leaves.keys.subarray(-32);
  const newOnes = last === undefined ? leaves.keys.length : compareLast(last.key, lastKey);
  return newOnes <= 0;
}

function compareLast(known: Uint8Array, lastKey: Uint8Array): number {
  if (lastKey.length === 0) return 0;
  const at = known.findIndex((byte, i) => byte !== lastKey[i]);
  return at < 0 ? 0 : lastKey[at]! - known[at]!;
}
