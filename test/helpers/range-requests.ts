/**
 * Requests for ranges of transaction data in both generations, and their answers with the bytes they travel as.
 *
 * @module
 */
import { expect } from "vitest";
import type { Column } from "../../core/bytes/column.ts";
import type { TransactionChunk } from "../../core/chain/transaction-chunk.ts";
import type { LedgerReader } from "../../core/ledger/reader.ts";
import type { AnswerLifetime } from "../../core/storage-service/lifetime.ts";
import type { RangeRequest } from "../../core/storage-service/range-answer.ts";
import type { StorageService } from "../../core/storage-service/service.ts";
import type { ProvenVersions } from "../../core/wire/request-types.ts";
import type { TransactionDataType } from "../../core/wire/data-type.ts";
import { encodeResponse, type TransactionDataList } from "../../core/wire/response.ts";

/** Of a request for transaction data. */
type Generation = "V1" | "V2";

/** Both. */
const GENERATIONS: readonly Generation[] = ["V1", "V2"];

/** Far above everything that tests ask for. */
const NO_LIMIT = 0xffff_ffff;

/** One row of the reference's matrix: V1 or V2, events or not. */
export interface RangeRow {
  readonly generation: Generation;
  readonly dataType: TransactionDataType;
}

/** All rows of a kind of list: in both generations, with and without events where one can choose. */
export function rowsOf(kind: TransactionDataType["kind"]): RangeRow[] {
  const dataTypes: TransactionDataType[] = kind === "outputs"
    ? [{ kind }]
    : [{ kind, includeEvents: false }, { kind, includeEvents: true }];
  return GENERATIONS.flatMap((generation) => dataTypes.map((dataType) => ({ generation, dataType })));
}

/** The request of a row. `maxResponseBytes` is said by V2 requests alone. */
export function rangeRequest(
  { generation, dataType }: RangeRow,
  versions: ProvenVersions,
  maxResponseBytes: number = NO_LIMIT,
): RangeRequest {
  if (generation === "V2") return { kind: "getTransactionDataWithProof", dataType, maxResponseBytes, ...versions };
  switch (dataType.kind) {
    case "outputs":
      return { kind: "getTransactionOutputsWithProof", ...versions };
    case "transactions":
      return { kind: "getTransactionsWithProof", includeEvents: dataType.includeEvents, ...versions };
    case "transactionsOrOutputs":
      return { kind: "getTransactionsOrOutputsWithProof", includeEvents: dataType.includeEvents, ...versions };
  }
}

/** A list as it was given. */
export interface GivenList {
  readonly list: TransactionDataList;
  readonly lifetime: AnswerLifetime;
  /** Length of the whole frame. */
  readonly frameBytes: number;
}

/** Asks for a range; the answer must be of the generation of the request. */
export async function listOf(service: StorageService, request: RangeRequest): Promise<GivenList> {
  const { response, lifetime } = await service.answer(request);
  if (!("data" in response)) throw new Error(`The answer is ${response.kind}`);
  const isV2 = request.kind === "getTransactionDataWithProof";
  expect(response.kind).toBe(request.kind.replace(/^getT/, "t"));
  expect(response.data.auxiliaryInfos !== undefined).toBe(isV2);
  return { list: response.data, lifetime, frameBytes: encodeResponse(await service.chain(), response).length };
}

/** Expects a list to hold exactly `count` versions of the ledger from `first` on, and the columns its row asks for. */
export async function expectVersions(
  ledger: LedgerReader,
  { list }: GivenList,
  wanted: { readonly row: RangeRow; readonly first: bigint; readonly count: number },
): Promise<void> {
  const { row: { generation, dataType }, first, count } = wanted;
  const chunk = await ledger.readChunk({ firstVersion: first, count, maxBytes: 2 ** 30 });
  const hasEvents = list.list === "outputs" || (dataType.kind !== "outputs" && dataType.includeEvents);
  const bytesOf = (column: Column | undefined) => column?.bytes;
  expect(list.firstVersion).toBe(first);
  expect(list.transactions.bytes).toEqual(chunk.transactions.bytes);
  expect(list.infos.bytes).toEqual(chunk.infos.bytes);
  expect(bytesOf(list.events)).toEqual(hasEvents ? chunk.events.bytes : undefined);
  expect(bytesOf(list.auxiliaryInfos)).toEqual(generation === "V2" ? chunk.auxiliaryInfos.bytes : undefined);
  expect(list.list === "outputs" ? list.writeSets.bytes : undefined).toEqual(
    list.list === "outputs" ? chunk.writeSets.bytes : undefined,
  );
}

/** The columns that count against the byte limit of a list. V1 lists count like V2 lists, as in the reference. */
export function countedColumns(
  chunk: TransactionChunk,
  list: "outputs" | "transactions",
  includeEvents: boolean,
): Column[] {
  const { transactions, infos, auxiliaryInfos, events, writeSets } = chunk;
  const counted: Column[] = [transactions, infos, auxiliaryInfos];
  if (includeEvents || list === "outputs") counted.push(events);
  if (list === "outputs") counted.push(writeSets);
  return counted;
}
