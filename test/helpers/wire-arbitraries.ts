/**
 * Random requests and answers of every kind. Payloads are random bytes: the wire does not look into them.
 *
 * @module
 */
import fc from "fast-check";
import { type Column, encodeColumn } from "../../core/bytes/column.ts";
import { GET_RESPONSE_BYTES } from "../../core/wire/limits.ts";
import type { DataRequest } from "../../core/wire/request-types.ts";
import type { TransactionDataType } from "../../core/wire/data-type.ts";
import type {
  DataResponse,
  TransactionDataList,
  TransactionListWithProof,
  TransactionOutputListWithProof,
} from "../../core/wire/response.ts";

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** Any u64; edges of the encoding's lengths are as likely as the rest. */
export const u64: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: U64_MAX }),
  fc.constantFrom(0n, 23n, 24n, 255n, 256n, 65_535n, 65_536n, 0xffff_ffffn, 0x1_0000_0000n, 1n << 53n, U64_MAX),
);

/** Any byte string of exactly `length` bytes. */
function bytesOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

/** A 32-byte hash. */
export const hash: fc.Arbitrary<Uint8Array> = bytesOf(32);

const payload = fc.uint8Array({ maxLength: 300 });

function hashes(maximum: number): fc.Arbitrary<Uint8Array> {
  return fc.integer({ min: 0, max: maximum }).chain((count) => bytesOf(32 * count));
}

function columnOf(count: number): fc.Arbitrary<Column> {
  return fc.array(payload, { minLength: count, maxLength: count }).map(encodeColumn);
}

const dataType: fc.Arbitrary<TransactionDataType> = fc.oneof(
  fc.record({ kind: fc.constant("transactions" as const), includeEvents: fc.boolean() }),
  fc.record({ kind: fc.constant("outputs" as const) }),
  fc.record({ kind: fc.constant("transactionsOrOutputs" as const), includeEvents: fc.boolean() }),
);

const known = { knownVersion: u64, knownEpoch: u64 };
const proven = { firstVersion: u64, lastVersion: u64, proofVersion: u64 };
const stream = { stream: fc.record({ ...known, streamId: u64 }), streamIndex: u64 };
const withEvents = { includeEvents: fc.boolean() };
const data = { dataType, maxResponseBytes: fc.oneof(fc.nat(), fc.constant(GET_RESPONSE_BYTES)) };

/** One arbitrary for each kind of request. */
export const REQUESTS: { readonly [kind in DataRequest["kind"]]: fc.Arbitrary<DataRequest & { kind: kind }> } = {
  getEpochEndingLedgerInfos: request("getEpochEndingLedgerInfos", { firstEpoch: u64, lastEpoch: u64 }),
  getNewTransactionOutputsWithProof: request("getNewTransactionOutputsWithProof", known),
  getNewTransactionsWithProof: request("getNewTransactionsWithProof", { ...known, ...withEvents }),
  getNumberOfStatesAtVersion: request("getNumberOfStatesAtVersion", { version: u64 }),
  getServerProtocolVersion: request("getServerProtocolVersion", {}),
  getStateValuesWithProof: request("getStateValuesWithProof", { version: u64, firstIndex: u64, lastIndex: u64 }),
  getStorageServerSummary: request("getStorageServerSummary", {}),
  getTransactionOutputsWithProof: request("getTransactionOutputsWithProof", proven),
  getTransactionsWithProof: request("getTransactionsWithProof", { ...proven, ...withEvents }),
  getNewTransactionsOrOutputsWithProof: request("getNewTransactionsOrOutputsWithProof", { ...known, ...withEvents }),
  getTransactionsOrOutputsWithProof: request("getTransactionsOrOutputsWithProof", { ...proven, ...withEvents }),
  subscribeTransactionOutputsWithProof: request("subscribeTransactionOutputsWithProof", stream),
  subscribeTransactionsOrOutputsWithProof: request("subscribeTransactionsOrOutputsWithProof", {
    ...stream,
    ...withEvents,
  }),
  subscribeTransactionsWithProof: request("subscribeTransactionsWithProof", { ...stream, ...withEvents }),
  getTransactionDataWithProof: request("getTransactionDataWithProof", { ...proven, ...data }),
  getNewTransactionDataWithProof: request("getNewTransactionDataWithProof", { ...known, ...data }),
  subscribeTransactionDataWithProof: request("subscribeTransactionDataWithProof", { ...stream, ...data }),
  getStateValuesByKeyHash: fc.record(
    {
      kind: fc.constant("getStateValuesByKeyHash" as const),
      checkpoint: u64,
      proofVersion: u64,
      keyHashes: fc.integer({ min: 1, max: 64 }).chain((count) => bytesOf(32 * count)),
    },
    { requiredKeys: ["kind", "keyHashes"] },
  ),
  getLatestLedgerInfo: request("getLatestLedgerInfo", {}),
  getTransactionByHash: request("getTransactionByHash", { hash }),
  getEpochEndingAtVersion: request("getEpochEndingAtVersion", { version: u64 }),
  getPeers: request("getPeers", {}),
};

