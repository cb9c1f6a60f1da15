/**
 * The data client: one request in, one checked answer out, whichever peer it came from.
 *
 * It knows the peers and what each advertises, picks the best that can answer, moves on to the next when one fails, and
 * waits and tries again when all failed for now. This is the only loop in the project that tries a request again.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { type ChainContext, ZERO_HASH } from "../chain/hash.ts";
import { isSyncError, SyncError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Random } from "../ports/random.ts";
import type { Transport } from "../ports/transport.ts";
import type { Answer, DirectRequest, DirectRequestKind, DirectResponse } from "./answer.ts";
import { type Attempts, isUnreachable, mayAnswerLater, openPeers } from "./attempts.ts";
import { responseTimeoutMs, retryDelayMs } from "./backoff.ts";
import { type DataClientConfig, DEFAULT_DATA_CLIENT_CONFIG } from "./config.ts";
import { type GlobalSummary, globalSummaryOf } from "./global-summary.ts";
import { choosePeer, type Question } from "./peer-choice.ts";
import { PeerConversation } from "./peer-conversation.ts";
import { type PeerReport, type PeerState, PeerTable } from "./peer-table.ts";
import { isRefusal } from "./refusal.ts";
import { createSummaryPoller } from "./summary-poller.ts";

/** Sends requests to whichever peer is best. Calls may run at the same time. */
export interface DataClient {
  /**
   * One answer of any peer that can give it.
   *
   * The answer is of the right kind, repeats the request and names the right chain; nothing else about it is verified.
   * Ranges may be answered by a prefix of at least one item.
   *
   * @throws {SyncError} What the last peer failed with, when none is left to ask: a fault of the peer, transient, or its
   *   refusal (`INVALID_REQUEST`, `NOT_A_CHECKPOINT`, `PRUNED`, `TOO_LARGE`), which says nothing about the call.
   * @throws {SyncError} `NO_PEERS` if no peer advertises what is needed, or all are ignored.
   */
  request<K extends DirectRequestKind>(
    request: DirectRequest<K>,
    signal?: AbortSignal,
  ): Promise<Answer<DirectResponse<K>>>;
  /**
   * Asks every peer for its summary, ignored ones too, so that they can come back; peers that keep failing pause.
   *
   * Tries again, as a request does, while no peer that is not ignored answered.
   *
   * @throws {SyncError} What a peer failed with, if none answered in the end; `NO_PEERS` if all are ignored.
   */
  refreshSummaries(signal?: AbortSignal): Promise<void>;
  /** What the peers that are not ignored advertised last. */
  globalSummary(): GlobalSummary;
  /** Lowers a peer's score for something that `error` proves or suggests. */
  blame(peer: string, error: SyncError): void;
  /** Tells whether any peer is not ignored. */
  hasUsablePeers(): boolean;
  /** 32 bytes: the chain that requests name and answers must be of; zeros while unknown. */
  chain(): Uint8Array;
  /**
   * Fixes the chain, once something trusted tells it.
   *
   * @param chain 32-byte value of the genesis waypoint. Copied.
   * @throws {SyncError} `NETWORK_MISMATCH` if another one is fixed already.
   */
  pinChain(chain: Uint8Array): void;
  /** Bytes of all answers received so far. */
  receivedBytes(): number;
  /** The peers as an operator sees them, in the order given. */
  peers(): PeerReport[];
}

/** What a data client is made of. */
export interface DataClientOptions {
  /** How peers are reached. */
  readonly transport: Transport;
  /** Base URLs. */
  readonly peers: readonly string[];
  /** The chain's rules. */
  readonly context: ChainContext;
  /** 32-byte value of the genesis waypoint, if it is known; pinned from the start. */
  readonly chain?: Uint8Array;
  /** Time for pauses and timeouts. */
  readonly clock: Clock;
  /** Spreads pauses, and decides between equals. */
  readonly random: Random;
  /** Told of every peer at fault. */
  readonly log: Log;
  /** Bounds that differ from the defaults. @default {DEFAULT_DATA_CLIENT_CONFIG} */
  readonly config?: Partial<DataClientConfig>;
}

/**
 * Creates a data client. Sends nothing by itself.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if the list of peers is empty or too long.
 */
export function createDataClient(options: DataClientOptions): DataClient {
  return new RetryingDataClient(options);
}

class RetryingDataClient implements DataClient {
  readonly #options: DataClientOptions;
  readonly #config: DataClientConfig;
  readonly #table: PeerTable;
  readonly #conversation: PeerConversation;
  readonly #poll: (signal?: AbortSignal) => Promise<void>;
  #chain: Uint8Array;

