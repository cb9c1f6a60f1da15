/**
 * Answers to requests for a transaction by its hash.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import type { GetTransactionByHash } from "../wire/request.ts";
import type { TransactionByHash } from "../wire/response.ts";
import { latestOf, type LedgerView, versionOf } from "./ledger-view.ts";
import type { ReadAnswer, ReadParts } from "./read-parts.ts";
import { readDataList } from "./transaction-reader.ts";

/**
 * Finds a transaction, with its events, proven in the ledger info that ends its epoch or in the newest one. That there is
 * none is said, not proven.
 *
 * @throws {SyncError} `TOO_LARGE` if it is above the server's limit.
 */
export async function transactionByHashAnswer(
  parts: ReadParts,
  view: LedgerView,
  { hash }: GetTransactionByHash,
): Promise<ReadAnswer<TransactionByHash>> {
  const { reader, config } = parts;
  const latest = latestOf(view);
  const version = await reader.transactionVersion(hash);
  if (version === undefined || version > versionOf(latest)) {
    return { response: { kind: "transactionByHash", hash }, lifetime: "second" };
  }
  const ending = await reader.epochEndingAt(version);
  const ledgerInfo = ending !== undefined && versionOf(ending) <= versionOf(latest) ? ending : latest;
  // What the answer holds besides the list counts as well; its hash fits what is set aside for every answer's overhead.
  const maxBytes = config.maxNetworkChunkBytesV2 - ledgerInfo.bytes.length;
  const { list } = await readDataList({ ...parts, config: { ...config, maxNetworkChunkBytesV2: maxBytes } }, {
    dataType: { kind: "transactions", includeEvents: true },
    firstVersion: version,
    lastVersion: version,
    proofVersion: versionOf(ledgerInfo),
    maxBytes,
    lastReadable: version,
  });
  if (list.list !== "transactions") throw new SyncError("INTERNAL", "Cannot answer: the reader gave outputs");
  const found = { data: list, ledgerInfo: ledgerInfo.bytes };
  return { response: { kind: "transactionByHash", hash, found }, lifetime: "second" };
}
