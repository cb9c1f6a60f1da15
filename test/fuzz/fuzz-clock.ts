/**
 * A clock that moves when it is told to, and then wakes whoever has slept long enough.
 *
 * Moving it takes no time of its own, unlike with `../helpers/stepped-clock.ts`, which waits until everybody who was woken
 * has done all they can: it is moved some hundred thousand times in a run.
 *
 * @module
 */
import type { Clock } from "../../core/ports/clock.ts";

/** A clock, and what moves it. */
export interface FuzzClock extends Clock {
  /** Lets time pass. */
  advance(ms: number): void;
}

interface Sleeper {
  readonly wakesMs: number;
  readonly wake: () => void;
}

/** Creates a clock that shows `startMs`. */
export function createFuzzClock(startMs: number): FuzzClock {
  let elapsedMs = 0;
  const sleepers = new Set<Sleeper>();
  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    advance(ms) {
      elapsedMs += ms;
      for (const sleeper of sleepers) if (sleeper.wakesMs <= elapsedMs) sleeper.wake();
    },
    sleep(delayMs, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        const end = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", give);
        };
        const give = () => {
          end();
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          wakesMs: elapsedMs + delayMs,
          wake: () => {
            end();
            resolve();
          },
        };
        signal?.addEventListener("abort", give);
        sleepers.add(sleeper);
      });
    },
  };
}
