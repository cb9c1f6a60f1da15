/**
 * Which peer to ask. Pure: time and chance are arguments.
 *
 * @module
 */
import type { Random } from "../ports/random.ts";
import { canService, type FreshnessRules } from "../wire/can-service.ts";
import type { DirectRequest } from "./answer.ts";
import type { PeerState } from "./peer-table.ts";

/** What is to be asked, and when: what decides whether a peer has it. */
export interface Question {
  /** What is to be asked. */
  readonly request: DirectRequest;
  /** For requests that wait at the head. */
  readonly freshness: FreshnessRules;
}

/** What a choice depends on besides the peers. */
export interface PeerChoice extends Question {
  /** {@link Clock.monotonicMs}. */
  readonly monotonicMs: number;
  /** Decides between equals. */
  readonly random: Random;
}

/**
 * The best of `candidates` that says it can answer: one that is not under suspicion, then the highest score, then chance.
 *
 * A peer that asked for a pause is not chosen before it is over.
 *
 * @returns `undefined` if none can.
 */
export function choosePeer(candidates: readonly PeerState[], choice: PeerChoice): PeerState | undefined {
  let best: PeerState[] = [];
  for (const peer of candidates) {
    if (!canAnswer(peer, choice)) continue;
    const order = best[0] === undefined ? 1 : compare(peer, best[0], choice.monotonicMs);
    if (order > 0) best = [peer];
    else if (order === 0) best.push(peer);
  }
  return best.length <= 1 ? best[0] : best[Math.floor(choice.random.next() * best.length)];
}

function canAnswer({ advertised, notBeforeMs }: PeerState, choice: PeerChoice): boolean {
  if (advertised === undefined || notBeforeMs > choice.monotonicMs) return false;
  return canService(advertised.serviceable, choice.request, choice.freshness);
}

/** Positive if `left` is better. */
function compare(left: PeerState, right: PeerState, nowMs: number): number {
  const suspicion = Number(right.suspectUntilMs > nowMs) - Number(left.suspectUntilMs > nowMs);
  return suspicion !== 0 ? suspicion : left.score - right.score;
}
