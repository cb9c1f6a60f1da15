/**
 * Port: sends one request to one peer and brings back the bytes of its answer.
 *
 * @module
 */

/** One encoded request. */
export interface TransportMessage {
  /** Path and query of the GET that asks the same, where there is one: it is used, and `body` is not sent. */
  readonly path?: string;
  /** The request frame, for `POST /v1/request`. */
  readonly body: Uint8Array;
}

/** Bounds of one exchange. */
export interface TransportOptions {
  /** Most milliseconds from the call until the last byte, waiting for a free slot included. */
  readonly timeoutMs: number;
  /** Most bytes of the answer, after the content coding is undone. */
  readonly maxResponseBytes: number;
  /** Aborting rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
}

/**
 * Exchange of one request for one answer.
 *
 * Guarantees every implementation must keep:
 * - the answer is one frame of at most `maxResponseBytes`, never a cut one; nothing above that limit is allocated;
 * - redirects are refused, and nothing but the peer named is contacted;
 * - an answer that says to be an error rejects with the code of its error frame, and `detail.retryAfterMs` ≤ 30,000 where it
 *   asks to wait;
 * - failures reject with `CONNECTION_FAILED`, `REQUEST_TIMEOUT`, `LIMIT_EXCEEDED`, `MALFORMED_FRAME`; an abort with
 *   `signal.reason`, untouched.
 */
export interface Transport {
  /**
   * Sends one request and waits for the whole answer.
   *
   * @param peer Base URL of the peer, such as `https://sync.example.org`.
   * @returns The frame of the answer, the caller's own.
   */
  send(peer: string, message: TransportMessage, options: TransportOptions): Promise<Uint8Array>;
}
