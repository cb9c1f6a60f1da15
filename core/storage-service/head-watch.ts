/**
 * Watches the head of the ledger for everybody who waits for what comes next.
 *
 * However many wait, one loop looks at the ledger, once every refresh interval, and it runs only while somebody waits. Who
 * knows of a commit tells at once. Source: storage-service §3.1–§3.2 of the reference, whose handlers tick by themselves
 * all the time.
 *
 * @module
 */
import { isSyncError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { isUnknownChain } from "../wire/frame.ts";
import type { StorageServiceConfig } from "./config.ts";
import { type LedgerView, type LedgerViews, versionOf } from "./ledger-view.ts";

/** Something in which requests wait. Its methods must not throw. */
export interface HeadWaiter {
  /** There is a newer ledger info: the one of `watch.view`. */
  headChanged(): void;
  /**
   * Called at every tick, at least ten times a second: ends what has waited long enough.
   *
   * @param nowMs Time of the monotonic clock.
   */
  expire(nowMs: number): void;
}

/** Tells waiters of a newer head. */
export interface HeadWatch {
  /** The view with the newest ledger info that anybody saw; absent before the first. */
  readonly view: LedgerView | undefined;
  /**
   * Looks at the ledger as it was at most one refresh interval ago; waiters hear of what is newer.
   *
   * @throws {SyncError} What reading the ledger's progress throws.
   */
  look(): Promise<void>;
  /** Takes a view that somebody read; waiters hear of it if its ledger info is newer. Once for each newer head. */
  changed(view: LedgerView): void;
  /** From now on `waiter` is called, and the ledger is looked at for it. Idempotent. */
  join(waiter: HeadWaiter): void;
  /** `waiter` is called no longer. After the last one left, nothing runs. Idempotent. */
  leave(waiter: HeadWaiter): void;
}

/** What a watch is made of. */
export interface HeadWatchParts {
  /** Where the head is seen. */
  readonly views: LedgerViews;
  /** Wakes the loop. */
  readonly clock: Clock;
  /** How often to look. */
  readonly config: Pick<StorageServiceConfig, "storageSummaryRefreshIntervalMs">;
  /** Told when the ledger cannot be looked at. */
  readonly log: Log;
}

/** Longest tick, in milliseconds: what waits is over at most this much too late. The reference's. */
const MAX_TICK_MS = 100;

/** Shortest tick, in milliseconds: with a refresh interval of 0, waiting must not become a busy loop. */
const MIN_TICK_MS = 10;

/** Why a loop ends. Without a reason, each abort would build an exception with a stack. */
const NOBODY_WAITS = "nobody waits";

/** Creates a watch that does nothing yet. */
export function createHeadWatch(parts: HeadWatchParts): HeadWatch {
  const { views, log } = parts;
  const waiters = new Set<HeadWaiter>();
  let view: LedgerView | undefined;
  let loop: AbortController | undefined;
  let isFailing = false;

  function changed(seen: LedgerView): void {
    if (!isNewer(seen, view)) return;
    view = seen;
    for (const waiter of waiters) waiter.headChanged();
  }

  /** Takes what `read` gives. Of failures in a row, the first is logged. */
  async function lookWith(read: () => Promise<LedgerView>): Promise<void> {
    try {
      changed(await read());
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.error("Cannot look at the ledger for requests that wait", reasonOf(error));
      isFailing = true;
      throw error;
    }
  }

  const poll = withoutOverlap(() => lookWith(() => views.refreshed()));

  return {
    get view() {
      return view;
    },
    look: () => lookWith(() => views.current()),
    changed,
    join(waiter) {
      waiters.add(waiter);
      if (loop !== undefined) return;
      loop = new AbortController();
      void runLoop(parts, { waiters, poll, signal: loop.signal });
    },
    leave(waiter) {
      if (!waiters.delete(waiter) || waiters.size > 0) return;
      loop?.abort(NOBODY_WAITS);
      loop = undefined;
    },
  };
}

function isNewer({ latest, chain }: LedgerView, than: LedgerView | undefined): boolean {
  if (latest === undefined) return false;
  if (than?.latest === undefined || versionOf(latest) > versionOf(than.latest)) return true;
  // The name of the chain may become known at the same head.
  return versionOf(latest) === versionOf(than.latest) && isUnknownChain(than.chain) && !isUnknownChain(chain);
}

function reasonOf(error: unknown): { code?: string; reason: string } {
  return isSyncError(error) ? { code: error.code, reason: error.message } : { reason: String(error) };
}

/** Does nothing while the call before is under way, so that a slow store is not asked again and again; never rejects. */
function withoutOverlap(work: () => Promise<void>): () => Promise<void> {
  let isUnderWay = false;
  return async () => {
    if (isUnderWay) return;
    isUnderWay = true;
    try {
      await work();
    } catch {
      // It was logged; those who wait go on waiting.
    } finally {
      isUnderWay = false;
    }
  };
}

/** What one run of the loop serves. Aborting its signal ends it. */
interface LoopRun {
  readonly waiters: ReadonlySet<HeadWaiter>;
  readonly poll: () => Promise<void>;
  readonly signal: AbortSignal;
}

async function runLoop({ clock, config }: HeadWatchParts, { waiters, poll, signal }: LoopRun): Promise<void> {
  const intervalMs = config.storageSummaryRefreshIntervalMs;
  const ticksPerPoll = Math.max(1, Math.ceil(intervalMs / MAX_TICK_MS));
  const tickMs = Math.max(MIN_TICK_MS, Math.ceil(intervalMs / ticksPerPoll));
  for (let tick = 1; await slept(clock, tickMs, signal); tick++) {
    const nowMs = clock.monotonicMs();
    for (const waiter of waiters) waiter.expire(nowMs);
    // Not awaited: requests must expire also while the store does not answer. The last one may have left just now.
    if (tick % ticksPerPoll === 0 && !signal.aborted) void poll();
  }
}

/** False once the loop is to end. */
async function slept(clock: Clock, delayMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(delayMs, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
