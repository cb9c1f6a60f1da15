import { describe, expect, it } from "vitest";
import { encodeColumn } from "../../../core/bytes/column.ts";
import { assertAnswers } from "../../../core/data-client/echo.ts";
import type { DirectRequest } from "../../../core/data-client/answer.ts";
import type { DataResponse, TransactionOutputListWithProof } from "../../../core/wire/response-types.ts";

const column = (count: number) => encodeColumn(Array.from({ length: count }, () => new Uint8Array(1)));
const hash = (byte: number) => new Uint8Array(32).fill(byte);

const OUTPUTS: TransactionOutputListWithProof = {
  list: "outputs",
  firstVersion: 8n,
  lastVersion: 15n,
  proofVersion: 100n,
  transactions: column(4),
  infos: column(4),
  events: column(4),
  writeSets: column(4),
  auxiliaryInfos: column(4),
  proof: { leftSiblings: new Uint8Array(0), rightSiblings: new Uint8Array(0) },
};
const ASK_OUTPUTS: DirectRequest = {
  kind: "getTransactionDataWithProof",
  firstVersion: 8n,
  lastVersion: 15n,
  proofVersion: 100n,
  dataType: { kind: "outputs" },
  maxResponseBytes: 1000,
};
const outputs = (change: Partial<TransactionOutputListWithProof>): DataResponse => ({
  kind: "transactionDataWithProof",
  data: { ...OUTPUTS, ...change },
});

const ASK_EPOCHS: DirectRequest = { kind: "getEpochEndingLedgerInfos", firstEpoch: 4n, lastEpoch: 7n };
const epochs = (firstEpoch: bigint, lastEpoch: bigint, count: number): DataResponse => ({
  kind: "epochEndingLedgerInfos",
  firstEpoch,
  lastEpoch,
  ledgerInfos: column(count),
});

const ASK_STATES: DirectRequest = { kind: "getStateValuesWithProof", version: 9n, firstIndex: 0n, lastIndex: 3n };
const states = (change: object): DataResponse => ({
  kind: "stateValueChunkWithProof",
  version: 9n,
  firstIndex: 0n,
  lastIndex: 3n,
  firstKey: hash(1),
  lastKey: hash(2),
  stateKeys: column(4),
  stateValues: column(4),
  proof: { rightSiblings: new Uint8Array(0) },
  rootHash: hash(3),
  ...change,
});

const ASK_KEYS: DirectRequest = {
  kind: "getStateValuesByKeyHash",
  checkpoint: 9n,
  proofVersion: 20n,
  keyHashes: new Uint8Array([...hash(1), ...hash(2)]),
};
const value = (keyHash: Uint8Array) => ({ keyHash, proof: { siblings: new Uint8Array(0) } });
const values = (change: object): DataResponse => ({
  kind: "stateValuesByKeyHash",
  checkpoint: 9n,
  proofVersion: 20n,
  values: [value(hash(1)), value(hash(2))],
  transactionInfo: new Uint8Array(0),
  accumulatorSiblings: new Uint8Array(0),
  ledgerInfo: new Uint8Array(0),
  ...change,
});

describe("echo of the request", () => {
  it.each<[string, DirectRequest, DataResponse]>([
    ["outputs", ASK_OUTPUTS, outputs({})],
    ["one item", ASK_EPOCHS, epochs(4n, 7n, 1)],
    ["all items", ASK_EPOCHS, epochs(4n, 7n, 4)],
    ["states", ASK_STATES, states({})],
    ["values", ASK_KEYS, values({})],
    ["hash", { kind: "getTransactionByHash", hash: hash(5) }, { kind: "transactionByHash", hash: hash(5) }],
  ])("accepts %s", (_, request, answer) => {
    expect(() => assertAnswers(request, answer)).not.toThrow();
  });

  it.each<[string, DirectRequest, DataResponse]>([
    ["another kind of answer", ASK_EPOCHS, outputs({})],
    ["another first version", ASK_OUTPUTS, outputs({ firstVersion: 7n })],
    ["another last version", ASK_OUTPUTS, outputs({ lastVersion: 16n })],
    ["another proof version", ASK_OUTPUTS, outputs({ proofVersion: 101n })],
    ["another list", { ...ASK_OUTPUTS, dataType: { kind: "transactions", includeEvents: true } }, outputs({})],
    ["an empty list", ASK_OUTPUTS, outputs({ transactions: column(0), infos: column(0) })],
    [
      "more than was asked for",
      ASK_OUTPUTS,
      outputs({
        transactions: column(9),
        infos: column(9),
        events: column(9),
        writeSets: column(9),
        auxiliaryInfos: column(9),
      }),
    ],
    ["fewer infos", ASK_OUTPUTS, outputs({ infos: column(3) })],
    ["fewer events", ASK_OUTPUTS, outputs({ events: column(3) })],
    ["more write sets", ASK_OUTPUTS, outputs({ writeSets: column(5) })],
    ["fewer auxiliary infos", ASK_OUTPUTS, outputs({ auxiliaryInfos: column(0) })],
    ["another first epoch", ASK_EPOCHS, epochs(3n, 7n, 4)],
    ["another last epoch", ASK_EPOCHS, epochs(4n, 8n, 4)],
    ["no epoch endings", ASK_EPOCHS, epochs(4n, 7n, 0)],
    ["too many epoch endings", ASK_EPOCHS, epochs(4n, 7n, 5)],
    ["states of another version", ASK_STATES, states({ version: 8n })],
    ["states of another first index", ASK_STATES, states({ firstIndex: 1n })],
    ["states of another last index", ASK_STATES, states({ lastIndex: 4n })],
    ["no states", ASK_STATES, states({ stateKeys: column(0), stateValues: column(0) })],
    ["fewer state values than keys", ASK_STATES, states({ stateValues: column(3) })],
    ["another checkpoint", ASK_KEYS, values({ checkpoint: 8n })],
    ["values in another ledger info", ASK_KEYS, values({ proofVersion: 21n })],
    ["fewer values", ASK_KEYS, values({ values: [value(hash(1))] })],
    ["values of other keys", ASK_KEYS, values({ values: [value(hash(2)), value(hash(1))] })],
    ["another hash", { kind: "getTransactionByHash", hash: hash(5) }, { kind: "transactionByHash", hash: hash(6) }],
    [
      "the ending of another version",
      { kind: "getEpochEndingAtVersion", version: 3n },
      { kind: "epochEndingAtVersion", version: 4n, ledgerInfo: hash(0) },
    ],
    [
      "the count of another version",
      { kind: "getNumberOfStatesAtVersion", version: 3n },
      { kind: "numberOfStatesAtVersion", version: 4n, count: 1n },
    ],
  ])("refuses %s", (_, request, answer) => {
    expect(() => assertAnswers(request, answer)).toThrow(expect.objectContaining({ code: "RESPONSE_MISMATCH" }));
  });
});
