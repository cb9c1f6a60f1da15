import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import { SPARSE_MERKLE_PLACEHOLDER_HASH } from "../../../core/chain/hash.ts";
import { commonPrefixBits, keyBit } from "../../../core/merkle/key-bits.ts";
import type { SparseMerkleProof } from "../../../core/merkle/sparse.ts";
import { createSparseHash } from "../../../core/merkle/node-hash.ts";
import {
  assertFrontier,
  emptyFrontier,
  extendFrontier,
  rootFromFrontier,
} from "../../../core/merkle/sparse-frontier.ts";
import { rootFromSparseProof, verifySparseProof } from "../../../core/merkle/sparse-proof.ts";
import {
  createStateRangeVerifier,
  isLastRange,
  rootFromSparseRange,
  verifyStateRange,
} from "../../../core/merkle/sparse-range.ts";
import { canonicalRoot } from "../../../core/merkle/sparse-root.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { keyOf, numberedHash } from "../../helpers/merkle-arbitraries.ts";
import { mutatedBytes, mutatedHashes } from "../../helpers/merkle-mutations.ts";
import {
  flatLeaves,
  referenceRightSiblings,
  referenceSparseProof,
  referenceSparseRoot,
} from "../../helpers/reference-sparse.ts";
import { VELOR } from "../../helpers/trust-context.ts";

const hash = createSparseHash(VELOR.hasher, VELOR.seeds);
const PREFIXES = [0x010, 0x01f, 0x3c0, 0x3c1, 0x3c3, 0x600, 0x9a0, 0x9a8, 0xc00, 0xff0, 0xff8];
const LEAVES = PREFIXES.map((prefix, i) => ({ key: keyOf(prefix, 0), valueHash: numberedHash(i) }));
const root = referenceSparseRoot(LEAVES, hash);
const empty = new Uint8Array(0);

/** All ones but the last bit, and all ones: they part at the last bit of all. */
const TWINS = [0xfe, 0xff].map((last) => ({
  key: new Uint8Array(32).fill(255).with(31, last),
  valueHash: numberedHash(last),
}));

describe("bits of keys", () => {
  it("count from the most significant of the first byte", () => {
    const key = Uint8Array.of(0x80, 0x01, ...new Uint8Array(30));
    expect([0, 1, 7, 8, 15].map((depth) => keyBit(key, 0, depth))).toEqual([1, 0, 0, 0, 1]);
    expect(commonPrefixBits(key, key)).toBe(256);
    expect(commonPrefixBits(key, key.with(0, 0))).toBe(0);
    expect(commonPrefixBits(key, key.with(1, 0))).toBe(15);
    expect(commonPrefixBits(TWINS[0]!.key, TWINS[1]!.key)).toBe(255);
  });
});

describe("the canonical root", () => {
  it("of nothing is the placeholder, of one leaf the leaf's hash", () => {
    expect(canonicalRoot({ keys: empty, valueHashes: empty }, hash)).toEqual(SPARSE_MERKLE_PLACEHOLDER_HASH);
    const { key, valueHash } = LEAVES[0]!;
    expect(canonicalRoot({ keys: key, valueHashes: valueHash }, hash)).toEqual(hash.leaf.pair(key, valueHash));
  });

  it("is that of the definition, also for keys that part at the last bit", () => {
    expect(canonicalRoot(flatLeaves(LEAVES), hash)).toEqual(root);
    const deep = [...LEAVES, ...TWINS];
    expect(canonicalRoot(flatLeaves(deep), hash)).toEqual(referenceSparseRoot(deep, hash));
    const turned = [{ key: new Uint8Array(32), valueHash: numberedHash(1) }, {
      key: new Uint8Array(32).with(31, 1),
      valueHash: numberedHash(2),
    }];
    expect(canonicalRoot(flatLeaves(turned), hash)).toEqual(referenceSparseRoot(turned, hash));
  });

  it("refuses keys that are not strictly ascending, and values that do not fit them", () => {
    const [first, second] = [LEAVES[0]!, LEAVES[1]!];
    for (const leaves of [[second, first], [first, first]]) {
      expectSyncError(() => canonicalRoot(flatLeaves(leaves), hash), "INVALID_ARGUMENT");
    }
    expectSyncError(() => canonicalRoot({ keys: first.key, valueHashes: empty }, hash), "INVALID_ARGUMENT");
    expectSyncError(
      () => canonicalRoot({ keys: first.key.subarray(1), valueHashes: first.key.subarray(1) }, hash),
      "INVALID_ARGUMENT",
    );
  });
});

