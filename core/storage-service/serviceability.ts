/**
 * Whether a request makes sense and can be answered from what is stored: `core/wire/can-service.ts` applied to the ledger.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import { type Refusal, refusalOf } from "../wire/can-service.ts";
import type { DataRequest, DirectRequest } from "../wire/request-types.ts";
import type { LedgerView, LedgerViews } from "./ledger-view.ts";

/** Optimistic and subscription requests do not end here, so how old the head may be for them does not matter here. */
const NO_WAITING = { maxOptimisticFetchLagSecs: 0, maxSubscriptionLagSecs: 0 };

/**
 * The view in which a request can be answered; the ledger is looked at again before one is refused.
 *
 * @throws {SyncError} `INVALID_REQUEST`, `NOT_SERVICEABLE`, `PRUNED` with `detail.lowest`, or `NOT_A_CHECKPOINT` with
 *   `detail.checkpoint`.
 */
export async function serviceableView(
  request: DirectRequest,
  { views, clock }: { readonly views: LedgerViews; readonly clock: Clock },
): Promise<LedgerView> {
  assertMeaningful(request);
  const freshness = { nowMs: clock.nowMs(), ...NO_WAITING };
  const view = await views.current();
  const refusal = refusalOf(view.serviceable, request, freshness);
  if (refusal === undefined) return view;
  if (refusal.code === "INVALID_REQUEST") throw refusalError(request, refusal, view);
  const newer = await views.refreshed();
  const stillRefusal = refusalOf(newer.serviceable, request, freshness);
  if (stillRefusal !== undefined) throw refusalError(request, stillRefusal, newer);
  return newer;
}

/** Rules that hold whatever is stored. Those about ranges and what is here are in `core/wire/can-service.ts`. */
function assertMeaningful(request: DirectRequest): void {
  if (!("lastVersion" in request)) return;
  const { firstVersion, lastVersion, proofVersion } = request;
  if (lastVersion < firstVersion || lastVersion <= proofVersion) return;
  throw new SyncError(
    "INVALID_REQUEST",
    `Cannot prove versions up to ${lastVersion}: they must not be above proof version ${proofVersion}`,
  );
}

function refusalError(request: DataRequest, refusal: Refusal, { serviceable }: LedgerView): SyncError {
  const version = stateVersionOf(request);
  const { synced, states } = serviceable;
  if (
    version !== undefined && refusal.code === "NOT_SERVICEABLE" && synced !== undefined && states !== undefined &&
    version > states.highest && version <= synced.version
  ) {
    return new SyncError(
      "NOT_A_CHECKPOINT",
      `Cannot read state: version ${version} is not a checkpoint, the one below is ${states.highest}`,
      { detail: { checkpoint: states.highest } },
    );
  }
  const detail = refusal.lowest === undefined ? {} : { lowest: refusal.lowest };
  return new SyncError(refusal.code, `Cannot answer ${request.kind}: ${refusal.reason}`, { detail });
}

function stateVersionOf(request: DataRequest): bigint | undefined {
  if (request.kind === "getStateValuesByKeyHash") return request.checkpoint;
  const ofState = request.kind === "getNumberOfStatesAtVersion" || request.kind === "getStateValuesWithProof";
  return ofState ? request.version : undefined;
}
