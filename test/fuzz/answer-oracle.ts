/**
 * What every answer must be, whatever was asked: judged from the request, the bytes that came back and the server's settings,
 * with nothing of how it was made.
 *
 * @module
 */
import { equalBytes } from "../../core/bytes/bytes.ts";
import type { DirectRequest, DirectRequestKind } from "../../core/data-client/answer.ts";
import { assertAnswers } from "../../core/data-client/echo.ts";
import { isSyncError, type SyncError } from "../../core/errors.ts";
import type { StorageServiceConfig } from "../../core/storage-service/config.ts";
import { ERROR_CODES } from "../../core/wire/error-frame.ts";
import type { DataRequest } from "../../core/wire/request.ts";
import type { RequestKind } from "../../core/wire/request-types.ts";
import {
  type DataResponse,
  decodeResponse,
  encodeResponse,
  type NewDataAnswer,
  type ResponseKind,
  type TransactionDataList,
} from "../../core/wire/response.ts";
import type { Outcome } from "./fuzzer.ts";

/** What is wrong with an answer. */
export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";
}

/** What a server of this protocol is set to. */
export type ServedConfig = Pick<
  StorageServiceConfig,
  | "maxEpochChunkSize"
  | "maxStateChunkSize"
  | "maxTransactionChunkSize"
  | "maxTransactionOutputChunkSize"
  | "maxNetworkChunkBytes"
  | "maxNetworkChunkBytesV2"
>;

const ANSWERS: Readonly<Record<RequestKind, ResponseKind>> = {
  getEpochEndingLedgerInfos: "epochEndingLedgerInfos",
  getNewTransactionOutputsWithProof: "newTransactionOutputsWithProof",
  getNewTransactionsWithProof: "newTransactionsWithProof",
  getNumberOfStatesAtVersion: "numberOfStatesAtVersion",
  getServerProtocolVersion: "serverProtocolVersion",
  getStateValuesWithProof: "stateValueChunkWithProof",
  getStorageServerSummary: "storageServerSummary",
  getTransactionOutputsWithProof: "transactionOutputsWithProof",
  getTransactionsWithProof: "transactionsWithProof",
  getNewTransactionsOrOutputsWithProof: "newTransactionsOrOutputsWithProof",
  getTransactionsOrOutputsWithProof: "transactionsOrOutputsWithProof",
  subscribeTransactionOutputsWithProof: "newTransactionOutputsWithProof",
  subscribeTransactionsOrOutputsWithProof: "newTransactionsOrOutputsWithProof",
  subscribeTransactionsWithProof: "newTransactionsWithProof",
  getTransactionDataWithProof: "transactionDataWithProof",
  getNewTransactionDataWithProof: "newTransactionDataWithProof",
  subscribeTransactionDataWithProof: "newTransactionDataWithProof",
  getStateValuesByKeyHash: "stateValuesByKeyHash",
  getLatestLedgerInfo: "latestLedgerInfo",
  getTransactionByHash: "transactionByHash",
  getEpochEndingAtVersion: "epochEndingAtVersion",
  getPeers: "peers",
};

/** An answer without items: a head, a ledger info of the largest validator set, a summary. */
const SMALL_ANSWER_BYTES = 512 * 1024;

/**
 * Judges an answer with data.
 *
 * @throws {WrongAnswer} If it is not one to this request, or above a limit.
 */
export function judgeAnswer(request: DataRequest, bytes: Uint8Array, config: ServedConfig): Outcome {
  const { chain, response, error } = decodeResponse(bytes, { maxBytes: bytes.length });
  if (error !== undefined) throw new WrongAnswer(`an error frame is no answer: ${error.message}`);
  if (!equalBytes(encodeResponse(chain, response), bytes)) throw new WrongAnswer("the frame has two encodings");
  if (response.kind !== ANSWERS[request.kind]) throw new WrongAnswer(`${response.kind} answers ${request.kind}`);
  judgeEcho(request, response);
  const cut = judgeSize(request, response, bytes.length, config);
  return { isAnswered: true, way: `${request.kind} ${listName(response)}${cut ? " cut" : ""}` };
}

/**
 * Judges a refusal.
 *
 * @throws {WrongAnswer} If it is no error that a client may hear of: our own failures are not.
 */
export function judgeRefusal(request: DataRequest | undefined, error: unknown): Outcome {
  if (!isSyncError(error)) throw error;
  if (!(error.code in ERROR_CODES) || error.code === "INTERNAL") throw error;
  return { isAnswered: false, way: `${request?.kind ?? ""} ${wayOf(error)}` };
}

/** Code and message of an error, without what differs from one to the next. */
export function wayOf({ code, message }: SyncError): string {
  return `${code} ${message.replaceAll(/[0-9]+/g, "#").slice(0, 120)}`;
}

