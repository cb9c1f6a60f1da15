/**
 * Requests that wait for their answer.
 *
 * @module
 */
import type { MetricDefinition, Metrics } from "../ports/metrics.ts";
import type { AnswerFrame } from "./answer-frame.ts";
import type { HeadWaiter, HeadWatch } from "./head-watch.ts";
import { type NetworkLabel, networkLabel } from "./metric-labels.ts";
import type { Requester } from "./requester.ts";

/** A request that waits until it is answered, refused or given up, whichever comes first; what comes later does nothing. */
export interface HeldRequest {
  /** Resolves with the answer; rejects with the refusal, or with the reason why the client gave up. */
  readonly frame: Promise<AnswerFrame>;
  /** When it came, by the monotonic clock. */
  readonly arrivedMs: number;
  /** Who waits. */
  readonly network: NetworkLabel;
  /** It waits no longer. */
  readonly isOver: boolean;
  /** Ends the waiting with an answer. */
  answer(frame: AnswerFrame): void;
  /** Ends the waiting with an error. */
  refuse(error: unknown): void;
}

/** Holds requests, and counts those that wait. */
export interface HeldRequests {
  /** Requests that wait now. */
  readonly count: number;
  /**
   * Begins to hold a request.
   *
   * @param options.arrivedMs When it came, by the monotonic clock.
   * @param options.signal Not aborted yet; aborting rejects with `signal.reason`.
   * @param options.onAbort Called when it is aborted while it waits, and never afterwards.
   */
  hold(requester: Requester, options: HoldOptions): HeldRequest;
}

/** How a request is held. */
interface HoldOptions {
  readonly arrivedMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: (request: HeldRequest) => void;
}

/** What they are held with. */
export interface HeldRequestsParts {
  /** Watched while at least one request waits. */
  readonly watch: HeadWatch;
  /** Where they wait. */
  readonly waiter: HeadWaiter;
  /** Told how many wait. */
  readonly metrics: Metrics;
  /** The gauge, by network. */
  readonly gauge: MetricDefinition;
}

/** Creates a place to wait in, with nobody there. */
export function createHeldRequests({ watch, waiter, metrics, gauge }: HeldRequestsParts): HeldRequests {
  const counts: Record<NetworkLabel, number> = { trusted: 0, public: 0 };
  const total = () => counts.trusted + counts.public;

  function count(network: NetworkLabel, by: 1 | -1): void {
    counts[network] += by;
    metrics.set(gauge, [network], counts[network]);
    if (by === 1) watch.join(waiter);
    if (total() === 0) watch.leave(waiter);
  }

  return {
    get count() {
      return total();
    },
    hold(requester, { arrivedMs, signal, onAbort }) {
      const network = networkLabel(requester);
      const { promise, resolve, reject } = Promise.withResolvers<AnswerFrame>();
      let isOver = false;
      const end = (settle: () => void) => {
        if (isOver) return;
        isOver = true;
        signal?.removeEventListener("abort", abort);
        count(network, -1);
        settle();
      };
      const abort = () =>
        end(() => {
          reject(signal?.reason);
          onAbort(held);
        });
      const held: HeldRequest = {
        frame: promise,
        arrivedMs,
        network,
        get isOver() {
          return isOver;
        },
        answer: (frame) => end(() => resolve(frame)),
        refuse: (error) => end(() => reject(error)),
      };
      signal?.addEventListener("abort", abort, { once: true });
      count(network, 1);
      return held;
    },
  };
}
