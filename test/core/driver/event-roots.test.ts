import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACCUMULATOR_PLACEHOLDER_HASH, HASH_BYTES } from "../../../core/chain/hash.ts";
import { rootsFromLeafLists } from "../../../core/driver/event-roots.ts";
import { createNodeHash } from "../../../core/merkle/node-hash.ts";
import { VELOR } from "../../helpers/trust-context.ts";

const nodeHash = createNodeHash(VELOR.hasher, VELOR.seeds.eventAccumulator);

/** Formats §4.1, from the definition: the left part is the largest power of two below the number of leaves. */
function referenceRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const padded = [...leaves];
  while (padded.length === 0 || (padded.length & (padded.length - 1)) !== 0) padded.push(ACCUMULATOR_PLACEHOLDER_HASH);
  const root = (nodes: readonly Uint8Array[]): Uint8Array => {
    if (nodes.every((node) => node === ACCUMULATOR_PLACEHOLDER_HASH)) return ACCUMULATOR_PLACEHOLDER_HASH;
    if (nodes.length === 1) return nodes[0] as Uint8Array;
    const middle = nodes.length / 2;
    return nodeHash.pair(root(nodes.slice(0, middle)), root(nodes.slice(middle)));
  };
  return root(padded);
}

const leaf = fc.uint8Array({ minLength: HASH_BYTES, maxLength: HASH_BYTES });

describe("roots of many lists of leaves", () => {
  it("equal the roots of each list alone", () => {
    fc.assert(
      fc.property(fc.array(fc.array(leaf, { maxLength: 19 }), { maxLength: 6 }), (lists) => {
        const leaves = new Uint8Array(lists.flat().flatMap((hash) => [...hash]));
        const roots = rootsFromLeafLists(leaves, Uint32Array.from(lists, (list) => list.length), nodeHash);
        expect(roots).toEqual(new Uint8Array(lists.flatMap((list) => [...referenceRoot(list)])));
      }),
      { numRuns: 300 },
    );
  });

  it("are placeholders for empty lists, and nothing for no lists", () => {
    expect(rootsFromLeafLists(new Uint8Array(0), new Uint32Array(2), nodeHash)).toEqual(
      new Uint8Array([...ACCUMULATOR_PLACEHOLDER_HASH, ...ACCUMULATOR_PLACEHOLDER_HASH]),
    );
    expect(rootsFromLeafLists(new Uint8Array(0), new Uint32Array(0), nodeHash)).toHaveLength(0);
  });
});
