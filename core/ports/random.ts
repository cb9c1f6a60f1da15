/**
 * Port: randomness.
 *
 * @module
 */

/** Source of random numbers for choices among peers and for stream ids. Seeded in tests and simulations. */
export interface Random {
  /** A uniformly random number in [0, 1). */
  next(): number;
  /** A uniformly random unsigned 64-bit integer. */
  nextU64(): bigint;
}
