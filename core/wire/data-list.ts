/**
 * Lists of transactions and of outputs as fields of an answer:
 * `[firstVersion, lastVersion, proofVersion, transactions, infos, events?, writeSets?, auxiliaryInfos?, left, right]`.
 *
 * A list with write sets is one of outputs. Every column has as many items as `transactions`, at least one and at most as
 * many as the versions repeated from the request.
 *
 * @module
 */
import type { AccumulatorRangeProof } from "../merkle/accumulator-range.ts";
import { asU64, type CborValue } from "./cbor.ts";
import { type FieldReader, optionalColumn } from "./fields.ts";
import { MAX_ACCUMULATOR_SIBLINGS, MAX_TRANSACTION_CHUNK } from "./limits.ts";
import type {
  TransactionDataList,
  TransactionListWithProof,
  TransactionOutputListWithProof,
} from "./response-types.ts";

/** Whether a list comes with auxiliary infos (V2) or without (V1). */
export type ListGeneration = "v1" | "v2";

/** A list as one field: an array. */
export function dataListField(data: TransactionDataList): CborValue {
  return [
    asU64(data.firstVersion),
    asU64(data.lastVersion),
    asU64(data.proofVersion),
    data.transactions.bytes,
    data.infos.bytes,
    optionalColumn(data.events),
    data.list === "outputs" ? data.writeSets.bytes : null,
    optionalColumn(data.auxiliaryInfos),
    data.proof.leftSiblings,
    data.proof.rightSiblings,
  ];
}

/**
 * Reads a list.
 *
 * @throws {SyncError} `MALFORMED_FRAME` or `LIMIT_EXCEEDED` if it breaks a rule above, or its generation's.
 */
export function readDataList(fields: FieldReader, generation: ListGeneration): TransactionDataList {
  return fields.array("list with proof", (list) => readList(list, generation));
}

/** As {@link readDataList}, of a list that must be of transactions. */
export function readTransactionList(fields: FieldReader, generation: ListGeneration): TransactionListWithProof {
  const data = readDataList(fields, generation);
  if (data.list !== "transactions") throw fields.malformed("is a list of transactions");
  return data;
}

/** As {@link readDataList}, of a list that must be of outputs. */
export function readOutputList(fields: FieldReader, generation: ListGeneration): TransactionOutputListWithProof {
  const data = readDataList(fields, generation);
  if (data.list !== "outputs") throw fields.malformed("is a list of outputs");
  return data;
}

function readList(list: FieldReader, generation: ListGeneration): TransactionDataList {
  const firstVersion = list.u64();
  const lastVersion = list.u64();
  if (lastVersion < firstVersion) throw list.malformed("is not below the first version");
  const proofVersion = list.u64();
  const transactions = list.column({ atMost: MAX_TRANSACTION_CHUNK });
  if (transactions.count === 0) throw list.malformed("is not empty");
  if (BigInt(transactions.count) > lastVersion - firstVersion + 1n) {
    throw list.malformed("has no more items than the range");
  }
  const exactly = { exactly: transactions.count };
  const infos = list.column(exactly);
  const events = list.optional((field) => field.column(exactly));
  const writeSets = list.optional((field) => field.column(exactly));
  const auxiliaryInfos = list.optional((field) => field.column(exactly));
  if ((auxiliaryInfos !== undefined) !== (generation === "v2")) {
    throw list.malformed("is null in a V1 answer and a column in a V2 answer");
  }
  const proof: AccumulatorRangeProof = {
    leftSiblings: list.hashes(MAX_ACCUMULATOR_SIBLINGS),
    rightSiblings: list.hashes(MAX_ACCUMULATOR_SIBLINGS),
  };
  const shared = {
    firstVersion,
    lastVersion,
    proofVersion,
    transactions,
    infos,
    ...(auxiliaryInfos === undefined ? {} : { auxiliaryInfos }),
    proof,
  };
  if (writeSets === undefined) {
    return { list: "transactions", ...shared, ...(events === undefined ? {} : { events }) };
  }
  if (events === undefined) throw list.malformed("comes with events");
  return { list: "outputs", ...shared, events, writeSets };
}
