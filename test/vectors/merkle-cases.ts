/**
 * Test vectors of the Merkle proofs: happy paths from the naive references, and one vector for each thing done to them.
 *
 * All hashes are those of the `aptos` profile. Lists of hashes are lists of 64 hex digits, in the order of formats §4 and §5.
 *
 * @module
 */
import { concatBytes } from "../../core/bytes/bytes.ts";
import { encodeHex } from "../../core/bytes/hex.ts";
import { createNodeHash, createSparseHash, hashAt } from "../../core/merkle/node-hash.ts";
import { keyOf, numberedHash } from "../helpers/merkle-arbitraries.ts";
import { flipBit } from "../helpers/bytes.ts";
import { mutatedLists } from "../helpers/merkle-mutations.ts";
import {
  referenceConsistency,
  referenceRange,
  referenceRoot,
  referenceSiblings,
} from "../helpers/reference-accumulator.ts";
import { referenceRightSiblings, referenceSparseProof, referenceSparseRoot } from "../helpers/reference-sparse.ts";
import { APTOS } from "../helpers/trust-context.ts";

/** What every vector says. */
interface Described {
  readonly desc: string;
  /** Code of the refusal; `null` if the vector holds. */
  readonly wantError: "PROOF_MISMATCH" | null;
  /** Trusted root. */
  readonly root: string;
}

/** A vector, by `kind`. Hashes are hex, indexes and counts decimal. */
export type MerkleVector =
  | (Described & { kind: "inclusion"; leaf: string; leafIndex: string; siblings: string[] })
  | (Described & {
    kind: "range";
    firstIndex: string;
    leaves: string[];
    leftSiblings: string[];
    rightSiblings: string[];
  })
  | (Described & {
    kind: "consistency";
    fromCount: string;
    frozenRoots: string[];
    leafCount: string;
    subtrees: string[];
  })
  | (Described & {
    kind: "key";
    key: string;
    valueHash: string | null;
    leaf: [string, string] | null;
    siblings: string[];
  })
  | (Described & {
    kind: "state-range";
    before: [string, string][];
    leaves: [string, string][];
    rightSiblings: string[];
  });

/** A vector and where it lies below `test/vectors/merkle`, without `.json`. */
export interface MerkleCase {
  readonly path: string;
  readonly vector: MerkleVector;
}

const nodeHash = createNodeHash(APTOS.hasher, APTOS.seeds.transactionAccumulator);
const sparseHash = createSparseHash(APTOS.hasher, APTOS.seeds);
const LEAVES = Array.from({ length: 11 }, (_, i) => numberedHash(i));
const STATE = [0x010, 0x3c0, 0x3c1, 0x600, 0x9a0, 0xff0, 0xff8].map((prefix, i) => ({
  key: keyOf(prefix, 0),
  valueHash: numberedHash(100 + i),
}));
const stateRoot = encodeHex(referenceSparseRoot(STATE, sparseHash));

/** All vectors. */
export function makeMerkleCases(): MerkleCase[] {
  return [
    ...[[0, 1], [0, 2], [4, 7], [6, 7], [10, 11]].flatMap(([index, count]) => inclusionCases(index!, count!)),
    ...[[0, 7, 7], [2, 3, 11], [8, 3, 11], [5, 1, 8]].flatMap(([first, length, count]) =>
      rangeCases(first!, length!, count!)
    ),
    ...[[0, 7], [3, 7], [4, 11], [7, 8]].flatMap(([from, count]) => consistencyCases(from!, count!)),
    ...STATE.slice(0, 3).flatMap(({ key, valueHash }, i) => keyCases(`present-${i}`, key, valueHash)),
    ...[0x3c2, 0x700, 0xe00].flatMap((prefix) =>
      keyCases(`absent-${prefix.toString(16)}`, keyOf(prefix, 0), undefined)
    ),
    ...[[0, 2], [2, 5], [5, 7], [0, 7]].flatMap(([start, end]) => stateRangeCases(start!, end!)),
  ];
}

