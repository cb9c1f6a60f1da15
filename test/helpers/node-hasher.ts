/**
 * SHA3-256 of OpenSSL, for tests that run in Node alone: an implementation of its own, and a fast one.
 *
 * @module
 */
import { createHash, hash as oneShotHash } from "node:crypto";
import { concatBytes } from "../../core/bytes/bytes.ts";
import { columnItems } from "../../core/bytes/column.ts";
import type { Hasher } from "../../core/ports/hasher.ts";

/** Creates a hasher without state of its own. */
export function createNodeHasher(): Hasher {
  const hash = (seed: Uint8Array, message: Uint8Array) =>
    new Uint8Array(createHash("sha3-256").update(seed).update(message).digest());
  const hashColumn: Hasher["hashColumn"] = (seed, column) =>
    concatBytes(...columnItems(column).map((item) => hash(seed, item)));
  return {
    hash,
    hashPairs: (seed, pairs) => {
      const out = new Uint8Array(pairs.length / 2);
      const input = new Uint8Array(seed.length + 64);
      input.set(seed);
      for (let i = 0; i < pairs.length; i += 64) {
        input.set(pairs.subarray(i, i + 64), seed.length);
        out.set(oneShotHash("sha3-256", input, "buffer"), i / 2);
      }
      return out;
    },
    hashColumn,
  };
}
