/**
 * Keeps a devnet alive: one block every so often, until stopped.
 *
 * @module
 */
import { type CommitNotifications, NO_NOTIFICATIONS } from "../../core/notifications/commit.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { ProducedBlock } from "./block-producer.ts";
import type { Devnet } from "./devnet.ts";

/** How a devnet lives. */
export interface LiveChainOptions {
  /** Tells the blocks' times, and waits between them. */
  readonly clock: Clock;
  /** Time from one block to the next, in milliseconds; a block that takes longer delays the next. ≥ 0. */
  readonly blockMs: number;
  /** Told of every commit; whoever serves the same store from this process wants to know at once. */
  readonly notifications?: CommitNotifications;
  /** Called after every commit. */
  readonly onBlock?: (block: ProducedBlock) => void;
}

/**
 * Produces blocks that carry the clock's time, until `signal` aborts. The block being made is committed first.
 *
 * @returns Once stopped; an abort is no error.
 * @throws What `produceBlock` throws.
 */
export async function runLiveChain(devnet: Devnet, options: LiveChainOptions, signal: AbortSignal): Promise<void> {
  const { clock, blockMs, onBlock, notifications = NO_NOTIFICATIONS } = options;
  let dueMs = clock.monotonicMs();
  while (!signal.aborted) {
    const block = await devnet.produceBlock(clock.nowMs());
    await notifications.notifyCommit({ highestSyncedVersion: block.firstVersion + BigInt(block.count) - 1n });
    onBlock?.(block);
    // Late blocks are not made up for: a slow machine gets slower blocks, not bursts.
    dueMs = Math.max(dueMs + blockMs, clock.monotonicMs());
    await sleepUntil(clock, dueMs, signal);
  }
}

async function sleepUntil(clock: Clock, dueMs: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(Math.max(0, dueMs - clock.monotonicMs()), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
