/**
 * Answer frames: `[protocol, chain, variant, …fields]` from and to {@link DataResponse}. The fields are those of
 * `velor-sync.cddl`, in its order.
 *
 * @module
 */
import { columnItems, encodeColumn } from "../bytes/column.ts";
import { utf8Bytes, utf8Text } from "../bytes/bytes.ts";
import { SyncError } from "../errors.ts";
import { asU64, type CborValue, type FrameLimits } from "./cbor.ts";
import { dataListField, readDataList, readOutputList, readTransactionList } from "./data-list.ts";
import { ERROR_VARIANT, readError } from "./error-frame.ts";
import type { FieldReader } from "./fields.ts";
import { decodeFrame, encodeFrame } from "./frame.ts";
import { MAX_EPOCH_CHUNK, MAX_PEER_URL_BYTES, MAX_PEERS, MAX_RESPONSE_ITEMS } from "./limits.ts";
import {
  type DataResponse,
  type NewDataAnswer,
  RESPONSE_VARIANTS,
  type ResponseKind,
  type TransactionByHash,
} from "./response-types.ts";
import { readStateChunk, readStateValues, stateChunkFields, stateValuesFields } from "./state-fields.ts";
import { readSummary, summaryFields } from "./summary.ts";

export type {
  DataResponse,
  EpochEndingAtVersion,
  EpochEndingLedgerInfos,
  LatestLedgerInfo,
  ListAnswer,
  NewDataAnswer,
  NewTransactionDataWithProof,
  NewTransactionOutputsWithProof,
  NewTransactionsOrOutputsWithProof,
  NewTransactionsWithProof,
  NumberOfStatesAtVersion,
  Peers,
  ProvenTransactions,
  ResponseKind,
  ResponseOf,
  ServerProtocolVersion,
  StateValueChunkWithProof,
  StateValuesByKeyHash,
  StateValueWithProof,
  StorageServerSummaryAnswer,
  TransactionByHash,
  TransactionDataList,
  TransactionDataWithProof,
  TransactionListWithProof,
  TransactionOutputListWithProof,
  TransactionOutputsWithProof,
  TransactionsOrOutputsWithProof,
  TransactionsWithProof,
} from "./response-types.ts";
export { RESPONSE_VARIANTS } from "./response-types.ts";

/** An answer, or the error that came instead, and the chain it is about. */
export type DecodedResponse =
  | { readonly chain: Uint8Array; readonly response: DataResponse; readonly error?: undefined }
  | { readonly chain: Uint8Array; readonly response?: undefined; readonly error: SyncError };

/**
 * Encodes an answer into a fresh buffer.
 *
 * @param chain 32-byte genesis waypoint value of the ledger; all zeros while it is not known.
 */
export function encodeResponse(chain: Uint8Array, response: DataResponse): Uint8Array<ArrayBuffer> {
  return encodeFrame(chain, RESPONSE_VARIANTS[response.kind], responseFields(response));
}

/**
 * Decodes an answer. Checks its layout and its own consistency, not that it answers the request, and no proof.
 *
 * @param bytes Columns and byte strings in the result are views of it: do not change it afterwards.
 * @param limits.maxBytes Most bytes of the frame.
 * @returns The answer; an error frame comes back as a {@link SyncError} with the code of the peer.
 * @throws {SyncError} `MALFORMED_FRAME` or `LIMIT_EXCEEDED` if it is not an answer frame.
 */
export function decodeResponse(bytes: Uint8Array, limits: { maxBytes: number }): DecodedResponse {
  const bounds: FrameLimits = { maxBytes: limits.maxBytes, maxItems: MAX_RESPONSE_ITEMS };
  const { chain, variant, fields } = decodeFrame(bytes, bounds);
  const decoded: DecodedResponse = variant === ERROR_VARIANT
    ? { chain, error: readError(fields) }
    : { chain, response: readResponse(kindOf(variant), fields) };
  fields.end();
  return decoded;
}

const KIND_BY_VARIANT: ReadonlyMap<number, ResponseKind> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ Object.entries(RESPONSE_VARIANTS).map(([kind, variant]) => [variant, kind as ResponseKind]),
);

function kindOf(variant: number): ResponseKind {
  const kind = KIND_BY_VARIANT.get(variant);
  if (kind === undefined) throw new SyncError("MALFORMED_FRAME", `Cannot read answer: there is no variant ${variant}`);
  return kind;
}

function responseFields(response: DataResponse): CborValue[] {
  switch (response.kind) {
    case "epochEndingLedgerInfos":
      return [asU64(response.firstEpoch), asU64(response.lastEpoch), response.ledgerInfos.bytes];
    case "numberOfStatesAtVersion":
      return [asU64(response.version), asU64(response.count)];
    case "serverProtocolVersion":
      return [asU64(response.protocolVersion)];
    case "stateValueChunkWithProof":
      return stateChunkFields(response);
    case "storageServerSummary":
      return summaryFields(response.summary);
    case "stateValuesByKeyHash":
      return stateValuesFields(response);
    case "latestLedgerInfo":
      return [response.ledgerInfo];
    case "transactionByHash":
      return byHashFields(response);
    case "epochEndingAtVersion":
      return [asU64(response.version), response.ledgerInfo];
    case "peers":
      return [encodeColumn(response.urls.map(utf8Bytes)).bytes];
    default:
      return "ledgerInfo" in response
        ? [...newDataFields(response), dataListField(response.data)]
        : [dataListField(response.data)];
  }
}

