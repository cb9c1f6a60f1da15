/**
 * Values of the labels of {@link ./metrics.ts}: closed sets, so that nobody outside can make a metric grow.
 *
 * @module
 */
import { isSyncError } from "../errors.ts";
import type { DataRequest, RequestKind } from "../wire/request-types.ts";
import { REQUEST_VARIANTS } from "../wire/request-types.ts";
import { RESPONSE_VARIANTS, type ResponseKind } from "../wire/response-types.ts";
import type { Requester } from "./requester.ts";

/** Value of `result`: an answer with data. */
export const SUCCESS = "success";

/** Value of `result`: an error. */
export const FAILURE = "failure";

/** Value of `network_id`. */
export type NetworkLabel = "trusted" | "public";

/** Which side of the operator's allow-list a requester is on. */
export function networkLabel({ trusted }: Requester): NetworkLabel {
  return trusted ? "trusted" : "public";
}

const REQUEST_LABELS = labelsOf(Object.keys(REQUEST_VARIANTS) as RequestKind[]);
const RESPONSE_LABELS = labelsOf(Object.keys(RESPONSE_VARIANTS) as ResponseKind[]);

/** The request's name in snake case; V2 requests are named by the lists they want, as in the reference. */
export function requestLabel(request: DataRequest): string {
  if (!("maxResponseBytes" in request)) return REQUEST_LABELS[request.kind];
  const { dataType, kind } = request;
  const lists = LIST_LABELS[dataType.kind];
  return `${REQUEST_LABELS[kind].replace("transaction_data", lists)}_v2`;
}

const LIST_LABELS = {
  transactions: "transactions",
  outputs: "transaction_outputs",
  transactionsOrOutputs: "transactions_or_outputs",
} as const;

/** The answer's name in snake case. */
export function responseLabel(kind: ResponseKind): string {
  return RESPONSE_LABELS[kind];
}

/** The error's code in lower case. */
export function errorLabel(error: unknown): string {
  return isSyncError(error) ? error.code.toLowerCase() : "unexpected_error";
}

function labelsOf<K extends string>(names: readonly K[]): Readonly<Record<K, string>> {
  const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(names.map((name) => [name, snakeCase(name)])) as Record<K, string>;
}
