/**
 * Bounds of the data client.
 *
 * @module
 */

/** Every bound has a name here. */
export interface DataClientConfig {
  /** Time for one answer at the first attempt, in milliseconds. */
  readonly responseTimeoutMs: number;
  /** Ceiling of the time for one answer, which doubles with each round of attempts. */
  readonly maxResponseTimeoutMs: number;
  /** Most bytes of one answer, after inflating. */
  readonly maxResponseBytes: number;
  /** Most bytes of one summary: all peers are asked at once, and what they say is kept. */
  readonly maxSummaryBytes: number;
  /** Rounds over all peers before a request that nobody was able to answer fails. */
  readonly maxAttempts: number;
  /** Wait before the second round, in milliseconds; doubles with each round, with up to as much again at random. */
  readonly retryDelayMs: number;
  /** Ceiling of that wait. */
  readonly maxRetryDelayMs: number;
  /** How long a peer that sent something wrong is the last to be asked, in milliseconds. */
  readonly suspicionMs: number;
  /** Time for one summary, in milliseconds. */
  readonly summaryTimeoutMs: number;
  /**
   * Pause before a peer that did not answer is asked again, in milliseconds; doubles with each failure in a row. Counted
   * for summaries and for everything else apart.
   */
  readonly peerPauseMs: number;
  /** Ceiling of that pause. */
  readonly maxPeerPauseMs: number;
}

/** The defaults, with the reason for each number. */
export const DEFAULT_DATA_CLIENT_CONFIG: DataClientConfig = {
  // The reference's response_timeout_ms and max_response_timeout_ms.
  responseTimeoutMs: 10_000,
  maxResponseTimeoutMs: 60_000,
  // wire §6: what a client takes; servers cut at 40 MiB or, at the edge, 4 MiB.
  maxResponseBytes: 15 * 1024 * 1024,
  // A ledger info that ends an epoch of 6,000 validators, each with key and signature; real networks have 150.
  maxSummaryBytes: 1024 * 1024,
  // The reference's max_request_retry is 5: one attempt and five more. 0.2 + 0.4 + 0.8 + 1.6 + 3.2 s outlast a restart.
  maxAttempts: 6,
  retryDelayMs: 200,
  maxRetryDelayMs: 10_000,
  // Long enough that other peers do the work, short enough that a cache that cleared up is used again.
  suspicionMs: 60_000,
  // A summary is small and made from memory. Who cannot send one in this time is no good for anything larger.
  summaryTimeoutMs: 5_000,
  // A dead peer, or one that offers what it does not send, may hold us up by one timeout a minute, no more.
  peerPauseMs: 250,
  maxPeerPauseMs: 60_000,
};