function newDataFields(answer: NewDataAnswer): CborValue[] {
  const { knownVersion, knownEpoch, stream, ledgerInfo } = answer;
  const streamField = stream === undefined ? null : [asU64(stream.streamId), asU64(stream.streamIndex)];
  return [asU64(knownVersion), asU64(knownEpoch), streamField, ledgerInfo];
}

function byHashFields({ hash, found }: TransactionByHash): CborValue[] {
  return found === undefined ? [hash, null] : [hash, [dataListField(found.data), found.ledgerInfo]];
}

function readResponse(kind: ResponseKind, fields: FieldReader): DataResponse {
  switch (kind) {
    case "epochEndingLedgerInfos":
      return readEpochEndings(fields);
    case "numberOfStatesAtVersion":
      return { kind, version: fields.u64(), count: fields.u64() };
    case "serverProtocolVersion":
      return { kind, protocolVersion: fields.u64() };
    case "stateValueChunkWithProof":
      return readStateChunk(fields);
    case "storageServerSummary":
      return { kind, summary: readSummary(fields) };
    case "stateValuesByKeyHash":
      return readStateValues(fields);
    case "latestLedgerInfo":
      return { kind, ledgerInfo: fields.bytes() };
    case "transactionByHash":
      return readByHash(fields);
    case "epochEndingAtVersion":
      return { kind, version: fields.u64(), ledgerInfo: fields.bytes() };
    case "peers":
      return { kind, urls: readPeers(fields) };
    default:
      return readDataAnswer(kind, fields);
  }
}

type DataAnswerKind = Extract<DataResponse, { data: unknown }>["kind"];

function readDataAnswer(kind: DataAnswerKind, fields: FieldReader): DataResponse {
  switch (kind) {
    case "transactionOutputsWithProof":
      return { kind, data: readOutputList(fields, "v1") };
    case "transactionsWithProof":
      return { kind, data: readTransactionList(fields, "v1") };
    case "transactionsOrOutputsWithProof":
      return { kind, data: readDataList(fields, "v1") };
    case "transactionDataWithProof":
      return { kind, data: readDataList(fields, "v2") };
    case "newTransactionOutputsWithProof":
      return { kind, ...readNewData(fields), data: readOutputList(fields, "v1") };
    case "newTransactionsWithProof":
      return { kind, ...readNewData(fields), data: readTransactionList(fields, "v1") };
    case "newTransactionsOrOutputsWithProof":
      return { kind, ...readNewData(fields), data: readDataList(fields, "v1") };
    case "newTransactionDataWithProof":
      return { kind, ...readNewData(fields), data: readDataList(fields, "v2") };
  }
}

function readNewData(fields: FieldReader): NewDataAnswer {
  const knownVersion = fields.u64();
  const knownEpoch = fields.u64();
  const stream = fields.optional((field) =>
    field.array("stream", (parts) => ({ streamId: parts.u64(), streamIndex: parts.u64() }))
  );
  const ledgerInfo = fields.bytes();
  return { knownVersion, knownEpoch, ...(stream === undefined ? {} : { stream }), ledgerInfo };
}

function readEpochEndings(fields: FieldReader): DataResponse {
  const firstEpoch = fields.u64();
  const lastEpoch = fields.u64();
  const ledgerInfos = fields.column({ atMost: MAX_EPOCH_CHUNK });
  if (ledgerInfos.count === 0 || BigInt(ledgerInfos.count) > lastEpoch - firstEpoch + 1n) {
    throw fields.malformed("has at least one item, and no more than the range");
  }
  return { kind: "epochEndingLedgerInfos", firstEpoch, lastEpoch, ledgerInfos };
}

function readByHash(fields: FieldReader): DataResponse {
  const hash = fields.hash();
  const found = fields.optional((field) =>
    field.array("transaction", (parts) => {
      const data = readTransactionList(parts, "v2");
      if (data.transactions.count !== 1) throw parts.malformed("is a list of one");
      return { data, ledgerInfo: parts.bytes() };
    })
  );
  return found === undefined ? { kind: "transactionByHash", hash } : { kind: "transactionByHash", hash, found };
}

function readPeers(fields: FieldReader): string[] {
  return columnItems(fields.column({ atMost: MAX_PEERS })).map((url) => {
    if (url.length > MAX_PEER_URL_BYTES) throw fields.malformed(`has URLs of at most ${MAX_PEER_URL_BYTES} bytes`);
    try {
      return utf8Text(url);
    } catch {
      throw fields.malformed("has URLs in UTF-8");
    }
  });
}
