/**
 * Bounds and modes of the driver.
 *
 * @module
 */

/** How the ledger is brought to the head. Only `outputs` exists so far. */
export type SyncMode = "outputs";

/** Every bound has a name here. */
export interface DriverConfig {
  /** How the ledger is brought to the head. */
  readonly mode: SyncMode;
  /** At the head: wait between two questions for something newer, in milliseconds. */
  readonly headPollIntervalMs: number;
  /** Wait after a failure that no other peer made good, in milliseconds. */
  readonly failurePauseMs: number;
  /** Without following: how often what peers offer is read, at most. */
  readonly maxCatchUpPasses: number;
}

/** The defaults, with the reason for each number. */
export const DEFAULT_DRIVER_CONFIG: DriverConfig = {
  mode: "outputs",
  // A block takes 100 to 1,000 ms; the long-poll that makes this needless comes with the head-following issue.
  headPollIntervalMs: 100,
  // The data client has waited and retried already; this only keeps a hopeless state from spinning.
  failurePauseMs: 1_000,
  // The head moves on during a long sync, but a chain that is faster than us must not keep a one-time run alive.
  maxCatchUpPasses: 8,
};
