/**
 * What a moderator knows of one address, from the rules: millisecond by millisecond, no caps, nothing forgotten.
 *
 * @module
 */

/** One address. */
export interface ReferenceOffender {
  /** Milliseconds for which it is still ignored; 0 if it is not. */
  ignoredForMs(): number;
  /** It asked for nonsense. */
  offend(): void;
  /** Lets one millisecond pass. */
  tick(): void;
}

/** Creates an address that did nothing yet. */
export function createReferenceOffender(options: { max: number; minIgnoreMs: number }): ReferenceOffender {
  let count = 0;
  let nextIgnoreMs = options.minIgnoreMs;
  let leftMs = 0;
  return {
    ignoredForMs: () => leftMs,
    offend() {
      count++;
      if (leftMs === 0 && count >= options.max) leftMs = nextIgnoreMs;
    },
    tick() {
      if (leftMs === 0) return;
      leftMs--;
      if (leftMs > 0) return;
      count = 0;
      nextIgnoreMs *= 2;
    },
  };
}