function judgeEcho(request: DataRequest, response: DataResponse): void {
  if ("ledgerInfo" in response && "knownVersion" in response) judgeNewData(request, response);
  else if ("lastVersion" in request && "data" in response) judgeList(request, response.data);
  else assertAnswers(request as DirectRequest<DirectRequestKind>, response);
}

function judgeNewData(
  request: DataRequest,
  { knownVersion, knownEpoch, data, stream }: NewDataAnswer & { readonly data: TransactionDataList },
): void {
  // An answer of a stream repeats where the stream started; only the first one goes on from there.
  const known = "stream" in request ? request.stream : "knownVersion" in request ? request : undefined;
  const index = "stream" in request ? request.streamIndex : undefined;
  const streamId = "stream" in request ? request.stream.streamId : undefined;
  if (known?.knownVersion !== knownVersion || known.knownEpoch !== knownEpoch) {
    throw new WrongAnswer("another position is answered");
  }
  if (stream?.streamId !== streamId || stream?.streamIndex !== index) {
    throw new WrongAnswer("another place of a stream is answered");
  }
  const goesOn = index === undefined || index === 0n
    ? data.firstVersion === knownVersion + 1n
    : data.firstVersion > knownVersion + 1n;
  if (!goesOn) throw new WrongAnswer(`a list from ${data.firstVersion} on does not go on from ${knownVersion}`);
  judgeList(data, data);
}

function judgeList(
  asked: { firstVersion: bigint; lastVersion: bigint; proofVersion: bigint },
  { firstVersion, lastVersion, proofVersion, transactions }: TransactionDataList,
): void {
  if (firstVersion !== asked.firstVersion || lastVersion !== asked.lastVersion || proofVersion !== asked.proofVersion) {
    throw new WrongAnswer("another range is answered");
  }
  if (transactions.count < 1 || BigInt(transactions.count) > lastVersion - firstVersion + 1n) {
    throw new WrongAnswer(`${transactions.count} items answer ${firstVersion} to ${lastVersion}`);
  }
}

/** Judges numbers of items and bytes; tells whether the answer has fewer items than were asked for. */
function judgeSize(request: DataRequest, response: DataResponse, bytes: number, config: ServedConfig): boolean {
  const { items, wanted, maxItems } = itemsOf(response, config);
  if (items > maxItems) throw new WrongAnswer(`${items} items, at most ${maxItems} are allowed`);
  const limit = byteLimit(request, items, config);
  if (bytes > limit) throw new WrongAnswer(`${bytes} bytes with ${items} items, at most ${limit} are allowed`);
  return BigInt(items) < wanted;
}

/** Items of the answer, how many were asked for, and how many there may be. */
function itemsOf(response: DataResponse, config: ServedConfig): { items: number; wanted: bigint; maxItems: number } {
  switch (response.kind) {
    case "epochEndingLedgerInfos": {
      const { firstEpoch, lastEpoch, ledgerInfos } = response;
      return { items: ledgerInfos.count, wanted: lastEpoch - firstEpoch + 1n, maxItems: config.maxEpochChunkSize };
    }
    case "stateValueChunkWithProof": {
      const { firstIndex, lastIndex, stateKeys } = response;
      return { items: stateKeys.count, wanted: lastIndex - firstIndex + 1n, maxItems: config.maxStateChunkSize };
    }
    case "stateValuesByKeyHash": {
      const items = response.values.length;
      return { items, wanted: BigInt(items), maxItems: items };
    }
    default: {
      if (!("data" in response)) return { items: 1, wanted: 1n, maxItems: 1 };
      const { list, firstVersion, lastVersion, transactions } = response.data;
      const maxItems = list === "outputs" ? config.maxTransactionOutputChunkSize : config.maxTransactionChunkSize;
      return { items: transactions.count, wanted: lastVersion - firstVersion + 1n, maxItems };
    }
  }
}

function byteLimit(request: DataRequest, items: number, config: ServedConfig): number {
  const { maxNetworkChunkBytes, maxNetworkChunkBytesV2 } = config;
  // One item is always allowed, as long as it is not above the server's own limit.
  if (items === 1) return maxNetworkChunkBytesV2;
  if ("maxResponseBytes" in request) return Math.min(request.maxResponseBytes, maxNetworkChunkBytesV2);
  const hasItems = "lastVersion" in request || "lastEpoch" in request || "lastIndex" in request ||
    "keyHashes" in request || "knownVersion" in request || "stream" in request;
  return hasItems ? maxNetworkChunkBytes : SMALL_ANSWER_BYTES;
}

function listName(response: DataResponse): string {
  return "data" in response ? response.data.list : response.kind;
}