/** Any request. */
export const anyRequest: fc.Arbitrary<DataRequest> = fc.oneof(...Object.values(REQUESTS));

/** A list that keeps the rules of the wire: at least one item, no more than the range. */
function listOf(kind: "transactions" | "outputs", v2: boolean, maximum = 5): fc.Arbitrary<TransactionDataList> {
  return fc.record({
    count: fc.integer({ min: 1, max: maximum }),
    firstVersion: fc.bigInt({ min: 0n, max: U64_MAX - 10n }),
    extra: fc.integer({ min: 0, max: 4 }),
    withEvents: fc.boolean(),
  }).chain(({ count, firstVersion, extra, withEvents }) =>
    fc.record({
      list: fc.constant(kind),
      firstVersion: fc.constant(firstVersion),
      lastVersion: fc.constant(firstVersion + BigInt(count + extra - 1)),
      proofVersion: u64,
      transactions: columnOf(count),
      infos: columnOf(count),
      ...(kind === "outputs" || withEvents ? { events: columnOf(count) } : {}),
      ...(kind === "outputs" ? { writeSets: columnOf(count) } : {}),
      ...(v2 ? { auxiliaryInfos: columnOf(count) } : {}),
      proof: fc.record({ leftSiblings: hashes(63), rightSiblings: hashes(63) }),
    })
  ) as fc.Arbitrary<TransactionDataList>;
}

const transactionsOf = (v2: boolean, maximum?: number) =>
  listOf("transactions", v2, maximum) as fc.Arbitrary<TransactionListWithProof>;
const outputsOf = (v2: boolean) => listOf("outputs", v2) as fc.Arbitrary<TransactionOutputListWithProof>;
const eitherOf = (v2: boolean) => fc.oneof(transactionsOf(v2), outputsOf(v2));

const newData = {
  ...known,
  ledgerInfo: payload,
};
const newStream = { ...newData, stream: fc.record({ streamId: u64, streamIndex: u64 }) };

const range = fc.tuple(u64, u64)
  .filter(([low, high]) => low <= high && high - low < U64_MAX)
  .map(([lowest, highest]) => ({ lowest, highest }));
const u32 = fc.nat(0xffff_ffff);

