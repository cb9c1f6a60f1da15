/**
 * What every engine does: plans one request after the other, and turns answers into what the stream delivers.
 *
 * @module
 */
import type { DirectRequest, DirectRequestKind, DirectResponse } from "../../data-client/answer.ts";
import type { DataPayload } from "../stream.ts";

/** Kinds of requests that streams make. */
export type StreamRequestKind = Extract<DirectRequestKind, "getEpochEndingLedgerInfos" | "getTransactionDataWithProof">;

/**
 * The state of one stream's progress.
 *
 * Requests are planned from the item after the last one delivered, so a shortened answer is continued where it ended.
 */
export interface StreamEngine<K extends StreamRequestKind = StreamRequestKind> {
  /** What to ask for next, or `undefined` at the end of the stream. */
  nextRequest(): DirectRequest<K> | undefined;
  /**
   * Plans less, because no peer has all of the last request: how far the data reaches was a claim.
   *
   * @returns False if there is no shorter request; the stream then fails.
   */
  shorten(): boolean;
  /**
   * Takes the answer to the last request, which repeats it, and moves on.
   *
   * @returns What to deliver.
   */
  accept(answer: DirectResponse<K>): DataPayload;
}