function mutatedProofs(proof: SparseMerkleProof): SparseMerkleProof[] {
  const { leaf } = proof;
  return [
    ...mutatedHashes(proof.siblings, "sibling").map(({ hashes }) => ({ ...proof, siblings: hashes })),
    ...mutatedBytes(leaf?.key ?? empty, "key").map(({ hashes }) => ({ ...proof, leaf: { ...leaf!, key: hashes } })),
    ...mutatedBytes(leaf?.valueHash ?? empty, "value").map(({ hashes }) => ({
      ...proof,
      leaf: { ...leaf!, valueHash: hashes },
    })),
    leaf === undefined ? { ...proof, leaf: LEAVES[5]! } : { siblings: proof.siblings },
    { ...proof, leaf: { key: empty, valueHash: empty } },
  ];
}

describe("a proof of one key", () => {
  const present = LEAVES.map(({ key, valueHash }) => ({ name: `the key ${key[0]}`, key, valueHash }));
  const absent = [keyOf(0x7ff, 0), keyOf(0x3c2, 0), keyOf(0x011, 0), keyOf(0xc01, 0)]
    .map((key) => ({ name: `the absent key ${key[0]}`, key, valueHash: undefined }));

  it.each([...present.slice(0, 4), ...absent])("is refused for $name with anything changed", ({ key, valueHash }) => {
    const { siblings: list, ...place } = referenceSparseProof(LEAVES, key, hash);
    const proof = { ...place, siblings: concatBytes(...list) };
    const claim = { key, valueHash, proof, root };
    verifySparseProof(claim, hash);
    for (const other of mutatedProofs(proof)) {
      expectSyncError(() => verifySparseProof({ ...claim, proof: other }, hash), "PROOF_MISMATCH");
    }
    for (const { hashes } of valueHash === undefined ? [] : mutatedBytes(key, "key")) {
      expectSyncError(() => verifySparseProof({ ...claim, key: hashes }, hash), "PROOF_MISMATCH");
    }
    for (const { hashes } of mutatedBytes(valueHash ?? empty, "value")) {
      expectSyncError(() => verifySparseProof({ ...claim, valueHash: hashes }, hash), "PROOF_MISMATCH");
    }
    const other = valueHash === undefined ? numberedHash(0) : undefined;
    expectSyncError(() => verifySparseProof({ ...claim, valueHash: other }, hash), "PROOF_MISMATCH");
  });

  it("may begin below the root, at the depth said", () => {
    const { key, valueHash } = LEAVES[3]!;
    const { siblings, leaf } = referenceSparseProof(LEAVES, key, hash);
    const rootDepth = 4;
    const proof = { leaf: leaf!, siblings: concatBytes(...siblings.slice(rootDepth)) };
    const below = LEAVES.filter((other) => commonPrefixBits(other.key, key) >= rootDepth);
    const subtreeRoot = referenceSparseRoot(below, hash, rootDepth);
    verifySparseProof({ key, valueHash, proof, rootDepth, root: subtreeRoot }, hash);
    expectSyncError(() => verifySparseProof({ key, valueHash, proof, root: subtreeRoot }, hash), "PROOF_MISMATCH");
    expectSyncError(
      () => verifySparseProof({ key, valueHash, proof, rootDepth: 5, root: subtreeRoot }, hash),
      "PROOF_MISMATCH",
    );
    const full = { leaf: leaf!, siblings: new Uint8Array(32 * 253) };
    expectSyncError(() => rootFromSparseProof({ key, valueHash, proof: full, rootDepth }, hash), "PROOF_MISMATCH");
    for (const depth of [-1, 257, 0.5]) {
      expectSyncError(() => rootFromSparseProof({ key, valueHash, proof, rootDepth: depth }, hash), "INVALID_ARGUMENT");
    }
    const foreign = { key: keyOf(0x3f0, 0), valueHash: undefined, proof: { leaf: LEAVES[0]!, siblings: empty } };
    expectSyncError(() => rootFromSparseProof({ ...foreign, rootDepth }, hash), "PROOF_MISMATCH");
  });

  it("cannot show absence by a leaf that is not on the way to the key", () => {
    const [first, last] = [LEAVES[0]!, LEAVES.at(-1)!];
    const two = referenceSparseRoot([first, last], hash);
    const siblings = hash.leaf.pair(last.key, last.valueHash);
    verifySparseProof(
      { key: keyOf(0x100, 0), valueHash: undefined, proof: { leaf: first, siblings }, root: two },
      hash,
    );
    const claim = { key: last.key, valueHash: undefined, proof: { leaf: first, siblings }, root: two };
    expectSyncError(() => verifySparseProof(claim, hash), "PROOF_MISMATCH");
    expectSyncError(() => verifySparseProof({ ...claim, key: empty }, hash), "INVALID_ARGUMENT");
  });

  it("of keys that part at the last bit has 256 siblings", () => {
    const deep = referenceSparseRoot(TWINS, hash);
    const { key, valueHash } = TWINS[0]!;
    const { siblings, leaf } = referenceSparseProof(TWINS, key, hash);
    expect(siblings).toHaveLength(256);
    verifySparseProof({ key, valueHash, proof: { leaf: leaf!, siblings: concatBytes(...siblings) }, root: deep }, hash);
  });
});

