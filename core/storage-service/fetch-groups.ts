/**
 * Optimistic fetches that wait: in groups that ask the same, and in order of arrival.
 *
 * Pure: no clock, no I/O. Every operation takes constant time for each fetch or group that it returns, except that looking
 * for groups that are behind looks at each.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { type OptimisticRequest, REQUEST_VARIANTS } from "../wire/request-types.ts";
import type { HeldRequest } from "./held-request.ts";
import { dataTypeOf } from "./new-data.ts";
import { isBehind } from "./target-ledger-info.ts";

/** Fetches that ask the same, and so get the same answer. */
export interface FetchGroup {
  /** Names what they ask. */
  readonly key: string;
  /** What they ask. */
  readonly request: OptimisticRequest;
  /** At least one. */
  readonly fetches: ReadonlySet<HeldRequest>;
}

/** A group of one. */
export function groupOf(fetch: HeldRequest, request: OptimisticRequest): FetchGroup {
  return { key: fetchKey(request), request, fetches: new Set([fetch]) };
}

/** A text that two fetches share exactly if they ask the same. */
function fetchKey(request: OptimisticRequest): string {
  const dataType = dataTypeOf(request);
  const events = dataType.kind !== "outputs" && dataType.includeEvents;
  const maxBytes = "maxResponseBytes" in request ? request.maxResponseBytes : "";
  const { knownVersion, knownEpoch } = request;
  return [REQUEST_VARIANTS[request.kind], knownVersion, knownEpoch, dataType.kind, events, maxBytes].join(" ");
}

interface GrowingGroup extends FetchGroup {
  readonly fetches: Set<HeldRequest>;
}

/** The fetches that wait. */
export class FetchGroups {
  readonly #groups = new Map<string, GrowingGroup>();
  /** In order of arrival. */
  readonly #groupOf = new Map<HeldRequest, GrowingGroup>();

  /** Number of fetches. */
  get size(): number {
    return this.#groupOf.size;
  }

  /** Adds one that is not here yet; none that is here came later. */
  add(fetch: HeldRequest, request: OptimisticRequest): void {
    const key = fetchKey(request);
    const group = this.#groups.get(key) ?? { key, request, fetches: new Set() };
    group.fetches.add(fetch);
    this.#groups.set(key, group);
    this.#groupOf.set(fetch, group);
  }

  /** Takes one out, wherever it is. */
  remove(fetch: HeldRequest): void {
    const group = this.#groupOf.get(fetch);
    this.#groupOf.delete(fetch);
    group?.fetches.delete(fetch);
    if (group?.fetches.size === 0) this.#groups.delete(group.key);
  }

  /** Takes out all groups that know less than `latest` has. */
  takeBehind(latest: LedgerInfoWithSignatures | undefined): FetchGroup[] {
    const behind = [...this.#groups.values()].filter(({ request }) => isBehind(request, latest));
    for (const { key, fetches } of behind) {
      this.#groups.delete(key);
      for (const fetch of fetches) this.#groupOf.delete(fetch);
    }
    return behind;
  }

  /** Takes out all that came at `arrivedMs` or before. */
  takeArrivedBy(arrivedMs: number): (readonly [HeldRequest, OptimisticRequest])[] {
    const taken: (readonly [HeldRequest, OptimisticRequest])[] = [];
    for (const [fetch, { request }] of this.#groupOf) {
      if (fetch.arrivedMs > arrivedMs) break;
      taken.push([fetch, request]);
      this.remove(fetch);
    }
    return taken;
  }
}
