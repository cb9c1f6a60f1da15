/**
 * Waits and timeouts between rounds of attempts. Pure.
 *
 * @module
 */
import type { DataClientConfig } from "./config.ts";

/**
 * How long to wait before round `round` (the second round is 1).
 *
 * @param unit A random number in [0, 1): spreads clients that failed together.
 * @returns Milliseconds, between once and twice the doubled delay, at most the configured ceiling.
 */
export function retryDelayMs(config: DataClientConfig, round: number, unit: number): number {
  const base = config.retryDelayMs * 2 ** (round - 1);
  return Math.min(config.maxRetryDelayMs, Math.round(base * (1 + unit)));
}

/** How long a peer is left alone after `failures` failures in a row (at least 1), in milliseconds. */
export function peerPauseMs(config: DataClientConfig, failures: number): number {
  return Math.min(config.maxPeerPauseMs, config.peerPauseMs * 2 ** (failures - 1));
}

/** Time for one answer in round `round` (the first is 0), in milliseconds. */
export function responseTimeoutMs(config: DataClientConfig, round: number): number {
  return Math.min(config.maxResponseTimeoutMs, config.responseTimeoutMs * 2 ** round);
}
