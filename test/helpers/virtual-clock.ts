/**
 * A clock that stands still until somebody sleeps, and then jumps to the end of the sleep.
 *
 * @module
 */
import type { Clock } from "../../core/ports/clock.ts";

/** A clock for tests, and what was slept on it. */
export interface VirtualClock extends Clock {
  /** Length of every sleep so far, in milliseconds. */
  readonly sleeps: readonly number[];
  /** Lets time pass. */
  advance(ms: number): void;
}

/** Unix time at which virtual clocks start, in milliseconds. */
export const VIRTUAL_START_MS = 1_800_000_000_000;

/** Creates a clock. Sleeping takes no real time; with several sleepers at once, their sleeps add up. */
export function createVirtualClock(): VirtualClock {
  let elapsedMs = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    nowMs: () => VIRTUAL_START_MS + elapsedMs,
    monotonicMs: () => elapsedMs,
    advance(ms) {
      elapsedMs += ms;
    },
    async sleep(delayMs, signal) {
      signal?.throwIfAborted();
      sleeps.push(delayMs);
      elapsedMs += delayMs;
      await Promise.resolve();
      signal?.throwIfAborted();
    },
  };
}
