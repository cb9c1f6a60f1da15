/**
 * The peers: what each advertises, how good each is, and how often each was asked.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { Serviceable } from "../wire/can-service.ts";
import { MAX_PEERS } from "../wire/limits.ts";
import { isIgnoredScore, nextScore, type PeerOutcome, STARTING_SCORE } from "./peer-score.ts";

/** One peer as an operator sees it. */
export interface PeerReport {
  /** Base URL. */
  readonly url: string;
  /** 0 to 100; at 25 and below the peer is ignored. */
  readonly score: number;
  /** Requests sent, summaries included. */
  readonly requests: number;
  /** Requests that failed, or whose answers turned out wrong. */
  readonly failures: number;
}

/** What a peer advertised. A claim. */
export interface Advertised {
  /** What it says it can be asked for. */
  readonly serviceable: Serviceable;
  /** The ledger info it says it is synced to, decoded but not verified. */
  readonly ledgerInfo?: LedgerInfoWithSignatures;
}

/** What is known of one peer. */
export interface PeerState extends PeerReport {
  /** What the peer advertised last: a claim. */
  readonly advertised?: Advertised;
  /** Nothing but the summary is asked for before this time ({@link Clock.monotonicMs}): it asked for that, or did not answer. */
  readonly notBeforeMs: number;
  /** Requests in a row, summaries aside, that it did not answer. */
  readonly unanswered: number;
  /** Until this time the peer is asked only where nobody else can answer: something it sent was proven wrong. */
  readonly suspectUntilMs: number;
  /** Why the last summary failed; absent after a success. */
  readonly summaryError?: SyncError | undefined;
  /** The summary is not asked for before this time. */
  readonly nextSummaryMs: number;
  /** Failures to send a summary since the last success. */
  readonly summaryFailures: number;
}

/** A fixed set of peers, each with a state that is replaced as a whole. */
export class PeerTable {
  readonly #peers = new Map<string, PeerState>();

  /**
   * Begins with peers that nothing is known of.
   *
   * @param urls 1 to {@link MAX_PEERS} base URLs; repeated ones count once.
   * @throws {SyncError} `INVALID_ARGUMENT` if there are none, or too many.
   */
  constructor(urls: readonly string[]) {
    for (const url of urls) {
      const unknown = { url, score: STARTING_SCORE, requests: 0, failures: 0 };
      this.#peers.set(url, {
        ...unknown,
        notBeforeMs: 0,
        unanswered: 0,
        suspectUntilMs: 0,
        nextSummaryMs: 0,
        summaryFailures: 0,
      });
    }
    if (this.#peers.size < 1 || this.#peers.size > MAX_PEERS) {
      throw new SyncError(
        "INVALID_ARGUMENT",
        `Cannot use peers: there must be 1 to ${MAX_PEERS}, current value is ${this.#peers.size}`,
      );
    }
  }

  /** Every peer, in the order given. */
  all(): PeerState[] {
    return [...this.#peers.values()];
  }

  /** The peers that are not ignored. */
  usable(): PeerState[] {
    return this.all().filter((peer) => !isIgnoredScore(peer.score));
  }

  /** The state of the peer at `url`. */
  get(url: string): PeerState {
    const state = this.#peers.get(url);
    if (state === undefined) throw new SyncError("INVALID_ARGUMENT", `Cannot use peer ${url}: it is not in the table`);
    return state;
  }

  /** Replaces parts of a peer's state. */
  update(url: string, change: Partial<Omit<PeerState, "url" | "score">>): void {
    this.#peers.set(url, { ...this.get(url), ...change });
  }

  /** Counts a request that is being sent. */
  countRequest(url: string): void {
    this.update(url, { requests: this.get(url).requests + 1 });
  }

  /** Moves the score, and counts a failure. */
  judge(url: string, outcome: PeerOutcome): void {
    const peer = this.get(url);
    const failures = peer.failures + (outcome === "success" ? 0 : 1);
    this.#peers.set(url, { ...peer, failures, score: nextScore(peer.score, outcome) });
  }

  /** The table as an operator sees it. */
  report(): PeerReport[] {
    return this.all().map(({ url, score, requests, failures }) => ({ url, score, requests, failures }));
  }
}
