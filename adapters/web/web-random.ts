/**
 * Randomness of any runtime with web globals: Node, Deno, workerd, browsers.
 *
 * @module
 */
import type { Random } from "../../core/ports/random.ts";

/** Creates a random source over `crypto.getRandomValues`. */
export function createWebRandom(): Random {
  return {
    next: () => (crypto.getRandomValues(new Uint32Array(1))[0] as number) / 2 ** 32,
    nextU64: () => crypto.getRandomValues(new BigUint64Array(1))[0] as bigint,
  };
}
