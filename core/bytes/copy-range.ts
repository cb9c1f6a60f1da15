/**
 * Copies between buffers without a view for each short item.
 *
 * @module
 */

/** Below this many bytes a loop beats the view that `set` needs (measured in V8). */
const SHORT_BYTES = 96;

/**
 * Copies `source[start .. end)` to `target` from offset `at` on.
 *
 * @param source A buffer of its own, or one whose range does not overlap the target's.
 */
export function copyRange(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  if (end - start > SHORT_BYTES) {
    target.set(source.subarray(start, end), at);
    return;
  }
  for (let i = start, j = at; i < end; i++, j++) target[j] = source[i] as number;
}
