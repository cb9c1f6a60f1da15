/**
 * Port: time.
 *
 * @module
 */

/** Tells the time and waits. Core never reads a clock of its own, so tests can run on a virtual one. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump with the system's clock. */
  nowMs(): number;
  /** Milliseconds from an arbitrary start; never goes back. For measuring durations. */
  monotonicMs(): number;
  /**
   * Waits.
   *
   * @param delayMs 0 ≤ delayMs ≤ 2³¹ − 1.
   * @param signal Aborting rejects with `signal.reason` at once.
   */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
