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
  copyBytes(source, start, target, at, end - start);
}

/** Copies a few bytes one by one: for a hash or two that is faster than making a view to copy from. */
export function copyBytes(
  from: Uint8Array,
  fromOffset: number,
  to: Uint8Array,
  toOffset: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) to[toOffset + i] = from[fromOffset + i] as number;
}
