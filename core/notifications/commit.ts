/**
 * Who is told about a commit.
 *
 * @module
 */

/** What was committed. Everything in it is verified and durable. */
export interface CommitNotification {
  /** Highest version in the store at the moment of the notification. */
  readonly highestSyncedVersion: bigint;
}

/** Takes notifications of commits, in order. Must not throw; may make the driver wait. */
export interface CommitNotifications {
  /** Called after every commit. */
  notifyCommit(notification: CommitNotification): Promise<void>;
}

/** Tells nobody. */
export const NO_NOTIFICATIONS: CommitNotifications = { notifyCommit: () => Promise.resolve() };
