import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, equalBytes } from "../../core/bytes/bytes.ts";
import {
  type Accumulator,
  accumulatorRoot,
  appendLeaves,
  emptyAccumulator,
  rootFromLeaves,
} from "../../core/merkle/accumulator.ts";
import { verifyConsistency } from "../../core/merkle/accumulator-consistency.ts";
import { accumulatorBeforeRange, verifyExtension } from "../../core/merkle/accumulator-extension.ts";
import { verifyInclusion } from "../../core/merkle/accumulator-proof.ts";
import { proveConsistency, proveInclusion, proveRange, readAccumulator } from "../../core/merkle/accumulator-prover.ts";
import { verifyRange } from "../../core/merkle/accumulator-range.ts";
import { expectBytes } from "../helpers/expect-bytes.ts";
import { expectSyncError } from "../helpers/expect-sync-error.ts";
import { createMemorySubtrees } from "../helpers/memory-subtrees.ts";
import { changeHashes, hashesChange, MERKLE_RUNS, numberedHash } from "../helpers/merkle-arbitraries.ts";
import { accumulatorHash as nodeHash, remembering } from "../helpers/merkle-hash.ts";
import {
  referenceConsistency,
  referenceRange,
  referenceRoot,
  referenceSiblings,
} from "../helpers/reference-accumulator.ts";

const MOST_LEAVES = 40;
const LEAVES = Array.from({ length: MOST_LEAVES }, (_, i) => numberedHash(i));
const { pair } = remembering(nodeHash);
const subtrees = createMemorySubtrees(nodeHash);
subtrees.append(concatBytes(...LEAVES));
const prover = { reader: subtrees, nodeHash };

const leafCount = fc.integer({ min: 1, max: MOST_LEAVES });
const runs = { numRuns: MERKLE_RUNS };

