/**
 * What the attempts to have one request answered leave behind, and what they say about trying on. Pure: time is an argument.
 *
 * @module
 */
import type { SyncError } from "../errors.ts";
import { canService } from "../wire/can-service.ts";
import type { Question } from "./peer-choice.ts";
import type { PeerState } from "./peer-table.ts";
import { isRefusal } from "./refusal.ts";

/** What the attempts for one request left behind. */
export interface Attempts {
  /** Base URLs of the peers that are not asked again for this request: they answered wrongly, or refused. */
  readonly out: Set<string>;
  /** The last failure. */
  last?: SyncError;
}

/** Tells whether the last summary failed in a way that asking again does not mend. */
export function isUnreachable({ summaryError }: PeerState): boolean {
  return summaryError !== undefined && isRefusal(summaryError);
}

/** Those of `peers` that may still answer. */
export function openPeers(peers: readonly PeerState[], attempts: Attempts, question: Question): PeerState[] {
  return peers.filter((peer) => !isOut(peer, attempts) && hasIt(peer, question));
}

/**
 * Tells whether waiting can help: some peer is only busy or out of reach, and none is there that simply has less.
 *
 * Where one has less, the caller can ask for that instead of waiting for one that promised more.
 */
export function mayAnswerLater(peers: readonly PeerState[], attempts: Attempts, question: Question): boolean {
  const open = peers.filter((peer) => !isOut(peer, attempts));
  const heard = open.filter((peer) => peer.advertised !== undefined && peer.summaryError === undefined);
  return open.length > 0 && heard.every((peer) => hasIt(peer, question));
}

/** A peer that has refused this request, or that never showed what it has and answers something else instead. */
function isOut(peer: PeerState, attempts: Attempts): boolean {
  return attempts.out.has(peer.url) || (peer.advertised === undefined && isUnreachable(peer));
}

/** A peer that nothing is known of may have everything. */
function hasIt({ advertised }: PeerState, { request, freshness }: Question): boolean {
  return advertised === undefined || canService(advertised.serviceable, request, freshness);
}
