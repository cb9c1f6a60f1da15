/**
 * Answers to requests for epoch-ending ledger infos.
 *
 * @module
 */
import { encodeColumn, sliceColumn } from "../bytes/column.ts";
import { SyncError } from "../errors.ts";
import type { LedgerReader } from "../ledger/reader.ts";
import type { GetEpochEndingAtVersion, GetEpochEndingLedgerInfos } from "../wire/request.ts";
import type { EpochEndingAtVersion, EpochEndingLedgerInfos } from "../wire/response.ts";
import { answerCount } from "./chunker.ts";
import type { StorageServiceConfig } from "./config.ts";

/**
 * Reads the endings of consecutive epochs: a prefix of those asked for, at least one.
 *
 * @throws {SyncError} `NOT_SERVICEABLE` if the first one is not there.
 */
export async function readEpochEndings(
  reader: LedgerReader,
  config: StorageServiceConfig,
  request: GetEpochEndingLedgerInfos,
): Promise<EpochEndingLedgerInfos> {
  const { firstEpoch, lastEpoch } = request;
  const wanted = Number(lastEpoch - firstEpoch + 1n);
  const list = await reader.epochEndings(firstEpoch, Math.min(wanted, config.maxEpochChunkSize));
  if (list.length === 0) {
    throw new SyncError("NOT_SERVICEABLE", `Cannot read epoch endings: the ending of epoch ${firstEpoch} is not here`);
  }
  const all = encodeColumn(list.map(({ bytes }) => bytes));
  const count = answerCount([all], {
    first: firstEpoch,
    wanted,
    maxBytes: config.maxNetworkChunkBytes,
    hardMaxBytes: config.maxNetworkChunkBytesV2,
  });
  return { kind: "epochEndingLedgerInfos", firstEpoch, lastEpoch, ledgerInfos: sliceColumn(all, 0, count) };
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