describe("a range proof", () => {
  const proofAt = (last: number) => ({
    rightSiblings: concatBytes(...referenceRightSiblings(LEAVES, LEAVES[last]!.key, hash)),
  });
  const frontierOf = (count: number) =>
    extendFrontier({ frontier: emptyFrontier(), leaves: flatLeaves(LEAVES.slice(0, count)) }, hash);

  it.each([[0, 1], [0, 11], [2, 5], [4, 8], [10, 11]])(
    "of leaves %i to %i (exclusive) is refused with anything changed",
    (start, end) => {
      const leaves = flatLeaves(LEAVES.slice(start, end));
      const proof = proofAt(end - 1);
      const claim = { frontier: frontierOf(start), leaves, proof, root };
      verifyStateRange(claim, hash);
      for (const { name, hashes } of mutatedHashes(proof.rightSiblings, "right")) {
        const changed = { ...claim, proof: { rightSiblings: hashes } };
        expectSyncError(() => verifyStateRange(changed, hash), "PROOF_MISMATCH").cause = name;
      }
      for (const { hashes } of mutatedHashes(leaves.valueHashes, "value")) {
        expectSyncError(
          () => verifyStateRange({ ...claim, leaves: { ...leaves, valueHashes: hashes } }, hash),
          "PROOF_MISMATCH",
        );
      }
      for (const { hashes } of mutatedBytes(leaves.keys, "key")) {
        if (hashes.subarray(-32)[0]! <= (claim.frontier.last?.key[0] ?? -1)) continue;
        expectSyncError(
          () => verifyStateRange({ ...claim, leaves: { ...leaves, keys: hashes } }, hash),
          "PROOF_MISMATCH",
        );
      }
      for (let at = start; at < end - 1; at++) {
        const without = flatLeaves(LEAVES.slice(start, end).toSpliced(at - start, 1));
        expectSyncError(() => verifyStateRange({ ...claim, leaves: without }, hash), "PROOF_MISMATCH");
      }
      for (const { hashes } of mutatedBytes(claim.frontier.hashes, "left")) {
        const frontier = { ...claim.frontier, hashes };
        expectSyncError(() => verifyStateRange({ ...claim, frontier }, hash), "PROOF_MISMATCH");
      }
    },
  );

  it("is the last exactly where all right siblings are placeholders", () => {
    expect(LEAVES.map((_, i) => isLastRange(proofAt(i)))).toEqual(LEAVES.map((_, i) => i === LEAVES.length - 1));
    expect(isLastRange({ rightSiblings: empty })).toBe(true);
  });

  it("of a single leaf, and of nothing, has no siblings", () => {
    const leaves = flatLeaves(LEAVES.slice(6, 7));
    const single = hash.leaf.pair(leaves.keys, leaves.valueHashes);
    const frontier = verifyStateRange({
      frontier: emptyFrontier(),
      leaves,
      proof: { rightSiblings: empty },
      root: single,
    }, hash);
    expect(rootFromFrontier(frontier, hash)).toEqual(single);
    const nothing = { frontier: emptyFrontier(), proof: { rightSiblings: empty } };
    expect(rootFromSparseRange(nothing, hash)).toEqual(SPARSE_MERKLE_PLACEHOLDER_HASH);
    expectSyncError(
      () => rootFromSparseRange({ ...nothing, proof: { rightSiblings: numberedHash(1) } }, hash),
      "PROOF_MISMATCH",
    );
  });

  it("refuses more right siblings than the path turns left", () => {
    const leaves = flatLeaves([{ key: new Uint8Array(32).fill(255), valueHash: numberedHash(1) }]);
    const claim = { frontier: emptyFrontier(), leaves, proof: { rightSiblings: numberedHash(2) }, root };
    expectSyncError(() => verifyStateRange(claim, hash), "PROOF_MISMATCH");
  });
});

