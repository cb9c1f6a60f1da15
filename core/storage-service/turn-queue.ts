/**
 * Who waits for a turn, in which order, and for how long.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";

/** Milliseconds that one waits. Far longer than an honest burst takes; clients give up at ten seconds. */
const MAX_WAIT_MS = 5_000;
/** Milliseconds from one look for those that waited too long to the next. */
const SWEEP_MS = 250;
/** Milliseconds after which whoever had no turn is told to come back. */
const RETRY_AFTER_MS = 1_000;

/** One object for all: to make an exception takes longer than all the rest. */
const NOBODY_WAITS = Symbol("nobody waits");

interface Waiter {
  readonly sinceMs: number;
  readonly begin: () => void;
  readonly refuse: (error: SyncError) => void;
}

/** Those that wait for a turn. */
export class TurnQueue {
  readonly #clock: Clock;
  readonly #maxWaiting: number;
  /** Each in order of arrival. */
  readonly #urgent: Waiter[] = [];
  readonly #others: Waiter[] = [];
  /** Wakes the sweep, which is there while somebody waits. */
  #sweeper: AbortController | undefined;

  /** @param maxWaiting Most that wait of those that are urgent, and of the others. */
  constructor(clock: Clock, maxWaiting: number) {
    this.#clock = clock;
    this.#maxWaiting = maxWaiting;
  }

  /** Whether nobody waits. */
  get isEmpty(): boolean {
    return this.#urgent.length + this.#others.length === 0;
  }

  /** Whether somebody waits whose turn is urgent. */
  get isUrgent(): boolean {
    return this.#urgent.length > 0;
  }

  /**
   * Waits for a turn.
   *
   * @param isUrgent Goes before all that are not.
   * @throws {SyncError} `TOO_MANY_REQUESTS` with `detail.retryAfterMs` if it waits too long, or too many do.
   */
  wait(isUrgent: boolean): Promise<void> {
    const queue = isUrgent ? this.#urgent : this.#others;
    return new Promise((resolve, reject) => {
      if (queue.length >= this.#maxWaiting) return reject(noTurn(`${queue.length} wait`));
      queue.push({ sinceMs: this.#clock.monotonicMs(), begin: resolve, refuse: reject });
      void this.#sweep();
    });
  }

  /** Gives the next one its turn, if anybody waits. */
  beginNext(): void {
    (this.#urgent.shift() ?? this.#others.shift())?.begin();
    if (this.isEmpty) this.#sweeper?.abort(NOBODY_WAITS);
  }

  /** Runs while somebody waits. Never rejects. */
  async #sweep(): Promise<void> {
    if (this.#sweeper !== undefined) return;
    while (!this.isEmpty) {
      this.#sweeper = new AbortController();
      await this.#clock.sleep(SWEEP_MS, this.#sweeper.signal).catch(() => {});
      const oldestMs = this.#clock.monotonicMs() - MAX_WAIT_MS;
      for (const queue of [this.#urgent, this.#others]) refuseOld(queue, oldestMs);
    }
    this.#sweeper = undefined;
  }
}

function refuseOld(queue: Waiter[], oldestMs: number): void {
  while (queue[0] !== undefined && queue[0].sinceMs <= oldestMs) {
    queue.shift()?.refuse(noTurn(`it waited for ${MAX_WAIT_MS} ms`));
  }
}

function noTurn(reason: string): SyncError {
  return new SyncError(
    "TOO_MANY_REQUESTS",
    `Cannot answer request: too many answers are being made and sent, ${reason}`,
    { detail: { retryAfterMs: RETRY_AFTER_MS } },
  );
}
