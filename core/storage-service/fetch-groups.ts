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
import { dataTypeOf, limitStep } from "./new-data.ts";
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

/** A text that two fetches share exactly if they get the same. */
function fetchKey(request: OptimisticRequest): string {
  const dataType = dataTypeOf(request);
  const events = dataType.kind !== "outputs" && dataType.includeEvents;
  const maxBytes = "maxResponseBytes" in request ? limitStep(request.maxResponseBytes) : "";
  const { knownVersion, knownEpoch } = request;
  return [REQUEST_VARIANTS[request.kind], knownVersion, knownEpoch, dataType.kind, events, maxBytes].join(" ");
}

interface GrowingGroup extends FetchGroup {
  readonly fetches: Set<HeldRequest>;
}

/** Where a fetch waits, and whose it is. */
interface Place {
  readonly group: GrowingGroup;
  readonly address: string | undefined;
}

/** The fetches that wait. */
export class FetchGroups {
  readonly #groups = new Map<string, GrowingGroup>();
  /** In order of arrival. */
  readonly #places = new Map<HeldRequest, Place>();
  readonly #sizes = new Map<string | undefined, number>();

  /** Number of fetches. */
  get size(): number {
    return this.#places.size;
  }

  /** Number of fetches of an address; those that have none count as of one. */
  sizeOf(address: string | undefined): number {
    return this.#sizes.get(address) ?? 0;
  }

  /** Adds one that is not here yet; none that is here came later. */
  add(fetch: HeldRequest, request: OptimisticRequest, address: string | undefined): void {
    const key = fetchKey(request);
    const group = this.#groups.get(key) ?? { key, request, fetches: new Set() };
    group.fetches.add(fetch);
    this.#groups.set(key, group);
    this.#places.set(fetch, { group, address });
    this.#sizes.set(address, this.sizeOf(address) + 1);
  }

  /** Takes one out, wherever it is. */
  remove(fetch: HeldRequest): void {
    const group = this.#leave(fetch);
    group?.fetches.delete(fetch);
    if (group?.fetches.size === 0) this.#groups.delete(group.key);
  }

  /** Takes out all groups that know less than `latest` has. */
  takeBehind(latest: LedgerInfoWithSignatures | undefined): FetchGroup[] {
    const behind = [...this.#groups.values()].filter(({ request }) => isBehind(request, latest));
    for (const { key, fetches } of behind) {
      this.#groups.delete(key);
      for (const fetch of fetches) this.#leave(fetch);
    }
    return behind;
  }

  /** Takes out all that came at `arrivedMs` or before. */
  takeArrivedBy(arrivedMs: number): (readonly [HeldRequest, OptimisticRequest])[] {
    const taken: (readonly [HeldRequest, OptimisticRequest])[] = [];
    for (const [fetch, { group: { request } }] of this.#places) {
      if (fetch.arrivedMs > arrivedMs) break;
      taken.push([fetch, request]);
      this.remove(fetch);
    }
    return taken;
  }

  /** Frees its place. */
  #leave(fetch: HeldRequest): GrowingGroup | undefined {
    const place = this.#places.get(fetch);
    if (place === undefined) return undefined;
    this.#places.delete(fetch);
    const left = this.sizeOf(place.address) - 1;
    if (left === 0) this.#sizes.delete(place.address);
    else this.#sizes.set(place.address, left);
    return place.group;
  }
}
