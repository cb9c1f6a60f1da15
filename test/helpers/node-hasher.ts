/**
 * SHA3-256 of OpenSSL, for tests that run in Node alone: an implementation of its own, and a fast one.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { concatBytes } from "../../core/bytes/bytes.ts";
import { columnItems, encodeColumn } from "../../core/bytes/column.ts";
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
      const count = pairs.length / 64;
      return hashColumn(
        seed,
        encodeColumn(Array.from({ length: count }, (_, i) => pairs.subarray(64 * i, 64 * i + 64))),
      );
    },
    hashColumn,
  };
}
