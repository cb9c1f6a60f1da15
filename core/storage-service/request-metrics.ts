/**
 * What is counted about every request, whatever becomes of it.
 *
 * @module
 */
import type { Clock } from "../ports/clock.ts";
import type { Metrics } from "../ports/metrics.ts";
import { type DataRequest, isWaitingRequest } from "../wire/request-types.ts";
import type { AnswerFrame } from "./answer-frame.ts";
import { errorLabel, FAILURE, networkLabel, requestLabel, responseLabel, SUCCESS } from "./metric-labels.ts";
import {
  STORAGE_ERRORS_ENCOUNTERED,
  STORAGE_REQUEST_PROCESSING_LATENCY,
  STORAGE_REQUESTS_RECEIVED,
  STORAGE_RESPONSES_SENT,
} from "./metrics.ts";
import type { Requester } from "./requester.ts";

/** Answers one request. */
export type AnswerRequest = (request: DataRequest, requester: Requester, signal?: AbortSignal) => Promise<AnswerFrame>;

/**
 * Counts what `answer` takes and gives. How long requests wait is measured where they wait; one that its client gave up is
 * neither an answer nor an error.
 */
export function withRequestMetrics(
  answer: AnswerRequest,
  { metrics, clock }: { metrics: Metrics; clock: Clock },
): AnswerRequest {
  return async (request, requester, signal) => {
    const startedMs = clock.monotonicMs();
    const network = networkLabel(requester);
    const label = requestLabel(request);
    const observe = (result: string) => {
      if (isWaitingRequest(request)) return;
      const seconds = (clock.monotonicMs() - startedMs) / 1000;
      metrics.observe(STORAGE_REQUEST_PROCESSING_LATENCY, [network, label, result], seconds);
    };
    metrics.increment(STORAGE_REQUESTS_RECEIVED, [network, label]);
    try {
      const frame = await answer(request, requester, signal);
      metrics.increment(STORAGE_RESPONSES_SENT, [network, responseLabel(frame.kind)]);
      observe(SUCCESS);
      return frame;
    } catch (error) {
      if (signal?.aborted !== true) {
        metrics.increment(STORAGE_ERRORS_ENCOUNTERED, [network, errorLabel(error)]);
        observe(FAILURE);
      }
      throw error;
    }
  };
}
