/**
 * What everything that reads an answer is given.
 *
 * @module
 */
import type { LedgerReader } from "../ledger/reader.ts";
import type { Clock } from "../ports/clock.ts";
import type { DataResponse } from "../wire/response.ts";
import type { StorageServiceConfig } from "./config.ts";
import type { AnswerLifetime } from "./lifetime.ts";
import type { ReadBudget, Truncation } from "./response-progress.ts";

/** Parts of reading one answer. */
export interface ReadParts {
  /** Where the ledger is read. */
  readonly reader: LedgerReader;
  /** Limits. */
  readonly config: StorageServiceConfig;
  /** Until when it is read. */
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

/** The time for one answer, from now on. */
export function readBudget(clock: Clock, { maxStorageReadWaitTimeMs }: StorageServiceConfig): ReadBudget {
  return { clock, deadlineMs: clock.monotonicMs() + maxStorageReadWaitTimeMs };
}

/** An answer of which `truncation` is known: one cut by time is as this server was just then, and no copy is to be kept. */
export function cutAnswer<R extends DataResponse>(
  response: R,
  { lifetime, truncation }: { readonly lifetime: AnswerLifetime; readonly truncation: Truncation | undefined },
): ReadAnswer<R> {
  if (truncation === undefined) return { response, lifetime };
  return { response, lifetime: truncation === "time" ? "none" : lifetime, truncation };
}