describe("the accumulator", () => {
  it("has the root of the definition however its leaves were appended", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 6 }), (steps) => {
        let accumulator: Accumulator = emptyAccumulator();
        for (const step of steps) {
          const first = Number(accumulator.leafCount);
          const leafHashes = concatBytes(...LEAVES.slice(first, first + step));
          accumulator = appendLeaves({ accumulator, leafHashes }, nodeHash);
        }
        const leaves = LEAVES.slice(0, Number(accumulator.leafCount));
        expectBytes(accumulatorRoot(accumulator, nodeHash), referenceRoot(leaves, pair));
        expectBytes(rootFromLeaves(concatBytes(...leaves), nodeHash), referenceRoot(leaves, pair));
      }),
      runs,
    );
  });

  it("proves every leaf with the siblings of the definition, and no changed proof", async () => {
    await fc.assert(
      fc.asyncProperty(leafCount, fc.nat(), hashesChange, async (count, place, change) => {
        const leaves = LEAVES.slice(0, count);
        const index = place % count;
        const leafIndex = BigInt(index);
        const siblings = await proveInclusion(prover, { leafIndex, leafCount: BigInt(count) });
        expectBytes(siblings, concatBytes(...referenceSiblings(leaves, index, pair).map(({ hash }) => hash)));
        const root = referenceRoot(leaves, pair);
        verifyInclusion({ leafHash: LEAVES[index]!, leafIndex, siblings, root }, nodeHash);
        const changed = changeHashes(siblings, change);
        if (equalBytes(changed, siblings)) return;
        expectSyncError(
          () => verifyInclusion({ leafHash: LEAVES[index]!, leafIndex, siblings: changed, root }, nodeHash),
          "PROOF_MISMATCH",
        );
      }),
      runs,
    );
  });

  it("proves every range with the siblings of the definition, and nothing changed", async () => {
    await fc.assert(
      fc.asyncProperty(leafCount, fc.nat(), fc.nat(), fc.nat(3), hashesChange, async (count, a, b, part, change) => {
        const leaves = LEAVES.slice(0, count);
        const first = a % count;
        const length = 1 + (b % (count - first));
        const range = { firstIndex: BigInt(first), leafCount: BigInt(count) };
        const proof = await proveRange(prover, { ...range, count: length });
        const expected = referenceRange(leaves, { first, count: length }, pair);
        expectBytes(proof.leftSiblings, concatBytes(...expected.left));
        expectBytes(proof.rightSiblings, concatBytes(...expected.right));
        const leafHashes = concatBytes(...leaves.slice(first, first + length));
        const root = referenceRoot(leaves, pair);
        const claim = { firstIndex: range.firstIndex, leafHashes, proof, root };
        verifyRange(claim, nodeHash);
        const before = accumulatorBeforeRange(claim.firstIndex, proof.leftSiblings);
        expectBytes(accumulatorRoot(before, nodeHash), referenceRoot(leaves.slice(0, first), pair));
        const { leftSiblings, rightSiblings } = proof;
        const changed = [
          { ...claim, leafHashes: changeHashes(leafHashes, change) },
          { ...claim, proof: { leftSiblings: changeHashes(leftSiblings, change), rightSiblings } },
          { ...claim, proof: { leftSiblings, rightSiblings: changeHashes(rightSiblings, change) } },
          { ...claim, firstIndex: claim.firstIndex + BigInt(1 + change.at) },
        ][part]!;
        if (isSameClaim(changed, claim)) return;
        expectSyncError(() => verifyRange(changed, nodeHash), "PROOF_MISMATCH");
      }),
      runs,
    );
  });

  it("proves that it continues every shorter one, and nothing changed", async () => {
    await fc.assert(
      fc.asyncProperty(leafCount, fc.nat(), hashesChange, async (count, a, change) => {
        const from = a % (count + 1);
        const leaves = LEAVES.slice(0, count);
        const accumulator = await readAccumulator(prover, BigInt(from));
        const proof = await proveConsistency(prover, { fromCount: BigInt(from), leafCount: BigInt(count) });
        expectBytes(proof, concatBytes(...referenceConsistency(leaves, from, pair)));
        const root = referenceRoot(leaves, pair);
        const claim = { accumulator, leafCount: BigInt(count), subtrees: proof, root };
        expect(verifyConsistency(claim, nodeHash)).toEqual(await readAccumulator(prover, BigInt(count)));
        const changed = changeHashes(proof, change);
        if (equalBytes(changed, proof)) return;
        expectSyncError(() => verifyConsistency({ ...claim, subtrees: changed }, nodeHash), "PROOF_MISMATCH");
      }),
      runs,
    );
  });

  it("is extended by lists that overlap it, and by no list of a fork", async () => {
    await fc.assert(
      fc.asyncProperty(leafCount, fc.nat(), fc.nat(), fc.nat(), async (count, a, b, c) => {
        const first = a % count;
        const length = 1 + (b % (count - first));
        const known = c % (count + 1);
        const range = { firstIndex: BigInt(first), leafCount: BigInt(count) };
        const { leftSiblings } = await proveRange(prover, { ...range, count: length });
        const leafHashes = concatBytes(...LEAVES.slice(first, first + length));
        const root = referenceRoot(LEAVES.slice(0, known), pair);
        const claim = { leafCount: BigInt(known), root, firstIndex: range.firstIndex, leafHashes, leftSiblings };
        if (first > known) {
          expectSyncError(() => verifyExtension(claim, nodeHash), "PROOF_MISMATCH");
          return;
        }
        expect(verifyExtension(claim, nodeHash)).toBe(Math.min(known - first, length));
        if (known - first > length || known === 0) return;
        expectSyncError(() => verifyExtension({ ...claim, root: numberedHash(99) }, nodeHash), "PROOF_MISMATCH");
      }),
      runs,
    );
  });
});

interface Claim {
  readonly firstIndex: bigint;
  readonly leafHashes: Uint8Array;
  readonly proof: { readonly leftSiblings: Uint8Array; readonly rightSiblings: Uint8Array };
}

function isSameClaim(left: Claim, right: Claim): boolean {
  return left.firstIndex === right.firstIndex && equalBytes(left.leafHashes, right.leafHashes) &&
    equalBytes(left.proof.leftSiblings, right.proof.leftSiblings) &&
    equalBytes(left.proof.rightSiblings, right.proof.rightSiblings);
}
