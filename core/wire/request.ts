/**
 * Request frames: `[protocol, chain, variant, …fields]` from and to {@link DataRequest}. The fields are those of
 * `velor-sync.cddl`, in its order.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import { asU64, type CborValue, type FrameLimits } from "./cbor.ts";
import type { TransactionDataType } from "./data-type.ts";
import { type FieldReader, optionalU64, WIRE_HASH_BYTES } from "./fields.ts";
import { decodeFrame, encodeFrame } from "./frame.ts";
import { MAX_KEY_HASHES, MAX_REQUEST_BYTES, MAX_REQUEST_ITEMS } from "./limits.ts";
import {
  type DataRequest,
  type KnownPosition,
  type ProvenVersions,
  REQUEST_VARIANTS,
  type RequestKind,
  type StreamPosition,
  type TransactionDataOption,
} from "./request-types.ts";

export type { TransactionDataType } from "./data-type.ts";
export type {
  DataRequest,
  GetEpochEndingAtVersion,
  GetEpochEndingLedgerInfos,
  GetNumberOfStatesAtVersion,
  GetStateValuesByKeyHash,
  GetStateValuesWithProof,
  GetTransactionByHash,
  GetTransactionDataWithProof,
  KnownPosition,
  ProvenVersions,
  StreamPosition,
  TransactionDataOption,
} from "./request-types.ts";

/** Bounds of a request frame. */
export const REQUEST_LIMITS: FrameLimits = { maxBytes: MAX_REQUEST_BYTES, maxItems: MAX_REQUEST_ITEMS };

/** A request and the chain it is about. */
export interface DecodedRequest {
  /** 32-byte genesis waypoint value; all zeros: the client does not know it yet. */
  readonly chain: Uint8Array;
  /** What is asked. */
  readonly request: DataRequest;
}

/** Numbers 17 and 18 of the reference (hot state): reserved, and answered `NOT_SERVICEABLE`. */
const RESERVED_VARIANTS = [17, 18];

// Not a bound of anything: a server cuts at its own limit, whatever a client says it can take.
const U32_MAX = 0xffff_ffff;

const DATA_TYPES = ["transactions", "outputs", "transactionsOrOutputs"] as const;

/**
 * Encodes a request.
 *
 * @param chain 32-byte genesis waypoint value; all zeros while it is not known.
 * @throws {SyncError} `INVALID_ARGUMENT` if an integer is not a u64, or the key hashes are not 1 to 64 whole hashes.
 */
export function encodeRequest(chain: Uint8Array, request: DataRequest): Uint8Array<ArrayBuffer> {
  return encodeFrame(chain, REQUEST_VARIANTS[request.kind], requestFields(request));
}

/**
 * Decodes a request. Whether it makes sense (order of a range, chain) is for the service to say.
 *
 * @param bytes Hashes in the result are views of it.
 * @throws {SyncError} `MALFORMED_FRAME` or `LIMIT_EXCEEDED` if it is not a request frame.
 * @throws {SyncError} `NOT_SERVICEABLE` if it is one of the reserved hot state requests.
 */
export function decodeRequest(bytes: Uint8Array, limits: FrameLimits = REQUEST_LIMITS): DecodedRequest {
  const { chain, variant, fields } = decodeFrame(bytes, limits);
  if (RESERVED_VARIANTS.includes(variant)) {
    throw new SyncError("NOT_SERVICEABLE", `Cannot answer request ${variant}: hot state is not kept apart here`);
  }
  const kind = KIND_BY_VARIANT.get(variant);
  if (kind === undefined) {
    throw new SyncError("MALFORMED_FRAME", `Cannot read request: there is no variant ${variant}`);
  }
  const request = readRequest(kind, fields);
  fields.end();
  return { chain, request };
}

const KIND_BY_VARIANT: ReadonlyMap<number, RequestKind> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ Object.entries(REQUEST_VARIANTS).map(([kind, variant]) => [variant, kind as RequestKind]),
);

function requestFields(request: DataRequest): CborValue[] {
  switch (request.kind) {
    case "getServerProtocolVersion":
    case "getStorageServerSummary":
    case "getLatestLedgerInfo":
    case "getPeers":
      return [];
    case "getEpochEndingLedgerInfos":
      return [asU64(request.firstEpoch), asU64(request.lastEpoch)];
    case "getNumberOfStatesAtVersion":
    case "getEpochEndingAtVersion":
      return [asU64(request.version)];
    case "getStateValuesWithProof":
      return [asU64(request.version), asU64(request.firstIndex), asU64(request.lastIndex)];
    case "getStateValuesByKeyHash":
      return stateValuesFields(request);
    case "getTransactionByHash":
      return [request.hash];
    default:
      return dataFields(request);
  }
}

type DataKind = Extract<DataRequest, ProvenVersions | KnownPosition | StreamPosition>;

/** Requests for transaction data: where from, then what, each as far as its variant has it. */
function dataFields(request: DataKind): CborValue[] {
  const fields: CborValue[] = [];
  if ("proofVersion" in request) {
    fields.push(asU64(request.proofVersion), asU64(request.firstVersion), asU64(request.lastVersion));
  } else if ("stream" in request) {
    const { knownVersion, knownEpoch, streamId } = request.stream;
    fields.push(asU64(knownVersion), asU64(knownEpoch), asU64(streamId), asU64(request.streamIndex));
  } else {
    fields.push(asU64(request.knownVersion), asU64(request.knownEpoch));
  }
  if ("includeEvents" in request) fields.push(request.includeEvents);
  if ("dataType" in request) fields.push(dataTypeFields(request.dataType), request.maxResponseBytes);
  if (hasReductions(request.kind)) fields.push(0);
  return fields;
}

