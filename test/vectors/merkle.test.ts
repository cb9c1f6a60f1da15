import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../core/bytes/bytes.ts";
import { decodeHex } from "../../core/bytes/hex.ts";
import { createAccumulator } from "../../core/merkle/accumulator.ts";
import { verifyConsistency } from "../../core/merkle/accumulator-consistency.ts";
import { verifyInclusion } from "../../core/merkle/accumulator-proof.ts";
import { verifyRange } from "../../core/merkle/accumulator-range.ts";
import { createNodeHash, createSparseHash } from "../../core/merkle/node-hash.ts";
import { emptyFrontier, extendFrontier } from "../../core/merkle/sparse-frontier.ts";
import { verifySparseProof } from "../../core/merkle/sparse-proof.ts";
import { verifyStateRange } from "../../core/merkle/sparse-range.ts";
import { expectSyncError } from "../helpers/expect-sync-error.ts";
import { APTOS } from "../helpers/trust-context.ts";
import { makeMerkleCases, type MerkleVector } from "./merkle-cases.ts";

const folder = new URL("merkle/", import.meta.url);
const nodeHash = createNodeHash(APTOS.hasher, APTOS.seeds.transactionAccumulator);
const sparseHash = createSparseHash(APTOS.hasher, APTOS.seeds);

function flat(hashes: readonly string[]): Uint8Array {
  return concatBytes(...hashes.map((hash) => decodeHex(hash)));
}

function flatLeaves(leaves: readonly (readonly [string, string])[]) {
  return { keys: flat(leaves.map(([key]) => key)), valueHashes: flat(leaves.map(([, valueHash]) => valueHash)) };
}

function verify(vector: MerkleVector): void {
  const root = decodeHex(vector.root);
  switch (vector.kind) {
    case "inclusion": {
      const { leaf, leafIndex, siblings } = vector;
      const claim = { leafHash: decodeHex(leaf), leafIndex: BigInt(leafIndex), siblings: flat(siblings), root };
      verifyInclusion(claim, nodeHash);
      return;
    }
    case "range": {
      const proof = { leftSiblings: flat(vector.leftSiblings), rightSiblings: flat(vector.rightSiblings) };
      verifyRange(
        { firstIndex: BigInt(vector.firstIndex), leafHashes: flat(vector.leaves), proof, root },
        nodeHash,
      );
      return;
    }
    case "consistency": {
      const accumulator = createAccumulator(BigInt(vector.fromCount), flat(vector.frozenRoots));
      const claim = { accumulator, leafCount: BigInt(vector.leafCount), subtrees: flat(vector.subtrees), root };
      verifyConsistency(claim, nodeHash);
      return;
    }
    case "key": {
      const leaf = vector.leaf === null ? {} : {
        leaf: { key: decodeHex(vector.leaf[0]), valueHash: decodeHex(vector.leaf[1]) },
      };
      const valueHash = vector.valueHash === null ? undefined : decodeHex(vector.valueHash);
      const proof = { ...leaf, siblings: flat(vector.siblings) };
      verifySparseProof({ key: decodeHex(vector.key), valueHash, proof, root }, sparseHash);
      return;
    }
    case "state-range": {
      const before = { frontier: emptyFrontier(), leaves: flatLeaves(vector.before) };
      const frontier = extendFrontier(before, sparseHash);
      const proof = { rightSiblings: flat(vector.rightSiblings) };
      verifyStateRange({ frontier, leaves: flatLeaves(vector.leaves), proof, root }, sparseHash);
    }
  }
}

const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"));
const vectors = files.map((file) => ({
  name: file,
  vector: JSON.parse(readFileSync(new URL(file, folder), "utf8")) as MerkleVector,
}));

describe("the Merkle vectors", () => {
  it("are those that generate-merkle.ts writes", () => {
    const made = Object.fromEntries(makeMerkleCases().map(({ path, vector }) => [`${path}.json`, vector]));
    expect(Object.fromEntries(vectors.map(({ name, vector }) => [name, vector]))).toEqual(made);
  });

  it.each(vectors)("$name", ({ vector }) => {
    if (vector.wantError === null) verify(vector);
    else expectSyncError(() => verify(vector), vector.wantError);
  });
});
