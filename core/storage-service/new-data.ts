/**
 * Answers with what comes after a known position: a request for a range is derived from it, read like any other, and put
 * into an answer that carries the ledger info it is proven in.
 *
 * The ledger info counts against the answer's byte limit, so the derived request gets what is left of it. It is always a V2
 * request, with a limit of its own: a V1 answer is the same list without its auxiliary infos. So all who know the same and
 * allow as much share one read.
 *
 * Source: storage-service §3.3 of the reference.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { TransactionDataType } from "../wire/data-type.ts";
import { ANSWER_OVERHEAD_BYTES, MAX_RESPONSE_BYTES } from "../wire/limits.ts";
import {
  type GetTransactionDataWithProof,
  isTransactionDataV2Request,
  type KnownPosition,
  type WaitingRequest,
} from "../wire/request-types.ts";
import { encodeResponse, type NewDataAnswer, type TransactionDataList } from "../wire/response.ts";
import type { AnswerFrame } from "./answer-frame.ts";
import type { StorageServiceConfig } from "./config.ts";
import { versionOf } from "./ledger-view.ts";
import { withoutAuxiliaryInfos } from "./transaction-reader.ts";

/** Known version and epoch, stream with id and index, and the head of the ledger info's byte string: 9 bytes an integer. */
const NEW_DATA_OVERHEAD_BYTES = 4 * 9 + 1 + 5;

/** Which lists a waiting request wants. */
export function dataTypeOf(request: WaitingRequest): TransactionDataType {
  switch (request.kind) {
    case "getNewTransactionOutputsWithProof":
    case "subscribeTransactionOutputsWithProof":
      return { kind: "outputs" };
    case "getNewTransactionsWithProof":
    case "subscribeTransactionsWithProof":
      return { kind: "transactions", includeEvents: request.includeEvents };
    case "getNewTransactionsOrOutputsWithProof":
    case "subscribeTransactionsOrOutputsWithProof":
      return { kind: "transactionsOrOutputs", includeEvents: request.includeEvents };
    default:
      return request.dataType;
  }
}

/**
 * The request for what comes next, up to the item cap.
 *
 * @param knownVersion Where to go on from; of a stream, not where it started.
 * @param target Ledger info to prove it in; its version is above `knownVersion`.
 */
export function derivedRequest(
  request: WaitingRequest,
  { knownVersion, target }: { readonly knownVersion: bigint; readonly target: LedgerInfoWithSignatures },
  config: StorageServiceConfig,
): GetTransactionDataWithProof {
  const dataType = dataTypeOf(request);
  const proofVersion = versionOf(target);
  const maximum = dataType.kind === "transactions"
    ? config.maxTransactionChunkSize
    : config.maxTransactionOutputChunkSize;
  const last = knownVersion + BigInt(maximum);
  return {
    kind: "getTransactionDataWithProof",
    dataType,
    firstVersion: knownVersion + 1n,
    lastVersion: last < proofVersion ? last : proofVersion,
    proofVersion,
    maxResponseBytes: Math.max(0, byteLimit(request, config) - target.bytes.length - NEW_DATA_OVERHEAD_BYTES),
  };
}

function byteLimit(request: WaitingRequest, config: StorageServiceConfig): number {
  const limit = "maxResponseBytes" in request ? request.maxResponseBytes : config.maxNetworkChunkBytes;
  return Math.min(limitStep(limit), config.maxNetworkChunkBytesV2);
}

/** Below what is set aside in every answer, no limit makes a difference: one item is sent. A power of two, so a step itself. */
const LOWEST_STEP = 2 ** Math.floor(Math.log2(ANSWER_OVERHEAD_BYTES));

/**
 * The byte limit that is kept to instead of a client's: about it, never above it. Waiting requests whose limits have the
 * same step share one read and one frame; there are four steps from a number to its double and fewer than sixty in all, so
 * that nobody makes each of many requests cost a read of its own by the limit alone.
 *
 * @returns The limit, at most the wire's largest, rounded down to three significant bits: more than four fifths of it; 0
 *   where no more than one item is sent anyway.
 */
export function limitStep(maxBytes: number): number {
  if (maxBytes < LOWEST_STEP) return 0;
  const limit = Math.min(maxBytes, MAX_RESPONSE_BYTES);
  const step = 2 ** (Math.floor(Math.log2(limit)) - 2);
  return limit - limit % step;
}

/** What an answer with new data is made of. */
export interface NewDataParts {
  /** 32-byte genesis waypoint value. */
  readonly chain: Uint8Array;
  /** What was asked: the answer repeats its known position, of a stream the one it started from, and its index. */
  readonly request: WaitingRequest;
  /** The answer to the derived request. Not changed. */
  readonly list: TransactionDataList;
  /** The ledger info that it is proven in. */
  readonly target: LedgerInfoWithSignatures;
  /** Most bytes of any answer. */
  readonly maxBytes: number;
}

/**
 * Encodes the answer.
 *
 * @throws {SyncError} `TOO_LARGE` if it is above the server's limit: a single item that fits it only without the ledger info.
 */
export function newDataFrame(parts: NewDataParts): AnswerFrame {
  const response = newDataResponse(parts);
  const bytes = encodeResponse(parts.chain, response);
  if (bytes.length > parts.maxBytes) {
    const { list, maxBytes } = parts;
    throw new SyncError(
      "TOO_LARGE",
      `Cannot answer with item ${list.firstVersion}: at most ${maxBytes} bytes, current value is ${bytes.length}`,
      { detail: { limit: maxBytes, value: bytes.length } },
    );
  }
  return { bytes, lifetime: "none", kind: response.kind };
}

function newDataResponse({ request, list, target }: NewDataParts) {
  const answer = { ...echoOf(request), ledgerInfo: target.bytes };
  if (isTransactionDataV2Request(request)) {
    return { kind: "newTransactionDataWithProof", ...answer, data: list } as const;
  }
  const data = withoutAuxiliaryInfos(list);
  if (dataTypeOf(request).kind === "transactionsOrOutputs") {
    return { kind: "newTransactionsOrOutputsWithProof", ...answer, data } as const;
  }
  return data.list === "outputs"
    ? { kind: "newTransactionOutputsWithProof", ...answer, data } as const
    : { kind: "newTransactionsWithProof", ...answer, data } as const;
}

function echoOf(request: WaitingRequest): KnownPosition & Pick<NewDataAnswer, "stream"> {
  if (!("stream" in request)) return { knownVersion: request.knownVersion, knownEpoch: request.knownEpoch };
  const { knownVersion, knownEpoch, streamId } = request.stream;
  return { knownVersion, knownEpoch, stream: { streamId, streamIndex: request.streamIndex } };
}
