/**
 * Answers to requests for epoch-ending ledger infos.
 *
 * @module
 */
import { encodeColumn } from "../bytes/column.ts";
import { SyncError } from "../errors.ts";
import type { LedgerReader } from "../ledger/reader.ts";
import { GET_RESPONSE_BYTES, MAX_EPOCH_CHUNK } from "../wire/limits.ts";
import type { GetEpochEndingAtVersion, GetEpochEndingLedgerInfos } from "../wire/request.ts";
import type { EpochEndingAtVersion, EpochEndingLedgerInfos } from "../wire/response.ts";
import { cutList, leadingItems } from "./chunker.ts";
import { listAnswer, pathByteLimit, type ReadAnswer, type ReadParts } from "./read-parts.ts";
import { type ColumnRun, RunSource } from "./run-source.ts";

/** Endings read at a time: one with 100 validators has about 20 KB. */
const EPOCHS_PER_RUN = 16;

/**
 * Reads the endings of consecutive epochs: a prefix of those asked for, at least one.
 *
 * @throws {SyncError} `NOT_SERVICEABLE` if the first one is not there.
 */
export async function readEpochEndings(
  { reader, config, budget }: ReadParts,
  request: GetEpochEndingLedgerInfos,
): Promise<ReadAnswer<EpochEndingLedgerInfos>> {
  const { firstEpoch, lastEpoch } = request;
  const wanted = Number(lastEpoch - firstEpoch + 1n);
  const maxItems = Math.min(wanted, config.maxEpochChunkSize);
  const source = new RunSource(endingRuns(reader, firstEpoch, maxItems), budget);
  const maxBytes = pathByteLimit(config);
  const { count, truncation } = await cutList(source, {
    first: firstEpoch,
    wanted,
    maxItems,
    maxBytes,
    hardMaxBytes: config.maxNetworkChunkBytesV2,
    width: 1,
  }, budget);
  const ledgerInfos = leadingItems(source, 0, count);
  const response: EpochEndingLedgerInfos = { kind: "epochEndingLedgerInfos", firstEpoch, lastEpoch, ledgerInfos };
  return listAnswer(response, {
    range: { first: firstEpoch, last: lastEpoch },
    sharedMaxItems: MAX_EPOCH_CHUNK,
    count,
    truncation,
    maxBytes,
    sharedMaxBytes: GET_RESPONSE_BYTES,
  });
}

async function* endingRuns(reader: LedgerReader, firstEpoch: bigint, count: number): AsyncGenerator<ColumnRun> {
  for (let read = 0; read < count;) {
    const first = firstEpoch + BigInt(read);
    const endings = await reader.epochEndings(first, Math.min(EPOCHS_PER_RUN, count - read));
    if (endings.length === 0) {
      throw new SyncError("NOT_SERVICEABLE", `Cannot read epoch endings: the ending of epoch ${first} is not here`);
    }
    yield [encodeColumn(endings.map(({ bytes }) => bytes))];
    read += endings.length;
  }
}

/**
 * Reads the ledger info that ends the epoch of a version.
 *
 * @throws {SyncError} `NOT_SERVICEABLE` if that epoch is open, or not known here.
 */
export async function readEpochEndingAt(
  reader: LedgerReader,
  { version }: GetEpochEndingAtVersion,
): Promise<EpochEndingAtVersion> {
  const ending = await reader.epochEndingAt(version);
  if (ending === undefined) {
    throw new SyncError(
      "NOT_SERVICEABLE",
      `Cannot read epoch ending: no epoch that has ended holds version ${version}`,
    );
  }
  return { kind: "epochEndingAtVersion", version, ledgerInfo: ending.bytes };
}