function inclusionCases(index: number, count: number): MerkleCase[] {
  const leaves = LEAVES.slice(0, count);
  const siblings = list(referenceSiblings(leaves, index, nodeHash.pair).map(({ hash }) => hash));
  const vector: MerkleVector = {
    desc: `leaf ${index} of ${count}`,
    wantError: null,
    kind: "inclusion",
    root: encodeHex(referenceRoot(leaves, nodeHash.pair)),
    leaf: encodeHex(leaves[index]!),
    leafIndex: String(index),
    siblings,
  };
  return withMutations(`inclusion/leaf-${index}-of-${count}`, vector, [
    ...changes(siblings, "sibling", (changed) => ({ siblings: changed })),
    { name: "leaf-bit-flipped", change: { leaf: flipped(vector.leaf) } },
    { name: "index-plus-one", change: { leafIndex: String(index + 1) } },
    { name: "index-plus-1024", change: { leafIndex: String(index + 1024) } },
  ]);
}

function rangeCases(first: number, length: number, count: number): MerkleCase[] {
  const all = LEAVES.slice(0, count);
  const { left, right } = referenceRange(all, { first, count: length }, nodeHash.pair);
  const leaves = list(all.slice(first, first + length));
  const vector: MerkleVector = {
    desc: `leaves ${first} to ${first + length - 1} of ${count}`,
    wantError: null,
    kind: "range",
    root: encodeHex(referenceRoot(all, nodeHash.pair)),
    firstIndex: String(first),
    leaves,
    leftSiblings: list(left),
    rightSiblings: list(right),
  };
  return withMutations(`range/${first}-plus-${length}-of-${count}`, vector, [
    ...changes(vector.leftSiblings, "left", (changed) => ({ leftSiblings: changed })),
    ...changes(vector.rightSiblings, "right", (changed) => ({ rightSiblings: changed })),
    ...changes(leaves, "leaf", (changed) => ({ leaves: changed })),
    { name: "first-plus-one", change: { firstIndex: String(first + 1) } },
    { name: "first-plus-1024", change: { firstIndex: String(first + 1024) } },
  ]);
}

function consistencyCases(from: number, count: number): MerkleCase[] {
  const leaves = LEAVES.slice(0, count);
  const subtrees = list(referenceConsistency(leaves, from, nodeHash.pair));
  const frozenRoots = list(referenceConsistency(leaves.slice(0, from), 0, nodeHash.pair));
  const vector: MerkleVector = {
    desc: `from ${from} to ${count} leaves`,
    wantError: null,
    kind: "consistency",
    root: encodeHex(referenceRoot(leaves, nodeHash.pair)),
    fromCount: String(from),
    frozenRoots,
    leafCount: String(count),
    subtrees,
  };
  return withMutations(`consistency/${from}-to-${count}`, vector, [
    ...changes(subtrees, "subtree", (changed) => ({ subtrees: changed })),
    ...frozenRoots.map((root, i) => ({
      name: `root-${i}-bit-flipped`,
      change: { frozenRoots: frozenRoots.with(i, flipped(root)) },
    })),
  ]);
}

