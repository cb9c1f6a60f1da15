/**
 * How long one answer is read: so many milliseconds and, for clocks that stand still meanwhile, so many bytes. Not so many
 * rows: no more are read than the item caps allow, 4,096 at most, and small ones cost what the bytes around them cost.
 *
 * @module
 */
import type { Clock } from "../ports/clock.ts";

/**
 * Most bytes read from storage for one answer, in about the second that a store takes for them. Far above what answers hold:
 * it ends lists of transactions whose write sets, which are stored with them, are larger than a block's usually are. Where
 * the clock moves during reads, the time is mostly up before.
 */
const MAX_READ_BYTES = 128 * 1024 * 1024;

/** What one answer may cost. One for all lists that are tried for it. */
export interface ReadBudget {
  /** Counts what was read. */
  spend(bytes: number): void;
  /** Tells whether nothing more is to be read. Once it says so, it stays so. */
  isSpent(): boolean;
}

/** What a budget is made of. */
export interface ReadBudgetLimits {
  /** Milliseconds from now on. */
  readonly maxMs: number;
  /** Bytes. @default {134217728} */
  readonly maxBytes?: number;
}

/** Begins a budget. */
export function createReadBudget(
  clock: Pick<Clock, "monotonicMs">,
  { maxMs, maxBytes = MAX_READ_BYTES }: ReadBudgetLimits,
): ReadBudget {
  const deadlineMs = clock.monotonicMs() + maxMs;
  let bytesRead = 0;
  return {
    spend(bytes) {
      bytesRead += bytes;
    },
    isSpent: () => bytesRead >= maxBytes || clock.monotonicMs() >= deadlineMs,
  };
}
