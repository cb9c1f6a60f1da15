/**
 * The full subtrees of an accumulator in memory: what the tests of the proving side run on.
 *
 * @module
 */
import { concatBytes } from "../../core/bytes/bytes.ts";
import { type Accumulator, emptyAccumulator, growAccumulator } from "../../core/merkle/accumulator.ts";
import type { SubtreeReader } from "../../core/merkle/accumulator-prover.ts";
import { hashAt, type NodeHash } from "../../core/merkle/node-hash.ts";

/** A store of full subtrees that grows. */
export interface MemorySubtrees extends SubtreeReader {
  /** Appends leaves, flat. */
  append(leafHashes: Uint8Array): Accumulator;
}

/** Creates an empty store. Asking it for what is not there throws, as the real ones do. */
export function createMemorySubtrees(nodeHash: NodeHash): MemorySubtrees {
  const roots = new Map<string, Uint8Array>();
  let accumulator = emptyAccumulator();
  return {
    append(leafHashes) {
      const grown = growAccumulator({ accumulator, leafHashes }, nodeHash);
      for (const { level, firstIndex, hashes } of grown.runs) {
        for (let i = 0; i < hashes.length / 32; i++) roots.set(`${level}/${firstIndex + BigInt(i)}`, hashAt(hashes, i));
      }
      accumulator = grown.accumulator;
      return accumulator;
    },
    readSubtrees(positions) {
      return Promise.resolve(concatBytes(...positions.map(({ level, index }) => {
        const root = roots.get(`${level}/${index}`);
        if (root === undefined) throw new Error(`No subtree ${level}/${index}`);
        return root;
      })));
    },
  };
}
