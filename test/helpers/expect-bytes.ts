/**
 * Expectations about byte strings, fast enough for ten thousand cases.
 *
 * @module
 */
import { expect } from "vitest";
import { equalBytes } from "../../core/bytes/bytes.ts";

/** Expects two byte strings to be equal. */
export function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  if (!equalBytes(actual, expected)) expect(actual).toEqual(expected);
}
