/**
 * Tells a storage service in the same process that the store grew.
 *
 * A queue of one in which the newest wins: the service reads the store anyway, so an older version tells it nothing. The
 * sender never waits.
 *
 * @module
 */
import type { CommitNotification, CommitNotifications } from "./commit.ts";

/** The service's end. One consumer. */
export interface StorageServiceListener {
  /**
   * The newest notification that was not taken yet; waits for one if there is none.
   *
   * @param signal Aborting rejects with `signal.reason` and takes nothing.
   */
  next(signal?: AbortSignal): Promise<CommitNotification>;
}

/** Both ends. */
export interface StorageServiceChannel {
  /** The driver's end. */
  readonly sender: CommitNotifications;
  /** The service's end. */
  readonly listener: StorageServiceListener;
}

/** Creates a channel to one storage service. */
export function createStorageServiceChannel(): StorageServiceChannel {
  let unread: CommitNotification | undefined;
  let wake: (() => void) | undefined;
  return {
    sender: {
      notifyCommit(notification) {
        unread = notification;
        wake?.();
        return Promise.resolve();
      },
    },
    listener: {
      async next(signal) {
        for (;;) {
          signal?.throwIfAborted();
          const newest = unread;
          unread = undefined;
          if (newest !== undefined) return newest;
          await new Promise<void>((resolve) => {
            const done = () => {
              signal?.removeEventListener("abort", done);
              resolve();
            };
            wake = done;
            signal?.addEventListener("abort", done, { once: true });
          });
        }
      },
    },
  };
}