function stateValuesFields(request: DataRequest & { kind: "getStateValuesByKeyHash" }): CborValue[] {
  const { keyHashes } = request;
  const count = keyHashes.length / WIRE_HASH_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > MAX_KEY_HASHES) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot encode request: it has 1 to ${MAX_KEY_HASHES} hashes of ${WIRE_HASH_BYTES} bytes, not ${keyHashes.length} bytes`,
    );
  }
  return [optionalU64(request.checkpoint), optionalU64(request.proofVersion), keyHashes];
}

function dataTypeFields(dataType: TransactionDataType): CborValue[] {
  const index = DATA_TYPES.indexOf(dataType.kind);
  return dataType.kind === "outputs" ? [index] : [index, dataType.includeEvents];
}

function readRequest(kind: RequestKind, fields: FieldReader): DataRequest {
  switch (kind) {
    case "getServerProtocolVersion":
    case "getStorageServerSummary":
    case "getLatestLedgerInfo":
    case "getPeers":
      return { kind };
    case "getEpochEndingLedgerInfos":
      return { kind, firstEpoch: fields.u64(), lastEpoch: fields.u64() };
    case "getNumberOfStatesAtVersion":
    case "getEpochEndingAtVersion":
      return { kind, version: fields.u64() };
    case "getStateValuesWithProof":
      return { kind, version: fields.u64(), firstIndex: fields.u64(), lastIndex: fields.u64() };
    case "getStateValuesByKeyHash":
      return readStateValues(fields);
    case "getTransactionByHash":
      return { kind, hash: fields.hash() };
    default:
      return readDataRequest(kind, fields);
  }
}

function readDataRequest(kind: DataKind["kind"], fields: FieldReader): DataRequest {
  switch (kind) {
    case "getTransactionOutputsWithProof":
      return { kind, ...readProvenVersions(fields) };
    case "getTransactionsWithProof":
      return { kind, ...readProvenVersions(fields), includeEvents: fields.bool() };
    case "getTransactionsOrOutputsWithProof":
      return { kind, ...readProvenVersions(fields), includeEvents: readEventsWithoutReductions(fields) };
    case "getTransactionDataWithProof":
      return { kind, ...readProvenVersions(fields), ...readData(fields) };
    case "getNewTransactionOutputsWithProof":
      return { kind, ...readKnown(fields) };
    case "getNewTransactionsWithProof":
      return { kind, ...readKnown(fields), includeEvents: fields.bool() };
    case "getNewTransactionsOrOutputsWithProof":
      return { kind, ...readKnown(fields), includeEvents: readEventsWithoutReductions(fields) };
    case "getNewTransactionDataWithProof":
      return { kind, ...readKnown(fields), ...readData(fields) };
    case "subscribeTransactionOutputsWithProof":
      return { kind, ...readStream(fields) };
    case "subscribeTransactionsWithProof":
      return { kind, ...readStream(fields), includeEvents: fields.bool() };
    case "subscribeTransactionsOrOutputsWithProof":
      return { kind, ...readStream(fields), includeEvents: readEventsWithoutReductions(fields) };
    case "subscribeTransactionDataWithProof":
      return { kind, ...readStream(fields), ...readData(fields) };
  }
}

function readProvenVersions(fields: FieldReader): ProvenVersions {
  return { proofVersion: fields.u64(), firstVersion: fields.u64(), lastVersion: fields.u64() };
}

function readKnown(fields: FieldReader): KnownPosition {
  return { knownVersion: fields.u64(), knownEpoch: fields.u64() };
}

function readStream(fields: FieldReader): StreamPosition {
  const stream = { ...readKnown(fields), streamId: fields.u64() };
  return { stream, streamIndex: fields.u64() };
}

function readData(fields: FieldReader): TransactionDataOption {
  const dataType = fields.array("data type", (parts): TransactionDataType => {
    const kind = DATA_TYPES[parts.u32(DATA_TYPES.length - 1)] as (typeof DATA_TYPES)[number];
    return kind === "outputs" ? { kind } : { kind, includeEvents: parts.bool() };
  });
  return { dataType, maxResponseBytes: fields.u32(U32_MAX) };
}

/** `includeEvents`, and the reference's number of output reductions, of which only 0 is left. */
function readEventsWithoutReductions(fields: FieldReader): boolean {
  const includeEvents = fields.bool();
  if (fields.u64() !== 0n) throw fields.malformed("is 0: chunks are not halved here");
  return includeEvents;
}

function readStateValues(fields: FieldReader): DataRequest {
  const checkpoint = fields.optional((field) => field.u64());
  const proofVersion = fields.optional((field) => field.u64());
  const keyHashes = fields.hashes(MAX_KEY_HASHES);
  if (keyHashes.length === 0) throw fields.malformed("has at least one hash");
  return {
    kind: "getStateValuesByKeyHash",
    keyHashes,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(proofVersion === undefined ? {} : { proofVersion }),
  };
}

function hasReductions(kind: RequestKind): boolean {
  return kind === "getTransactionsOrOutputsWithProof" || kind === "getNewTransactionsOrOutputsWithProof" ||
    kind === "subscribeTransactionsOrOutputsWithProof";
}
