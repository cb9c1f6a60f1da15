/**
 * Numbers about numbers.
 *
 * @module
 */

/** Mean of at least one value. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean of each third of a run, from its samples in order. */
export function thirds(samples: readonly number[]): [first: number, middle: number, last: number] {
  const at = (third: number) => Math.round(third * samples.length / 3);
  const meanOf = (third: number) => mean(samples.slice(at(third), at(third + 1)));
  return [meanOf(0), meanOf(1), meanOf(2)];
}

/** The value that `part` of all are not above; not a number if there are none. */
export function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? Number.NaN;
}