/** One arbitrary for each kind of answer. */
export const RESPONSES: { readonly [kind in DataResponse["kind"]]: fc.Arbitrary<DataResponse> } = {
  epochEndingLedgerInfos: fc.integer({ min: 1, max: 5 }).chain((count) =>
    fc.record({
      kind: fc.constant("epochEndingLedgerInfos" as const),
      firstEpoch: fc.constant(7n),
      lastEpoch: fc.constant(6n + BigInt(count)),
      ledgerInfos: columnOf(count),
    })
  ),
  newTransactionOutputsWithProof: newAnswer("newTransactionOutputsWithProof", outputsOf(false)),
  newTransactionsWithProof: newAnswer("newTransactionsWithProof", transactionsOf(false)),
  numberOfStatesAtVersion: response("numberOfStatesAtVersion", { version: u64, count: u64 }),
  serverProtocolVersion: response("serverProtocolVersion", { protocolVersion: u64 }),
  stateValueChunkWithProof: fc.integer({ min: 1, max: 5 }).chain((count) =>
    fc.record({
      kind: fc.constant("stateValueChunkWithProof" as const),
      version: u64,
      firstIndex: fc.constant(12n),
      lastIndex: fc.constant(17n),
      firstKey: hash,
      lastKey: hash,
      stateKeys: columnOf(count),
      stateValues: columnOf(count),
      proof: fc.record({ rightSiblings: hashes(256) }),
      rootHash: hash,
    })
  ),
  storageServerSummary: fc.record({
    kind: fc.constant("storageServerSummary" as const),
    summary: fc.record({
      protocolMetadata: fc.record({
        maxEpochChunkSize: u32,
        maxStateChunkSize: u32,
        maxTransactionChunkSize: u32,
        maxTransactionOutputChunkSize: u32,
      }),
      dataSummary: fc.record({
        syncedLedgerInfo: payload,
        epochEndingLedgerInfos: range,
        states: range,
        transactions: range,
        transactionOutputs: range,
      }, { requiredKeys: [] }),
      snapshots: fc.array(u64, { maxLength: 4 }),
    }),
  }),
  transactionOutputsWithProof: response("transactionOutputsWithProof", { data: outputsOf(false) }),
  transactionsWithProof: response("transactionsWithProof", { data: transactionsOf(false) }),
  newTransactionsOrOutputsWithProof: newAnswer("newTransactionsOrOutputsWithProof", eitherOf(false)),
  transactionsOrOutputsWithProof: response("transactionsOrOutputsWithProof", { data: eitherOf(false) }),
  transactionDataWithProof: response("transactionDataWithProof", { data: eitherOf(true) }),
  newTransactionDataWithProof: newAnswer("newTransactionDataWithProof", eitherOf(true)),
  stateValuesByKeyHash: response("stateValuesByKeyHash", {
    checkpoint: u64,
    proofVersion: u64,
    values: fc.array(stateValue(), { maxLength: 64 }),
    transactionInfo: payload,
    accumulatorSiblings: hashes(63),
    ledgerInfo: payload,
  }),
  latestLedgerInfo: response("latestLedgerInfo", { ledgerInfo: payload }),
  transactionByHash: fc.oneof(
    response("transactionByHash", { hash }),
    response("transactionByHash", { hash, found: fc.record({ data: transactionsOf(true, 1), ledgerInfo: payload }) }),
  ),
  epochEndingAtVersion: response("epochEndingAtVersion", { version: u64, ledgerInfo: payload }),
  peers: response("peers", { urls: fc.array(fc.webUrl({ size: "small" }), { maxLength: 8 }) }),
};

/** Any answer. */
export const anyResponse: fc.Arbitrary<DataResponse> = fc.oneof(...Object.values(RESPONSES));

function stateValue() {
  const shared = {
    keyHash: hash,
    proof: fc.record(
      { leaf: fc.record({ key: hash, valueHash: hash }), siblings: hashes(20) },
      { requiredKeys: ["siblings"] },
    ),
  };
  return fc.oneof(fc.record(shared), fc.record({ ...shared, stateKey: payload, stateValue: payload }));
}

function request<K extends DataRequest["kind"]>(
  kind: K,
  fields: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<DataRequest & { kind: K }> {
  return fc.record({ kind: fc.constant(kind), ...fields }) as fc.Arbitrary<DataRequest & { kind: K }>;
}

function response(
  kind: DataResponse["kind"],
  fields: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<DataResponse> {
  return fc.record({ kind: fc.constant(kind), ...fields }) as fc.Arbitrary<DataResponse>;
}

function newAnswer(kind: DataResponse["kind"], list: fc.Arbitrary<TransactionDataList>): fc.Arbitrary<DataResponse> {
  return fc.oneof(response(kind, { ...newData, data: list }), response(kind, { ...newStream, data: list }));
}
