/**
 * The clock of any runtime with web globals: Node, Deno, workerd, browsers.
 *
 * @module
 */
import type { Clock } from "../../core/ports/clock.ts";

/** Creates a clock over `Date`, `performance` and `setTimeout`. On deployed Workers it moves only after I/O. */
export function createWebClock(): Clock {
  return { nowMs: () => Date.now(), monotonicMs: () => performance.now(), sleep };
}

function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
