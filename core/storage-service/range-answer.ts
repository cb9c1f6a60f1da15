/**
 * Answers to the requests for a range of transaction data, V1 and V2, and whether they are immutable.
 *
 * @module
 */
import type { TransactionDataType } from "../wire/data-type.ts";
import { GET_RESPONSE_BYTES, MAX_OUTPUT_CHUNK, MAX_RESPONSE_BYTES, MAX_TRANSACTION_CHUNK } from "../wire/limits.ts";
import type { DataRequest } from "../wire/request.ts";
import type { DataResponse, TransactionDataList } from "../wire/response.ts";
import type { StorageServiceConfig } from "./config.ts";
import type { LedgerView } from "./ledger-view.ts";
import { listAnswer, type ReadAnswer, type ReadParts } from "./read-parts.ts";
import { readDataList, withoutAuxiliaryInfos } from "./transaction-reader.ts";

/** The requests answered here. */
type RangeKind =
  | "getTransactionOutputsWithProof"
  | "getTransactionsWithProof"
  | "getTransactionsOrOutputsWithProof"
  | "getTransactionDataWithProof";

/** Any request for a range of transaction data. */
export type RangeRequest = Extract<DataRequest, { kind: RangeKind }>;

/**
 * Answers a request for a range that was found serviceable.
 *
 * @throws {SyncError} `TOO_LARGE` if the first item alone is above the server's limit.
 */
export async function rangeAnswer(parts: ReadParts, view: LedgerView, request: RangeRequest): Promise<ReadAnswer> {
  const { reader, config } = parts;
  const { firstVersion, lastVersion, proofVersion } = request;
  const ending = await reader.epochEndingAt(firstVersion);
  const endVersion = ending?.ledgerInfo.commitInfo.version;
  const dataType = dataTypeOf(request);
  const { maxBytes, sharedMaxBytes } = byteLimits(request, config);
  const { list, truncation } = await readDataList(parts, {
    firstVersion,
    lastVersion,
    proofVersion,
    dataType,
    maxBytes,
    lastReadable: endVersion ?? view.progress.committedVersion ?? firstVersion,
  });
  return listAnswer(rangeResponse(request, list), {
    range: { first: firstVersion, last: lastVersion },
    clip: proofVersion,
    isOpen: endVersion !== proofVersion,
    sharedMaxItems: dataType.kind === "transactions" ? MAX_TRANSACTION_CHUNK : MAX_OUTPUT_CHUNK,
    count: list.transactions.count,
    truncation,
    maxBytes,
    sharedMaxBytes,
    isSecondChoice: dataType.kind === "transactionsOrOutputs" && list.list === "transactions",
  });
}

function dataTypeOf(request: RangeRequest): TransactionDataType {
  switch (request.kind) {
    case "getTransactionOutputsWithProof":
      return { kind: "outputs" };
    case "getTransactionsWithProof":
      return { kind: "transactions", includeEvents: request.includeEvents };
    case "getTransactionsOrOutputsWithProof":
      return { kind: "transactionsOrOutputs", includeEvents: request.includeEvents };
    case "getTransactionDataWithProof":
      return request.dataType;
  }
}

/** V2 requests say how much their client takes; to others every server sends a GET's worth unless it is set otherwise. */
function byteLimits(request: RangeRequest, config: StorageServiceConfig) {
  const isV2 = request.kind === "getTransactionDataWithProof";
  return {
    maxBytes: Math.min(isV2 ? request.maxResponseBytes : config.maxNetworkChunkBytes, config.maxNetworkChunkBytesV2),
    sharedMaxBytes: isV2 ? Math.min(request.maxResponseBytes, MAX_RESPONSE_BYTES) : GET_RESPONSE_BYTES,
  };
}

/** V1 requests get V1 answers: the same list without auxiliary infos. */
function rangeResponse(request: RangeRequest, list: TransactionDataList): DataResponse {
  if (request.kind === "getTransactionDataWithProof") return { kind: "transactionDataWithProof", data: list };
  const data = withoutAuxiliaryInfos(list);
  if (request.kind === "getTransactionsOrOutputsWithProof") return { kind: "transactionsOrOutputsWithProof", data };
  return data.list === "outputs"
    ? { kind: "transactionOutputsWithProof", data }
    : { kind: "transactionsWithProof", data };
}