  constructor(options: DataClientOptions) {
    this.#options = options;
    this.#config = { ...DEFAULT_DATA_CLIENT_CONFIG, ...options.config };
    this.#table = new PeerTable(options.peers);
    this.#chain = options.chain?.slice() ?? ZERO_HASH;
    const { transport, clock, log, context } = options;
    const shared = { table: this.#table, clock, config: this.#config };
    this.#conversation = new PeerConversation({ ...shared, transport, log });
    this.#poll = createSummaryPoller({
      ...shared,
      profile: context.profile,
      ask: (peer, signal) =>
        this.#ask(peer, { kind: "getStorageServerSummary" }, this.#config.summaryTimeoutMs, signal),
    });
  }

  async request<K extends DirectRequestKind>(
    request: DirectRequest<K>,
    signal?: AbortSignal,
  ): Promise<Answer<DirectResponse<K>>> {
    const attempts: Attempts = { out: new Set() };
    for (let round = 0; round < this.#config.maxAttempts; round++) {
      if (round > 0) {
        await this.#pause(round, openPeers(this.#table.usable(), attempts, this.#question(request)), signal);
      }
      const answer = await this.#askAll(request, attempts, round, signal);
      if (answer !== undefined) return answer;
      if (!mayAnswerLater(this.#table.usable(), attempts, this.#question(request))) break;
    }
    throw attempts.last ?? this.#nobody(request);
  }

  async refreshSummaries(signal?: AbortSignal): Promise<void> {
    for (let round = 0; round < this.#config.maxAttempts; round++) {
      if (round > 0) await this.#pause(round, [], signal);
      await this.#poll(signal);
      const usable = this.#table.usable();
      if (usable.some((peer) => peer.summaryError === undefined)) return;
      if (usable.every(isUnreachable)) break;
    }
    throw this.#nobody({ kind: "getStorageServerSummary" });
  }

  globalSummary(): GlobalSummary {
    return globalSummaryOf(this.#table.usable());
  }

  blame(peer: string, error: SyncError): void {
    this.#conversation.blame(peer, error);
  }

  hasUsablePeers(): boolean {
    return this.#table.usable().length > 0;
  }

  chain(): Uint8Array {
    return this.#chain;
  }

  pinChain(chain: Uint8Array): void {
    if (!equalBytes(this.#chain, ZERO_HASH) && !equalBytes(this.#chain, chain)) {
      throw new SyncError("NETWORK_MISMATCH", "Cannot pin chain: another one is pinned already");
    }
    this.#chain = chain.slice();
  }

  receivedBytes(): number {
    return this.#conversation.receivedBytes;
  }

  peers(): PeerReport[] {
    return this.#table.report();
  }

  /** One round: every peer that can answer, best first, until one does. */
  async #askAll<K extends DirectRequestKind>(
    request: DirectRequest<K>,
    attempts: Attempts,
    round: number,
    signal: AbortSignal | undefined,
  ): Promise<Answer<DirectResponse<K>> | undefined> {
    const tried = new Set(attempts.out);
    let canRefresh = true;
    for (;;) {
      const peer = this.#choose(request, tried);
      if (peer === undefined) {
        if (!canRefresh) return undefined;
        canRefresh = false;
        await this.#poll(signal);
        continue;
      }
      canRefresh = round > 0 && canRefresh;
      tried.add(peer);
      try {
        return await this.#ask(peer, request, responseTimeoutMs(this.#config, round), signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!isSyncError(error)) throw error;
        attempts.last = error;
        if (isRefusal(error)) attempts.out.add(peer);
      }
    }
  }

  #question(request: DirectRequest): Question {
    const nowMs = this.#options.clock.nowMs();
    return { request, freshness: { nowMs, maxOptimisticFetchLagSecs: 0, maxSubscriptionLagSecs: 0 } };
  }

  #choose(request: DirectRequest, tried: ReadonlySet<string>): string | undefined {
    const { clock, random } = this.#options;
    const candidates = this.#table.usable().filter((peer) => !tried.has(peer.url));
    return choosePeer(candidates, { ...this.#question(request), random, monotonicMs: clock.monotonicMs() })?.url;
  }

  #ask<K extends DirectRequestKind>(
    peer: string,
    request: DirectRequest<K>,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Answer<DirectResponse<K>>> {
    return this.#conversation.ask(peer, { request, chain: this.#chain, timeoutMs }, signal);
  }

  /** Waits before a round: as long as the backoff says, and until one of `peers` may be asked again. */
  #pause(round: number, peers: readonly PeerState[], signal: AbortSignal | undefined): Promise<void> {
    const { clock, random } = this.#options;
    const earliest = Math.min(...peers.map((peer) => peer.notBeforeMs));
    const pausedMs = Number.isFinite(earliest) ? earliest - clock.monotonicMs() : 0;
    return clock.sleep(Math.max(pausedMs, retryDelayMs(this.#config, round, random.next())), signal);
  }

  #nobody(request: DirectRequest): SyncError {
    const failure = this.#table.usable().find((peer) => peer.summaryError !== undefined)?.summaryError;
    if (failure !== undefined) return failure;
    const reason = this.hasUsablePeers() ? "no peer advertises it" : "all peers are ignored";
    return new SyncError("NO_PEERS", `Cannot send ${request.kind}: ${reason}`, {
      detail: { peers: this.#table.all().length, usable: this.#table.usable().length },
    });
  }
}
