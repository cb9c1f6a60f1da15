/**
 * Where an answer is cut: at the item cap, or at the last item that fits the byte limit, proof and frame included.
 *
 * A function of the items and the limits alone, never of time or of how the store keeps them: so all servers cut alike.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import { SyncError } from "../errors.ts";
import { alignedCut } from "../wire/ranges.ts";
import { ANSWER_OVERHEAD_BYTES } from "../wire/limits.ts";

/** Bytes of the offset that a column spends on each item. */
const OFFSET_BYTES = 4;

/**
 * Number of leading items whose bytes in all columns together fit `maxBytes`; 0 if not even one does.
 *
 * @param columns Of equal count.
 */
export function fittingItems(columns: readonly Column[], maxBytes: number): number {
  const count = columns[0]?.count ?? 0;
  let left = maxBytes - ANSWER_OVERHEAD_BYTES;
  for (let i = 0; i < count; i++) {
    left -= itemBytes(columns, i);
    if (left < 0) return i;
  }
  return count;
}

/** Bytes that item `index` takes in an answer, in all columns together. */
function itemBytes(columns: readonly Column[], index: number): number {
  let bytes = 0;
  for (const { offsets } of columns) {
    bytes += (offsets[index + 1] as number) - (offsets[index] as number) + OFFSET_BYTES;
  }
  return bytes;
}

/**
 * Number of items an answer holds: all that were asked for, or a number below that ends on an aligned boundary.
 *
 * @param columns What was read from `first` on.
 * @param options.first Version, epoch or index of the first item.
 * @param options.wanted Number of items asked for, before any cap.
 * @param options.maxBytes The byte limit of the request; one item is always allowed.
 * @param options.hardMaxBytes The server's own limit, for that one item too.
 * @throws {SyncError} `TOO_LARGE` if the first item alone is above the server's own limit.
 */
export function answerCount(
  columns: readonly Column[],
  options: { first: bigint; wanted: number; maxBytes: number; hardMaxBytes: number },
): number {
  const { first, wanted, maxBytes, hardMaxBytes } = options;
  const fitting = fittingItems(columns, Math.min(maxBytes, hardMaxBytes));
  if (fitting === 0) {
    const value = itemBytes(columns, 0) + ANSWER_OVERHEAD_BYTES;
    if (value <= hardMaxBytes) return 1;
    throw new SyncError(
      "TOO_LARGE",
      `Cannot answer with item ${first}: at most ${hardMaxBytes} bytes, current value is ${value}`,
      { detail: { limit: hardMaxBytes, value } },
    );
  }
  return fitting >= wanted ? wanted : alignedCut(first, fitting);
}
