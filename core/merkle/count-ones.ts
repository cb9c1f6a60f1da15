/**
 * Counting the 1-bits of a number of leaves: as many full subtrees cover them.
 *
 * @module
 */

/** Number of 1-bits of an unsigned integer of any length: the number of frozen roots of so many leaves. */
export function countOnes(value: bigint): number {
  let ones = 0;
  for (let rest = value; rest > 0n; rest >>= 32n) ones += countOnes32(Number(BigInt.asUintN(32, rest)));
  return ones;
}

/** Number of 1-bits of an unsigned integer below 2³². */
export function countOnes32(value: number): number {
  let ones = 0;
  for (let rest = value; rest !== 0; rest >>>= 1) ones += rest & 1;
  return ones;
}
