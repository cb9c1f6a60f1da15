/**
 * Answers to requests for transactions and outputs of a range.
 *
 * @module
 */
import { type Column, concatColumns } from "../bytes/column.ts";
import { sliceTransactionChunk, type TransactionChunk } from "../chain/transaction-chunk.ts";
import { SyncError } from "../errors.ts";
import type { LedgerReader } from "../ledger/reader.ts";
import type { TransactionDataType } from "../wire/data-type.ts";
import type { ProvenVersions } from "../wire/request.ts";
import type { TransactionDataList, TransactionListWithProof } from "../wire/response.ts";
import { answerCount, fittingItems } from "./chunker.ts";
import type { StorageServiceConfig } from "./config.ts";

/** A range of transaction data that was found serviceable. */
export interface DataRangeRequest extends ProvenVersions {
  /** Which lists are wanted. */
  readonly dataType: TransactionDataType;
  /** Most bytes of the answer, by the request and by the server; one item is always allowed. */
  readonly maxBytes: number;
  /** Last version that an answer may reach: the end of the epoch of `firstVersion`, or the newest version. */
  readonly lastReadable: bigint;
}

/**
 * Reads a list with its proof: a prefix of the range, at least one item, within one epoch.
 *
 * @throws {SyncError} `TOO_LARGE` if the first item alone is above the server's limit.
 */
export async function readDataList(
  reader: LedgerReader,
  config: StorageServiceConfig,
  request: DataRangeRequest,
): Promise<TransactionDataList> {
  if (request.dataType.kind === "transactions") {
    return await readTransactions(reader, config, request, request.dataType.includeEvents);
  }
  const wanted = wantedItems(request, config.maxTransactionOutputChunkSize);
  const chunk = await readItems(reader, request, wanted, outputColumns);
  const columns = outputColumns(chunk);
  if (request.dataType.kind === "transactionsOrOutputs" && fittingItems(columns, request.maxBytes) < wanted) {
    return await readTransactions(reader, config, request, request.dataType.includeEvents);
  }
  const count = itemsOfAnswer(columns, request, config);
  const { transactions, infos, events, writeSets, auxiliaryInfos } = sliceTransactionChunk(chunk, 0, count);
  const proof = await proofOf(reader, request, count);
  return { list: "outputs", ...echo(request), transactions, infos, events, writeSets, auxiliaryInfos, proof };
}

async function readTransactions(
  reader: LedgerReader,
  config: StorageServiceConfig,
  request: DataRangeRequest,
  includeEvents: boolean,
): Promise<TransactionListWithProof> {
  const columnsOf = includeEvents ? columnsWithEvents : columnsWithoutEvents;
  const chunk = await readItems(reader, request, wantedItems(request, config.maxTransactionChunkSize), columnsOf);
  const count = itemsOfAnswer(columnsOf(chunk), request, config);
  const { transactions, infos, events, auxiliaryInfos } = sliceTransactionChunk(chunk, 0, count);
  const proof = await proofOf(reader, request, count);
  const list = { list: "transactions", ...echo(request), transactions, infos, auxiliaryInfos, proof } as const;
  return includeEvents ? { ...list, events } : list;
}

/** The list without its auxiliary infos, as V1 requests want it. */
export function withoutAuxiliaryInfos<L extends TransactionDataList>(list: L): L {
  const { auxiliaryInfos: _, ...rest } = list;
  return rest as L;
}

/**
 * Reads `wanted` items, or fewer if those already exceed the byte limit. The store returns everything in one pass unless
 * its own bound, which also counts columns that are not asked for, is reached before.
 */
async function readItems(
  reader: LedgerReader,
  request: DataRangeRequest,
  wanted: number,
  columnsOf: (chunk: TransactionChunk) => readonly Column[],
): Promise<TransactionChunk> {
  const { firstVersion, maxBytes } = request;
  let chunk = await reader.readChunk({ firstVersion, count: wanted, maxBytes });
  while (chunk.count < wanted && fittingItems(columnsOf(chunk), maxBytes) === chunk.count) {
    const next = firstVersion + BigInt(chunk.count);
    chunk = joined(chunk, await reader.readChunk({ firstVersion: next, count: wanted - chunk.count, maxBytes }));
  }
  return chunk;
}

function joined(left: TransactionChunk, right: TransactionChunk): TransactionChunk {
  return {
    firstVersion: left.firstVersion,
    count: left.count + right.count,
    transactions: concatColumns([left.transactions, right.transactions]),
    infos: concatColumns([left.infos, right.infos]),
    events: concatColumns([left.events, right.events]),
    writeSets: concatColumns([left.writeSets, right.writeSets]),
    auxiliaryInfos: concatColumns([left.auxiliaryInfos, right.auxiliaryInfos]),
  };
}

function proofOf(reader: LedgerReader, { firstVersion, proofVersion }: DataRangeRequest, count: number) {
  return reader.rangeProof({ firstVersion, count, proofVersion });
}

function echo({ firstVersion, lastVersion, proofVersion }: ProvenVersions): ProvenVersions {
  return { firstVersion, lastVersion, proofVersion };
}

function itemsOfAnswer(columns: readonly Column[], request: DataRangeRequest, config: StorageServiceConfig): number {
  return answerCount(columns, {
    first: request.firstVersion,
    wanted: availableItems(request),
    maxBytes: request.maxBytes,
    hardMaxBytes: config.maxNetworkChunkBytesV2,
  });
}

/** Number of versions asked for that are there and of the first one's epoch. Beyond 2⁵³ it is not exact, nor need be. */
function availableItems({ firstVersion, lastVersion, lastReadable }: DataRangeRequest): number {
  const last = lastVersion < lastReadable ? lastVersion : lastReadable;
  if (last < firstVersion) {
    throw new SyncError("NOT_SERVICEABLE", `Cannot read versions from ${firstVersion}: the last one here is ${last}`);
  }
  return Number(last - firstVersion + 1n);
}

function wantedItems(request: DataRangeRequest, cap: number): number {
  return Math.min(availableItems(request), cap);
}

function outputColumns(chunk: TransactionChunk): readonly Column[] {
  return [...columnsWithEvents(chunk), chunk.writeSets];
}

function columnsWithEvents(chunk: TransactionChunk): readonly Column[] {
  return [...columnsWithoutEvents(chunk), chunk.events];
}

function columnsWithoutEvents({ transactions, infos, auxiliaryInfos }: TransactionChunk): readonly Column[] {
  return [transactions, infos, auxiliaryInfos];
}