describe("receiving a state", () => {
  const chunks = [[0, 3], [3, 4], [4, 9], [9, 11]].map(([start, end]) => ({
    leaves: flatLeaves(LEAVES.slice(start, end)),
    proof: { rightSiblings: concatBytes(...referenceRightSiblings(LEAVES, LEAVES[end! - 1]!.key, hash)) },
  }));

  it("is complete after the last chunk and not before", () => {
    const receiver = createStateRangeVerifier({ root, frontier: emptyFrontier() }, hash);
    expect(receiver.isComplete()).toBe(false);
    expect(chunks.map((chunk) => receiver.receive(chunk))).toEqual([false, false, false, true]);
    expect(receiver.isComplete()).toBe(true);
  });

  it("resumes at a stored frontier, and skips what it has", () => {
    const before = createStateRangeVerifier({ root, frontier: emptyFrontier() }, hash);
    before.receive(chunks[0]!);
    before.receive(chunks[1]!);
    const stored = structuredClone(before.frontier());
    assertFrontier(stored);
    const after = createStateRangeVerifier({ root, frontier: stored }, hash);
    expect(after.receive(chunks[1]!)).toBe(false);
    expect(after.frontier()).toEqual(stored);
    const overlapping = { ...chunks[2]!, leaves: flatLeaves(LEAVES.slice(1, 9)) };
    expect([after.receive(overlapping), after.receive(chunks[3]!)]).toEqual([false, true]);
  });

  it("refuses a chunk out of order and goes on as if it had not come", () => {
    const receiver = createStateRangeVerifier({ root, frontier: emptyFrontier() }, hash);
    receiver.receive(chunks[0]!);
    const frontier = receiver.frontier();
    expectSyncError(() => receiver.receive(chunks[2]!), "PROOF_MISMATCH");
    const backwards = { ...chunks[1]!, leaves: flatLeaves([LEAVES[4]!, LEAVES[3]!]) };
    expectSyncError(() => receiver.receive(backwards), "PROOF_MISMATCH");
    expect(receiver.frontier()).toBe(frontier);
    expect([1, 2, 3].map((i) => receiver.receive(chunks[i]!))).toEqual([false, false, true]);
  });

  it("refuses a stored frontier whose parts do not fit", () => {
    const frontier = extendFrontier({ frontier: emptyFrontier(), leaves: flatLeaves(LEAVES) }, hash);
    assertFrontier(frontier);
    assertFrontier(emptyFrontier());
    const { last, depths, hashes } = frontier;
    const broken = [
      { depths, hashes },
      { ...frontier, hashes: hashes.subarray(32) },
      { ...frontier, depths: depths.toReversed() },
      { ...frontier, depths: depths.with(depths.length - 1, 256) },
      { ...frontier, last: { ...last!, key: last!.key.with(0, 0) } },
      { ...frontier, last: { ...last!, valueHash: empty } },
    ];
    for (const other of broken) expectSyncError(() => assertFrontier(other), "STORAGE_CORRUPT");
  });
});
