/**
 * Optimistic fetches: requests for whatever comes after a known version, answered at once if it is there, else as soon as
 * it is.
 *
 * Fetches that ask the same wait as one group: when there is something new, one answer is made, and all of them get that
 * very frame. So a new version costs as many reads as there are different fetches, however many clients wait.
 *
 * Source: storage-service §3.3 of the reference. A fetch here belongs to a held request instead of a peer, so none replaces
 * another; and every failure is answered.
 *
 * @module
 */
import type { OptimisticRequest } from "../wire/request-types.ts";
import type { AnswerFrame } from "./answer-frame.ts";
import { assertGeneration } from "./generation.ts";
import type { StorageServiceConfig } from "./config.ts";
import { type FetchGroup, FetchGroups, groupOf } from "./fetch-groups.ts";
import { createHeldRequests, type HeldRequest } from "./held-request.ts";
import { type LedgerView, versionOf } from "./ledger-view.ts";
import { FAILURE, networkLabel, requestLabel, SUCCESS } from "./metric-labels.ts";
import {
  OPTIMISTIC_FETCH_ADD,
  OPTIMISTIC_FETCH_COUNT,
  OPTIMISTIC_FETCH_EVENTS,
  OPTIMISTIC_FETCH_EXPIRE,
  OPTIMISTIC_FETCH_LATENCY,
} from "./metrics.ts";
import { derivedRequest, newDataFrame } from "./new-data.ts";
import { createNewDataSource } from "./new-data-source.ts";
import type { Requester } from "./requester.ts";
import { isBehind } from "./target-ledger-info.ts";
import { nothingNew, serverEnds, tooMany, type WaitingParts } from "./waiting-parts.ts";

/** Optimistic fetches of one server. */
export interface OptimisticFetches {
  /** Fetches that wait or are being answered. */
  readonly count: number;
  /**
   * Answers a fetch.
   *
   * @param signal Aborting rejects with `signal.reason`, and the fetch waits no longer.
   * @throws {SyncError} `NOT_SERVICEABLE` if nothing new came in time, the server ends, or V2 is switched off;
   *   `TOO_MANY_REQUESTS` with `detail.retryAfterMs` if too many wait or are being answered; `INVALID_REQUEST` if the known version is not in the
   *   known epoch; what reading the data throws.
   */
  answer(request: OptimisticRequest, requester: Requester, signal?: AbortSignal): Promise<AnswerFrame>;
  /** Refuses all that wait, and from now on all that would. Idempotent. */
  stop(): void;
}

