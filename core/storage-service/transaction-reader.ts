/**
 * Answers to requests for transactions and outputs of a range.
 *
 * @module
 */
import type { TransactionChunk } from "../chain/transaction-chunk.ts";
import { SyncError } from "../errors.ts";
import type { TransactionDataType } from "../wire/data-type.ts";
import type { ProvenVersions } from "../wire/request.ts";
import type { TransactionDataList } from "../wire/response.ts";
import { cutList, leadingItems, type ListCut, type ListLimits, tryList } from "./chunker.ts";
import type { ReadParts } from "./read-parts.ts";
import type { Truncation } from "./response-progress.ts";
import { type ColumnRun, RunSource } from "./run-source.ts";

/** Columns of a run, so ordered that each list holds the first few of them. */
const COLUMNS = ["transactions", "infos", "auxiliaryInfos", "events", "writeSets"] as const;
const WITHOUT_EVENTS = 3;
const WITH_EVENTS = 4;
const OUTPUTS = 5;

/** A range of transaction data that was found serviceable. */
export interface DataRangeRequest extends ProvenVersions {
  /** Which lists are wanted. */
  readonly dataType: TransactionDataType;
  /** Most bytes of the answer as far as the request decides; one item is always allowed. */
  readonly maxBytes: number;
  /** Last version that an answer may reach: the end of the epoch of `firstVersion`, or the newest version. */
  readonly lastReadable: bigint;
}

/** A list, and why it holds less than was asked for and allowed, if it does. */
export interface CutDataList {
  /** The list. */
  readonly list: TransactionDataList;
  /** Absent if it holds all of that, and no other list was tried in vain because time was up. */
  readonly truncation?: Truncation;
}

/**
 * Reads a list with its proof: a prefix of the range, at least one item, within one epoch. One pass over storage, also
 * where outputs do not fit and transactions are sent instead.
 *
 * @throws {SyncError} `TOO_LARGE` if the first item alone is above the server's limit.
 */
export async function readDataList(parts: ReadParts, request: DataRangeRequest): Promise<CutDataList> {
  const { reader, config, budget } = parts;
  const wanted = availableItems(request);
  const { dataType, firstVersion } = request;
  const most = Math.max(config.maxTransactionChunkSize, config.maxTransactionOutputChunkSize);
  const source = new RunSource(
    columnRuns(reader.transactionRuns({ firstVersion, count: Math.min(wanted, most) })),
    budget,
  );
  try {
    const outputs = limitsOf(parts, request, { wanted, width: OUTPUTS });
    if (dataType.kind === "outputs") return await dataList(parts, request, source, outputs);
    const transactions = limitsOf(parts, request, {
      wanted,
      width: dataType.includeEvents ? WITH_EVENTS : WITHOUT_EVENTS,
    });
    const isEither = dataType.kind === "transactionsOrOutputs";
    const trial = isEither ? await tryList(source, outputs, budget) : undefined;
    if (trial?.holdsEverything) return await dataList(parts, request, source, outputs);
    source.narrow(transactions.width);
    const cut = await dataList(parts, request, source, transactions);
    return trial?.truncation === "time" ? { ...cut, truncation: "time" } : cut;
  } finally {
    await source.close();
  }
}

/** The list without its auxiliary infos, as V1 requests want it. */
export function withoutAuxiliaryInfos<L extends TransactionDataList>(list: L): L {
  const { auxiliaryInfos: _, ...rest } = list;
  return rest as L;
}

async function* columnRuns(runs: AsyncIterable<TransactionChunk>): AsyncGenerator<ColumnRun> {
  for await (const run of runs) yield COLUMNS.map((name) => run[name]);
}

function limitsOf(
  { config }: ReadParts,
  { firstVersion, maxBytes }: DataRangeRequest,
  { wanted, width }: { wanted: number; width: number },
): ListLimits {
  return {
    first: firstVersion,
    wanted,
    maxItems: width === OUTPUTS ? config.maxTransactionOutputChunkSize : config.maxTransactionChunkSize,
    maxBytes,
    hardMaxBytes: config.maxNetworkChunkBytesV2,
    width,
  };
}

async function dataList(
  { reader, budget }: ReadParts,
  { firstVersion, lastVersion, proofVersion }: DataRangeRequest,
  source: RunSource,
  limits: ListLimits,
): Promise<CutDataList> {
  const { count, truncation }: ListCut = await cutList(source, limits, budget);
  const column = (name: typeof COLUMNS[number]) => leadingItems(source, COLUMNS.indexOf(name), count);
  const proven = {
    firstVersion,
    lastVersion,
    proofVersion,
    transactions: column("transactions"),
    infos: column("infos"),
    auxiliaryInfos: column("auxiliaryInfos"),
    proof: await reader.rangeProof({ firstVersion, count, proofVersion }),
  };
  const list: TransactionDataList = limits.width === OUTPUTS
    ? { list: "outputs", ...proven, events: column("events"), writeSets: column("writeSets") }
    : { list: "transactions", ...proven, ...(limits.width === WITH_EVENTS ? { events: column("events") } : {}) };
  return truncation === undefined ? { list } : { list, truncation };
}

/** Number of versions asked for that are there and of the first one's epoch. Beyond 2⁵³ it is not exact, nor need be. */
function availableItems({ firstVersion, lastVersion, lastReadable }: DataRangeRequest): number {
  const last = lastVersion < lastReadable ? lastVersion : lastReadable;
  if (last < firstVersion) {
    throw new SyncError("NOT_SERVICEABLE", `Cannot read versions from ${firstVersion}: the last one here is ${last}`);
  }
  return Number(last - firstVersion + 1n);
}
