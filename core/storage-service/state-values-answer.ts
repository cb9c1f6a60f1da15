/**
 * Answers to requests for state values by key hash: which checkpoint is read, and which ledger info proves it.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { LedgerReader } from "../ledger/reader.ts";
import type { GetStateValuesByKeyHash } from "../wire/request.ts";
import type { StateValuesByKeyHash } from "../wire/response.ts";
import { latestOf, type LedgerView, type LedgerViews, versionOf } from "./ledger-view.ts";
import type { ReadAnswer, ReadParts } from "./read-parts.ts";
import { readStateValues, type StateValuesTarget } from "./state-reader.ts";

/**
 * Reads state values with proofs, at the checkpoint and in the ledger info asked for. Where only one of them is, the other is
 * the newest that goes with it; where none is, both are the newest.
 *
 * @throws {SyncError} `NOT_A_CHECKPOINT` if the version is none; `NOT_SERVICEABLE` if the ledger info is not kept here.
 */
export async function stateValuesAnswer(
  parts: ReadParts,
  { views, view }: { readonly views: LedgerViews; readonly view: LedgerView },
  request: GetStateValuesByKeyHash,
): Promise<ReadAnswer<StateValuesByKeyHash>> {
  const { reader } = parts;
  const latest = latestOf(view);
  const checkpoint = request.checkpoint ?? await newestCheckpoint(reader, request.proofVersion ?? versionOf(latest));
  const ending = await reader.epochEndingAt(checkpoint);
  const { target, ended } = proofTarget(checkpoint, request.proofVersion, { latest, ending, views });
  const response = await readStateValues(parts, request, target);
  if (request.checkpoint === undefined || request.proofVersion === undefined) return { response, lifetime: "second" };
  return { response, lifetime: ended ? "immutable" : "minute" };
}

/** The ledger info at the proof version asked for, or the one that ends the epoch, or the newest. */
function proofTarget(
  checkpoint: bigint,
  proofVersion: bigint | undefined,
  { latest, ending, views }: {
    latest: LedgerInfoWithSignatures;
    ending: LedgerInfoWithSignatures | undefined;
    views: LedgerViews;
  },
): { target: StateValuesTarget; ended: boolean } {
  const latestVersion = versionOf(latest);
  const endVersion = ending === undefined ? undefined : versionOf(ending);
  const ended = endVersion !== undefined && endVersion <= latestVersion;
  const preferred = ended && ending !== undefined ? ending : latest;
  if (proofVersion === undefined || proofVersion === versionOf(preferred)) {
    return { target: { checkpoint, ledgerInfo: preferred }, ended };
  }
  const recent = proofVersion === latestVersion ? latest : views.recentLedgerInfo(proofVersion);
  if (recent !== undefined) return { target: { checkpoint, ledgerInfo: recent }, ended: false };
  throw new SyncError(
    "NOT_SERVICEABLE",
    `Cannot prove state in a ledger info at version ${proofVersion}: none but those that end an epoch and the newest are ` +
      `kept, the one here is at ${versionOf(preferred)}`,
  );
}

/** The newest checkpoint that a ledger info at `version` proves. */
async function newestCheckpoint(reader: LedgerReader, version: bigint): Promise<bigint> {
  const checkpoint = await reader.checkpointAtOrBelow(version);
  if (checkpoint !== undefined) return checkpoint;
  throw new SyncError(
    "NOT_SERVICEABLE",
    `Cannot read state: there is no checkpoint at or below version ${version} here`,
  );
}