/** Creates a place for fetches to wait in. */
export function createOptimisticFetches(parts: WaitingParts): OptimisticFetches {
  const { watch, config, metrics, clock } = parts;
  const serve = groupServer(parts);
  const groups = new FetchGroups();
  const headChanged = () => {
    const { view } = watch;
    if (view === undefined) return;
    for (const group of groups.takeBehind(view.latest)) void serve(group, view);
  };
  const expire = (nowMs: number) => {
    const periodMs = config.maxOptimisticFetchPeriodMs;
    for (const [fetch, request] of groups.takeArrivedBy(nowMs - periodMs)) {
      metrics.increment(OPTIMISTIC_FETCH_EVENTS, [fetch.network, OPTIMISTIC_FETCH_EXPIRE]);
      fetch.refuse(nothingNew(request, periodMs));
    }
  };
  const waiter = { headChanged, expire };
  const held = createHeldRequests({ watch, waiter, metrics, gauge: OPTIMISTIC_FETCH_COUNT });
  let isStopped = false;

  /** @throws {SyncError} if it must not wait. */
  function wait(request: OptimisticRequest, requester: Requester, hold: () => HeldRequest): HeldRequest {
    if (isStopped) throw serverEnds(request);
    assertMayWait(groups, requester, config);
    const fetch = hold();
    groups.add(fetch, request, requester.address);
    return fetch;
  }

  /** @throws {SyncError} if too many are being answered. */
  function assertMayBeServed(requester: Requester): void {
    const limit = config.maxNetworkChannelSize;
    const isFull = held.count - groups.size >= limit;
    if (isFull && !requester.trusted) throw tooMany("optimistic fetches that are being answered", limit);
  }

  function serveAtOnce(request: OptimisticRequest, view: LedgerView, hold: () => HeldRequest): HeldRequest {
    const fetch = hold();
    void serve(groupOf(fetch, request), view);
    return fetch;
  }

  return {
    get count() {
      return held.count;
    },
    async answer(request, requester, signal) {
      const arrivedMs = clock.monotonicMs();
      signal?.throwIfAborted();
      assertGeneration(request, config);
      metrics.increment(OPTIMISTIC_FETCH_EVENTS, [networkLabel(requester), OPTIMISTIC_FETCH_ADD]);
      await watch.look();
      signal?.throwIfAborted();
      // From here on nothing waits before the fetch is in its place: a head that comes now finds it there.
      const { view } = watch;
      const hold = () => held.hold(requester, { arrivedMs, signal, onAbort: (fetch) => groups.remove(fetch) });
      const isReady = view !== undefined && isBehind(request, view.latest);
      if (!isReady) return await wait(request, requester, hold).frame;
      assertMayBeServed(requester);
      return await serveAtOnce(request, view, hold).frame;
    },
    stop() {
      isStopped = true;
      for (const [fetch, request] of groups.takeArrivedBy(Infinity)) fetch.refuse(serverEnds(request));
    },
  };
}

/**
 * Waiting costs a client nothing, so one that means harm would take all places and keep them. Those that the operator trusts
 * take places too, and are never refused one.
 *
 * @throws {SyncError} `TOO_MANY_REQUESTS` if as many wait as may.
 */
function assertMayWait(
  groups: FetchGroups,
  { trusted, address }: Requester,
  config: Pick<StorageServiceConfig, "maxActiveOptimisticFetches" | "maxActiveOptimisticFetchesPerPeer">,
): void {
  if (trusted) return;
  const { maxActiveOptimisticFetches: most, maxActiveOptimisticFetchesPerPeer: mostOfOne } = config;
  if (groups.size >= most) throw tooMany("optimistic fetches", most);
  if (groups.sizeOf(address) >= mostOfOne) throw tooMany("optimistic fetches of one address", mostOfOne);
}

/** Makes the answer for a group, and ends the waiting of all in it. Never rejects. */
function groupServer(parts: WaitingParts): (group: FetchGroup, view: LedgerView) => Promise<void> {
  const { frames, room, config, metrics, clock } = parts;
  const source = createNewDataSource(parts);

  async function makeFrame({ key, request }: FetchGroup, view: LedgerView): Promise<AnswerFrame> {
    const target = await source.target(request, view);
    const derived = derivedRequest(request, { knownVersion: request.knownVersion, target }, config);
    return await frames.shared(derived, `new ${key} ${versionOf(target)}`, async () => {
      const { list, mayBeKept } = await source.list(derived);
      const maxBytes = config.maxNetworkChunkBytesV2;
      const encode = () => newDataFrame({ chain: view.chain, request, list, target, maxBytes });
      return { frame: await room.turn(encode, { isUrgent: true }), chain: view.chain, mayBeKept };
    });
  }

  return async (group, view) => {
    const settle = (result: string, end: (fetch: HeldRequest) => void) => {
      for (const fetch of group.fetches) {
        if (fetch.isOver) continue;
        const labels = [fetch.network, requestLabel(group.request), result];
        metrics.observe(OPTIMISTIC_FETCH_LATENCY, labels, (clock.monotonicMs() - fetch.arrivedMs) / 1000);
        end(fetch);
      }
    };
    try {
      const frame = await makeFrame(group, view);
      settle(SUCCESS, (fetch) => fetch.answer(frame));
    } catch (error) {
      settle(FAILURE, (fetch) => fetch.refuse(error));
    }
  };
}
