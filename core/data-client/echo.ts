/**
 * Does the answer repeat the question? A cache that mixed two up, and a peer that answers something else, are recognised here.
 *
 * Pure. Says nothing about whether an answer is true.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { SyncError } from "../errors.ts";
import type { ProvenVersions } from "../wire/request-types.ts";
import type { TransactionDataList } from "../wire/response-types.ts";
import { ANSWER_KINDS, type DirectRequest, type DirectRequestKind, type DirectResponse } from "./answer.ts";

type EchoChecks = {
  readonly [K in DirectRequestKind]: (request: DirectRequest<K>, answer: DirectResponse<K>) => void;
};

const CHECKS: EchoChecks = {
  getEpochEndingLedgerInfos(request, answer) {
    same("first epoch", request.firstEpoch, answer.firstEpoch);
    same("last epoch", request.lastEpoch, answer.lastEpoch);
    const epochs = request.lastEpoch - request.firstEpoch + 1n;
    between("number of epoch endings", answer.ledgerInfos.count, epochs);
  },
  getNumberOfStatesAtVersion(request, answer) {
    same("version", request.version, answer.version);
  },
  getServerProtocolVersion() {},
  getStateValuesWithProof(request, answer) {
    same("version", request.version, answer.version);
    same("first index", request.firstIndex, answer.firstIndex);
    same("last index", request.lastIndex, answer.lastIndex);
    const values = request.lastIndex - request.firstIndex + 1n;
    between("number of state keys", answer.stateKeys.count, values);
    same("number of state values", BigInt(answer.stateKeys.count), BigInt(answer.stateValues.count));
  },
  getStorageServerSummary() {},
  getTransactionDataWithProof(request, { data }) {
    const { kind } = request.dataType;
    if (kind !== "transactionsOrOutputs" && kind !== data.list) throw mismatch("list", kind, data.list);
    sameList(request, data);
  },
  getStateValuesByKeyHash(request, answer) {
    if (request.checkpoint !== undefined) same("checkpoint", request.checkpoint, answer.checkpoint);
    if (request.proofVersion !== undefined) same("proof version", request.proofVersion, answer.proofVersion);
    same("number of values", BigInt(request.keyHashes.length / 32), BigInt(answer.values.length));
    answer.values.forEach((value, i) => {
      sameHash("key hash", request.keyHashes.subarray(32 * i, 32 * i + 32), value.keyHash);
    });
  },
  getLatestLedgerInfo() {},
  getTransactionByHash(request, answer) {
    sameHash("hash", request.hash, answer.hash);
  },
  getEpochEndingAtVersion(request, answer) {
    same("version", request.version, answer.version);
  },
  getPeers() {},
};

/**
 * Demands that `answer` is of the kind that `request` asks for, and repeats its parameters; and that a list is not empty,
 * not longer than asked for, and equally long in every column.
 *
 * @throws {SyncError} `RESPONSE_MISMATCH` if not.
 */
export function assertAnswers<K extends DirectRequestKind>(
  request: DirectRequest<K>,
  answer: { readonly kind: string },
): asserts answer is DirectResponse<K> {
  const kind = (request as DirectRequest).kind as K;
  if (answer.kind !== ANSWER_KINDS[kind]) throw mismatch("kind", ANSWER_KINDS[kind], answer.kind);
  CHECKS[kind](request, answer as DirectResponse<K>);
}

function sameList(request: ProvenVersions, data: TransactionDataList): void {
  same("first version", request.firstVersion, data.firstVersion);
  same("last version", request.lastVersion, data.lastVersion);
  same("proof version", request.proofVersion, data.proofVersion);
  const { count } = data.transactions;
  between("number of transactions", count, request.lastVersion - request.firstVersion + 1n);
  const writeSets = data.list === "outputs" ? data.writeSets : undefined;
  for (const column of [data.infos, data.events, writeSets, data.auxiliaryInfos]) {
    if (column !== undefined) same("number of items", BigInt(count), BigInt(column.count));
  }
}

function same(what: string, expected: bigint, value: bigint): void {
  if (expected !== value) throw mismatch(what, expected, value);
}

function sameHash(what: string, expected: Uint8Array, value: Uint8Array): void {
  if (!equalBytes(expected, value)) throw new SyncError("RESPONSE_MISMATCH", `Cannot use answer: ${what} is another`);
}

function between(what: string, count: number, maximum: bigint): void {
  if (count >= 1 && BigInt(count) <= maximum) return;
  throw new SyncError(
    "RESPONSE_MISMATCH",
    `Cannot use answer: ${what} must be 1 to ${maximum}, current value is ${count}`,
  );
}

function mismatch(what: string, expected: bigint | string, value: bigint | string): SyncError {
  return new SyncError(
    "RESPONSE_MISMATCH",
    `Cannot use answer: ${what} must be ${expected}, current value is ${value}`,
  );
}
