/**
 * Exchanges with single peers, each of which counts for or against the peer.
 *
 * @module
 */
import { isSyncError, type SyncError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Transport } from "../ports/transport.ts";
import { MAX_RETRY_AFTER_MS } from "../wire/limits.ts";
import type { Answer, DirectRequest, DirectRequestKind, DirectResponse } from "./answer.ts";
import { peerPauseMs } from "./backoff.ts";
import type { DataClientConfig } from "./config.ts";
import { exchange } from "./exchange.ts";
import { outcomeOfError } from "./peer-score.ts";
import type { PeerTable } from "./peer-table.ts";
import { isRefusal } from "./refusal.ts";

/** What exchanges need. */
export interface PeerConversationOptions {
  /** Who the peers are; changed by every exchange. */
  readonly table: PeerTable;
  /** How peers are reached. */
  readonly transport: Transport;
  /** When suspicion and pauses end. */
  readonly clock: Clock;
  /** Told of every fault. */
  readonly log: Log;
  /** The bounds. */
  readonly config: DataClientConfig;
}

/** Talks to the peers of a table. */
export class PeerConversation {
  readonly #options: PeerConversationOptions;
  #receivedBytes = 0;

  /** Sends nothing yet. */
  constructor(options: PeerConversationOptions) {
    this.#options = options;
  }

  /** Bytes of all answers received so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /**
   * One exchange with one peer.
   *
   * @param question.chain 32 bytes; zeros if unknown.
   * @throws {SyncError} As {@link exchange}; the failure has been counted, unless it is an abort.
   */
  async ask<K extends DirectRequestKind>(
    peer: string,
    question: { readonly request: DirectRequest<K>; readonly chain: Uint8Array; readonly timeoutMs: number },
    signal: AbortSignal | undefined,
  ): Promise<Answer<DirectResponse<K>>> {
    const { table, transport, config } = this.#options;
    const { request, timeoutMs } = question;
    const maxResponseBytes = isSummary(request) ? config.maxSummaryBytes : config.maxResponseBytes;
    const limits = { timeoutMs, maxResponseBytes };
    table.countRequest(peer);
    try {
      const { payload, chain, bytes } = await exchange(request, {
        peer,
        chain: question.chain,
        transport,
        limits,
        signal,
      });
      this.#receivedBytes += bytes;
      table.judge(peer, "success");
      if (!isSummary(request)) table.update(peer, { unanswered: 0 });
      return { payload, context: { peer, chain, bytes, blame: this.#blameOnce(peer) } };
    } catch (error) {
      // An abort is the caller's, whatever its reason is, and no peer's fault.
      signal?.throwIfAborted();
      if (isSyncError(error)) {
        this.blame(peer, error);
        if (!isSummary(request)) this.#pause(peer, error);
      }
      throw error;
    }
  }

  /** Lowers a peer's score for what `error` says about it. */
  blame(peer: string, error: SyncError): void {
    const { table, clock, log, config } = this.#options;
    const { code, message } = error;
    const outcome = outcomeOfError(error);
    table.judge(peer, outcome);
    if (outcome === "malicious") table.update(peer, { suspectUntilMs: clock.monotonicMs() + config.suspicionMs });
    log.warn("peer is at fault", { peer, code, message, score: table.get(peer).score });
  }

  /** A peer that asks for a pause gets it, up to a limit; one that does not answer gets a longer one each time. */
  #pause(peer: string, error: SyncError): void {
    if (isRefusal(error)) return;
    const { table, clock, config } = this.#options;
    const unanswered = table.get(peer).unanswered + 1;
    const { retryAfterMs } = error.detail;
    const asked = typeof retryAfterMs === "number" ? Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) : 0;
    const pauseMs = Math.max(asked, peerPauseMs(config, unanswered));
    table.update(peer, { unanswered, notBeforeMs: clock.monotonicMs() + pauseMs });
  }

  #blameOnce(peer: string): (error: SyncError) => void {
    let blamed = false;
    return (error) => {
      if (!blamed) this.blame(peer, error);
      blamed = true;
    };
  }
}

function isSummary({ kind }: DirectRequest): boolean {
  return kind === "getStorageServerSummary";
}
