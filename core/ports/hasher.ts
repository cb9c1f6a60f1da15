/**
 * Port: SHA3-256 in batches over flat bytes. Everything the driver verifies goes through here, so this is the hot path.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";

/**
 * Synchronous SHA3-256 (FIPS 202, not Keccak-256), each message preceded by `seed`.
 *
 * Guarantees every implementation must keep, and `test/contract/hasher.ts` checks:
 * - results equal those of FIPS 202 for every seed length from 0 to 64 bytes and every message length;
 * - results are fresh buffers that the implementation does not touch again;
 * - arguments are neither kept nor changed, and may be views at any offset.
 */
export interface Hasher {
  /** 32-byte SHA3-256(seed ‖ message). */
  hash(seed: Uint8Array, message: Uint8Array): Uint8Array;
  /**
   * Hashes n pairs: result[i] = SHA3-256(seed ‖ pairs[64·i .. 64·i + 64)).
   *
   * @param pairs 64·n bytes, n ≥ 0.
   * @returns 32·n bytes.
   */
  hashPairs(seed: Uint8Array, pairs: Uint8Array): Uint8Array;
  /**
   * Hashes every item of a column.
   *
   * @returns 32·count bytes, in the order of the items.
   */
  hashColumn(seed: Uint8Array, column: Column): Uint8Array;
}
