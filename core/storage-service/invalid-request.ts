/**
 * Which refusals count against the one who asked.
 *
 * The reference counts every request that its summary does not cover. Here an honest client that is a little ahead of us, or
 * a little behind our pruner, does not gather blame: what is just outside the advertised range does not count.
 *
 * Pure.
 *
 * @module
 */
import { isSyncError, type SyncError } from "../errors.ts";
import type { Serviceable } from "../wire/can-service.ts";
import { type DataRequest, type DirectRequest, isWaitingRequest } from "../wire/request-types.ts";
import type { CompleteRange } from "../wire/summary.ts";
import type { StorageServiceConfig } from "./config.ts";

/** The item caps: what "just outside" is measured in. */
export type ItemCaps = Pick<
  StorageServiceConfig,
  "maxEpochChunkSize" | "maxStateChunkSize" | "maxTransactionChunkSize" | "maxTransactionOutputChunkSize"
>;

/** Chunks by which a request may miss the advertised range: one that is asked for ahead, and one that is being synced. */
const CHUNKS_OF_GRACE = 2;

/**
 * Tells whether the refusal of a request counts against the requester.
 *
 * - `INVALID_REQUEST` does: no server could answer it.
 * - `NOT_SERVICEABLE` and `PRUNED` do if what is asked for begins or ends more than two chunks outside what is advertised. A
 *   ledger info that is not here (a newer head, or another one) never does, nor does having no data yet.
 * - Everything else does not: it is about limits of ours, or about the ledger.
 */
export function countsAsInvalid(
  error: unknown,
  request: DataRequest,
  { serviceable, caps }: { serviceable: Serviceable; caps: ItemCaps },
): boolean {
  if (isSyncError(error, "INVALID_REQUEST")) return true;
  if (!isSyncError(error, "NOT_SERVICEABLE") && !isSyncError(error, "PRUNED")) return false;
  if (isWaitingRequest(request)) return false;
  return isFarOut(request, serviceable, caps) || isFarBeyondStates(error, request, caps);
}

/** The number of states is not advertised: only who looked for the index knows. */
function isFarBeyondStates({ detail }: SyncError, request: DirectRequest, caps: ItemCaps): boolean {
  if (request.kind !== "getStateValuesWithProof" || typeof detail["stateCount"] !== "bigint") return false;
  return misses({ lowest: 0n, highest: detail["stateCount"] }, at(request.firstIndex), caps.maxStateChunkSize);
}

function isFarOut(request: DirectRequest, serviceable: Serviceable, caps: ItemCaps): boolean {
  const { epochEndings, states, transactions, outputs, synced } = serviceable;
  const chunk = Math.max(caps.maxTransactionChunkSize, caps.maxTransactionOutputChunkSize);
  switch (request.kind) {
    case "getEpochEndingLedgerInfos":
      return misses(epochEndings, { lowest: request.firstEpoch, highest: request.lastEpoch }, caps.maxEpochChunkSize);
    case "getEpochEndingAtVersion":
      return synced !== undefined && misses({ lowest: 0n, highest: synced.version }, at(request.version), chunk);
    case "getNumberOfStatesAtVersion":
    case "getStateValuesWithProof":
      return misses(states, at(request.version), chunk);
    case "getStateValuesByKeyHash":
      return request.checkpoint !== undefined && misses(states, at(request.checkpoint), chunk);
    default:
      if (!("lastVersion" in request)) return false;
      return misses(transactions ?? outputs, { lowest: request.firstVersion, highest: request.lastVersion }, chunk);
  }
}

function at(version: bigint): CompleteRange {
  return { lowest: version, highest: version };
}

function misses(advertised: CompleteRange | undefined, wanted: CompleteRange, chunk: number): boolean {
  if (advertised === undefined) return false;
  const grace = BigInt(CHUNKS_OF_GRACE * chunk);
  return wanted.highest > advertised.highest + grace || wanted.lowest < advertised.lowest - grace;
}
