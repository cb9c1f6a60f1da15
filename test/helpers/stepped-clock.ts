/**
 * A clock that stands still until the test moves it, and then wakes who slept, each at its time.
 *
 * Unlike {@link ./virtual-clock.ts} it does not jump ahead when somebody sleeps, so any number may sleep at once.
 *
 * @module
 */
import type { Clock } from "../../core/ports/clock.ts";
import { VIRTUAL_START_MS } from "./virtual-clock.ts";

/** A clock for tests of what waits. */
export interface SteppedClock extends Clock {
  /** Number of sleepers: what is left behind when everything should have ended. */
  readonly sleepers: number;
  /** Lets time pass: wakes sleepers in the order of their times, and lets each do what it can before the next. */
  advance(ms: number): Promise<void>;
}

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Lets everything that needs no time happen. */
export async function settled(): Promise<void> {
  // A macrotask comes after all microtasks; a second one for what hops through a macrotask of its own.
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Creates a clock at {@link VIRTUAL_START_MS}. */
export function createSteppedClock(): SteppedClock {
  const sleepers = new Set<Sleeper>();
  let elapsedMs = 0;

  function nextSleeper(untilMs: number): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of sleepers) {
      if (sleeper.atMs <= untilMs && (next === undefined || sleeper.atMs < next.atMs)) next = sleeper;
    }
    return next;
  }

  return {
    get sleepers() {
      return sleepers.size;
    },
    nowMs: () => VIRTUAL_START_MS + elapsedMs,
    monotonicMs: () => elapsedMs,
    async advance(ms) {
      const untilMs = elapsedMs + ms;
      await settled();
      for (let next = nextSleeper(untilMs); next !== undefined; next = nextSleeper(untilMs)) {
        elapsedMs = Math.max(elapsedMs, next.atMs);
        sleepers.delete(next);
        next.wake();
        await settled();
      }
      elapsedMs = untilMs;
    },
    sleep(delayMs, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason);
          return;
        }
        const abort = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const wake = () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        };
        const sleeper: Sleeper = { atMs: elapsedMs + delayMs, wake };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", abort, { once: true });
      });
    },
  };
}
