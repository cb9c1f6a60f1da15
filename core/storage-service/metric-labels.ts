/**
 * Values of the labels of {@link ./metrics.ts}: closed sets, so that nobody outside can make a metric grow.
 *
 * @module
 */
import { isSyncError } from "../errors.ts";
import type { TransactionDataType } from "../wire/data-type.ts";
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

const LIST_NAMES = {
  transactions: "transactions",
  outputs: "transaction_outputs",
  transactionsOrOutputs: "transactions_or_outputs",
} as const;

const V2_REQUEST_LABELS = Object.fromEntries(
  Object.entries(LIST_NAMES).map(([lists, name]) => [lists, v2LabelsOf(name)]),
) as Readonly<Record<TransactionDataType["kind"], Readonly<Record<RequestKind, string>>>>;

/** The request's name in snake case; V2 requests are named by the lists they want, as in the reference. */
export function requestLabel(request: DataRequest): string {
  const labels = "dataType" in request ? V2_REQUEST_LABELS[request.dataType.kind] : REQUEST_LABELS;
  return labels[request.kind];
}

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

function v2LabelsOf(listName: string): Readonly<Record<RequestKind, string>> {
  const v2Label = (label: string) => `${label.replace("transaction_data", listName)}_v2`;
  const labels = Object.entries(REQUEST_LABELS).map(([kind, label]) => [kind, v2Label(label)]);
  return Object.fromEntries(labels) as Record<RequestKind, string>;
}
