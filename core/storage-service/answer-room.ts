/**
 * Room for answers: bounds the memory of those that are being made, and of those on their way to clients.
 *
 * Answers are made a few at a time, in the order in which they were asked for, and other work gets its turn in between: on a
 * store that answers at once, a burst of large requests would otherwise hold up everybody for as long as it takes. None is
 * begun while too much is still being sent: a client that asks and does not read holds what it was sent, and no more.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { AnswerFrame } from "./answer-frame.ts";
import type { StorageServiceConfig } from "./config.ts";
import { FramesInFlight } from "./frames-in-flight.ts";
import { ANSWER_BYTES_IN_FLIGHT } from "./metrics.ts";
import type { Requester } from "./requester.ts";
import { TurnQueue } from "./turn-queue.ts";

/** Counts answers from their making until they are sent. */
export interface AnswerRoom {
  /** Bytes of all frames that are being sent; each counts once, however many get it. */
  readonly sendingBytes: number;
  /**
   * Makes an answer, or a part of one, when its turn comes. Work in a turn must not wait for another turn.
   *
   * @param options.isUrgent It goes before all that are not, and does not wait for what is being sent: because it holds what a
   *   turn before it read, because its answer is always small, or because it is for one of the operator's own.
   * @returns What `work` resolves to; its errors pass through.
   * @throws {SyncError} `TOO_MANY_REQUESTS` with `detail.retryAfterMs` if the turn does not come within five seconds, or more
   *   wait for theirs than may ask at the same time.
   */
  turn<T>(work: () => Promise<T> | T, options?: { readonly isUrgent?: boolean }): Promise<T>;
  /**
   * Counts the bytes of a frame from now on.
   *
   * @returns To be called when the frame was sent or its client is gone; after the first time it does nothing.
   */
  sending(frame: AnswerFrame, requester: Requester): () => void;
  /**
   * Checks that a requester takes what it asks for: nobody but the operator's own may hold more than a quarter of what may be
   * sent at the same time.
   *
   * @throws {SyncError} `TOO_MANY_REQUESTS` with `detail.retryAfterMs` if it holds that much.
   */
  assertTaking(requester: Requester): void;
}

/** What room is made of. */
export interface AnswerRoomParts {
  /** The bounds: on what is being sent, and on those that wait. */
  readonly config: Pick<StorageServiceConfig, "maxAnswerBytesInFlight" | "maxNetworkChannelSize">;
  /** Tells how long turns take, and lets others have theirs. */
  readonly clock: Clock;
  /** Told how many bytes are being sent. */
  readonly metrics: Metrics;
}

/**
 * Answers that are made at the same time. Each may hold what it reads and what it writes; on stores that answer at once more
 * would not be faster, on others not much.
 */
const MAX_MAKING = 4;

/** Parts of what may be sent at the same time, of which an address has one. */
const SHARES = 4;
/** Milliseconds after which an address that does not take its answers may ask again. */
const RETRY_AFTER_MS = 1_000;

/** Milliseconds of turns, and number of them where the clock stands still, after which everything else gets its turn. */
const SPELL_MS = 8;
const SPELL_TURNS = 32;

/** Creates room in which nothing is. */
export function createAnswerRoom({ config, clock, metrics }: AnswerRoomParts): AnswerRoom {
  const queue = new TurnQueue(clock, config.maxNetworkChannelSize);
  const inFlight = new FramesInFlight((bytes) => {
    metrics.set(ANSWER_BYTES_IN_FLIGHT, [], bytes);
    beginNext();
  });
  let making = 0;
  let isPausing = false;
  let spellMs = 0;
  let spellTurns = 0;

  function isRoom(isUrgent: boolean): boolean {
    const isBytes = isUrgent || inFlight.bytes < config.maxAnswerBytesInFlight;
    return isBytes && making < MAX_MAKING && !isPausing;
  }

  function beginNext(): void {
    while (!queue.isEmpty && isRoom(queue.isUrgent)) {
      making++;
      queue.beginNext();
    }
  }

  function ended(startedMs: number): void {
    making--;
    spellMs += clock.monotonicMs() - startedMs;
    spellTurns++;
    // Where nobody waits, whoever comes next came by a turn of the event loop of its own.
    if (queue.isEmpty) spellMs = spellTurns = 0;
    else if (spellMs >= SPELL_MS || spellTurns >= SPELL_TURNS) void pause();
    beginNext();
  }

  async function pause(): Promise<void> {
    if (isPausing) return;
    isPausing = true;
    await clock.sleep(0);
    isPausing = false;
    spellMs = spellTurns = 0;
    beginNext();
  }

  return {
    get sendingBytes() {
      return inFlight.bytes;
    },
    async turn(work, { isUrgent = false } = {}) {
      if (isRoom(isUrgent) && (isUrgent ? !queue.isUrgent : queue.isEmpty)) making++;
      else await queue.wait(isUrgent);
      const startedMs = clock.monotonicMs();
      try {
        return await work();
      } finally {
        ended(startedMs);
      }
    },
    sending: (frame, { address }) => inFlight.add(frame, address),
    assertTaking({ address, trusted }) {
      const limit = config.maxAnswerBytesInFlight / SHARES;
      const bytes = inFlight.bytesOf(address);
      if (trusted || bytes < limit) return;
      throw new SyncError(
        "TOO_MANY_REQUESTS",
        `Cannot answer request: an address has at most ${limit} bytes of answers on their way, current value is ${bytes}`,
        { detail: { retryAfterMs: RETRY_AFTER_MS } },
      );
    },
  };
}
