/**
 * What everything that reads an answer is given.
 *
 * @module
 */
import type { LedgerReader } from "../ledger/reader.ts";
import { GET_RESPONSE_BYTES } from "../wire/limits.ts";
import type { DataResponse } from "../wire/response.ts";
import type { StorageServiceConfig } from "./config.ts";
import { type AnswerLifetime, type ListAnswer, listLifetime } from "./lifetime.ts";
import type { ReadBudget } from "./read-budget.ts";
import type { Truncation } from "./response-progress.ts";

/** Parts of reading one answer. */
export interface ReadParts {
  /** Where the ledger is read. */
  readonly reader: LedgerReader;
  /** Limits. */
  readonly config: StorageServiceConfig;
  /** What reading it may cost. */
  readonly budget: ReadBudget;
}

/** An answer that was read. */
export interface ReadAnswer<R extends DataResponse = DataResponse> {
  /** What was asked for. */
  readonly response: R;
  /** For caches. */
  readonly lifetime: AnswerLifetime;
  /** Why it holds less than was asked for and allowed, if it does. */
  readonly truncation?: Truncation;
}

/** An answer that is a list. */
export function listAnswer<R extends DataResponse>(response: R, list: ListAnswer): ReadAnswer<R> {
  const { truncation } = list;
  return { response, lifetime: listLifetime(list), ...(truncation === undefined ? {} : { truncation }) };
}

/**
 * Most bytes of an answer whose request has a path but cannot say how many it takes: at most {@link GET_RESPONSE_BYTES},
 * whatever the settings.
 */
export function pathByteLimit({ maxNetworkChunkBytes }: StorageServiceConfig): number {
  return Math.min(maxNetworkChunkBytes, GET_RESPONSE_BYTES);
}
