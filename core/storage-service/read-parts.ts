/**
 * What everything that reads an answer is given.
 *
 * @module
 */
import type { LedgerReader } from "../ledger/reader.ts";
import type { DataResponse } from "../wire/response.ts";
import type { StorageServiceConfig } from "./config.ts";
import type { AnswerLifetime } from "./lifetime.ts";
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

/** An answer of which `truncation` is known: one cut by time is as this server was just then, and no copy is to be kept. */
export function cutAnswer<R extends DataResponse>(
  response: R,
  { lifetime, truncation }: { readonly lifetime: AnswerLifetime; readonly truncation: Truncation | undefined },
): ReadAnswer<R> {
  if (truncation === undefined) return { response, lifetime };
  return { response, lifetime: truncation === "time" ? "none" : lifetime, truncation };
}
