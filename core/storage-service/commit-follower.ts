/**
 * Follows the commits of a driver in the same process, so that a server knows of them before its refresh interval is over.
 *
 * @module
 */
import { isSyncError } from "../errors.ts";
import type { StorageServiceListener } from "../notifications/storage-service.ts";
import type { Log } from "../ports/log.ts";

/** A loop that waits for commits. */
export interface CommitFollower {
  /** Ends it; the listener has no consumer then. Idempotent. */
  stop(): void;
}

/**
 * Calls `onCommit` after every commit, one call at a time: commits during a call are one more call.
 *
 * A call that fails is logged and forgotten: what it would have seen is seen at the next commit, or by the clock.
 */
export function followCommits(
  commits: StorageServiceListener,
  { onCommit, log }: { readonly onCommit: () => Promise<void>; readonly log: Log },
): CommitFollower {
  const end = new AbortController();
  void follow(commits, end.signal, async () => {
    try {
      await onCommit();
    } catch (error) {
      const fields = isSyncError(error) ? { code: error.code, reason: error.message } : { reason: String(error) };
      log.error("Cannot look at the ledger after a commit", fields);
    }
  });
  return { stop: () => end.abort() };
}

async function follow(commits: StorageServiceListener, signal: AbortSignal, onCommit: () => Promise<void>) {
  try {
    for (;;) {
      await commits.next(signal);
      await onCommit();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