function keyCases(name: string, key: Uint8Array, valueHash: Uint8Array | undefined): MerkleCase[] {
  const proof = referenceSparseProof(STATE, key, sparseHash);
  const siblings = list(proof.siblings);
  const leaf: [string, string] | null = proof.leaf === undefined
    ? null
    : [encodeHex(proof.leaf.key), encodeHex(proof.leaf.valueHash)];
  const vector: MerkleVector = {
    desc: `a key that is ${valueHash === undefined ? "absent" : "present"}`,
    wantError: null,
    kind: "key",
    root: stateRoot,
    key: encodeHex(key),
    valueHash: valueHash === undefined ? null : encodeHex(valueHash),
    leaf,
    siblings,
  };
  return withMutations(`key/${name}`, vector, [
    ...changes(siblings, "sibling", (changed) => ({ siblings: changed })),
    { name: "claim-turned", change: { valueHash: valueHash === undefined ? encodeHex(numberedHash(1)) : null } },
    { name: "leaf-of-another", change: { leaf: [encodeHex(STATE[6]!.key), encodeHex(STATE[6]!.valueHash)] } },
    ...(leaf === null ? [] : [
      { name: "leaf-removed", change: { leaf: null } },
      { name: "leaf-key-bit-flipped", change: { leaf: [flipped(leaf[0]), leaf[1]] } },
      { name: "leaf-value-bit-flipped", change: { leaf: [leaf[0], flipped(leaf[1])] } },
    ]),
  ]);
}

function stateRangeCases(start: number, end: number): MerkleCase[] {
  const pairs = STATE.map(({ key, valueHash }): [string, string] => [encodeHex(key), encodeHex(valueHash)]);
  const leaves = pairs.slice(start, end);
  const rightSiblings = list(referenceRightSiblings(STATE, STATE[end - 1]!.key, sparseHash));
  const vector: MerkleVector = {
    desc: `states ${start} to ${end - 1} of ${STATE.length}`,
    wantError: null,
    kind: "state-range",
    root: stateRoot,
    before: pairs.slice(0, start),
    leaves,
    rightSiblings,
  };
  const valueFlipped = (i: number): [string, string] => [leaves[i]![0], flipped(leaves[i]![1])];
  return withMutations(`state-range/${start}-to-${end - 1}`, vector, [
    ...changes(rightSiblings, "right", (changed) => ({ rightSiblings: changed })),
    ...leaves.map((_, i) => ({ name: `value-${i}-bit-flipped`, change: { leaves: leaves.with(i, valueFlipped(i)) } })),
    ...leaves.slice(1).map((_, i) => ({ name: `leaf-${i}-dropped`, change: { leaves: leaves.toSpliced(i, 1) } })),
    { name: "leaves-reversed", change: { leaves: leaves.toReversed() } },
    { name: "leaf-twice", change: { leaves: [leaves[0]!, ...leaves] } },
  ]);
}

interface Mutation {
  readonly name: string;
  readonly change: Readonly<Record<string, unknown>>;
}

function withMutations(path: string, vector: MerkleVector, mutations: readonly Mutation[]): MerkleCase[] {
  const mutated = mutations.map(({ name, change }) => ({
    path: `${path}/${name}`,
    vector: { ...vector, desc: `${vector.desc}: ${name.replaceAll("-", " ")}`, wantError: "PROOF_MISMATCH", ...change },
  }));
  return [{ path: `${path}/happy-path`, vector }, ...mutated as MerkleCase[]];
}

/** One bit of every hash flipped, and every change of the list as a list that hex can tell. */
function changes(hashes: readonly string[], what: string, put: (changed: string[]) => Mutation["change"]): Mutation[] {
  const bits = hashes.map((hash, i) => ({
    name: `${what}-${i}-bit-flipped`,
    change: put(hashes.with(i, flipped(hash))),
  }));
  const bytes = concatBytes(
    ...hashes.map((hash) => Uint8Array.from(hash.match(/../g)!, (pair) => Number.parseInt(pair, 16))),
  );
  const lists = mutatedLists(bytes, what)
    .filter(({ name, hashes: { length } }) => length % 32 === 0 && !name.endsWith("-too-many"))
    .map((mutation) => ({
      name: mutation.name,
      change: put(list(Array.from({ length: mutation.hashes.length / 32 }, (_, i) => hashAt(mutation.hashes, i)))),
    }));
  return [...bits, ...lists];
}

function list(hashes: readonly Uint8Array[]): string[] {
  return hashes.map(encodeHex);
}

function flipped(hex: string): string {
  const bytes = Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));
  return encodeHex(flipBit(bytes, 8 * 31));
}
