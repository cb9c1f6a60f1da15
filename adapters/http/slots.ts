/**
 * A fixed number of slots, handed out in the order they were asked for.
 *
 * @module
 */

/** Hands out slots. */
export interface Slots {
  /**
   * Waits for a slot.
   *
   * @param signal Aborting rejects with `signal.reason` and takes no slot.
   * @returns Gives the slot back; call it once.
   */
  take(signal: AbortSignal): Promise<() => void>;
}

/** Creates `count` slots, `count` ≥ 1. */
export function createSlots(count: number): Slots {
  let free = count;
  const waiting = new Set<() => void>();

  function release(): void {
    const [next] = waiting;
    if (next === undefined) {
      free++;
      return;
    }
    waiting.delete(next);
    next();
  }

  return {
    take(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free--;
        return Promise.resolve(release);
      }
      return new Promise((resolve, reject) => {
        const abort = () => {
          waiting.delete(proceed);
          reject(signal.reason);
        };
        const proceed = () => {
          signal.removeEventListener("abort", abort);
          resolve(release);
        };
        waiting.add(proceed);
        signal.addEventListener("abort", abort, { once: true });
      });
    },
  };
}
