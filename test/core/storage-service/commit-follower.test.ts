import { beforeEach, describe, expect, it } from "vitest";
import {
  createStorageServiceChannel,
  type StorageServiceChannel,
} from "../../../core/notifications/storage-service.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import { followCommits } from "../../../core/storage-service/commit-follower.ts";

let channel: StorageServiceChannel;
let errors: unknown[];

beforeEach(() => {
  channel = createStorageServiceChannel();
  errors = [];
});

const log = { ...SILENT_LOG, error: (...record: unknown[]) => void errors.push(record) };

function commit(): Promise<void> {
  return channel.sender.notifyCommit({ highestSyncedVersion: 1n });
}

/** Long enough for everything that waits for promises alone. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe("following commits", () => {
  it("calls once for each, and once more for all that come during a call", async () => {
    let calls = 0;
    const holds: (() => void)[] = [];
    const onCommit = () => {
      calls++;
      return new Promise<void>((resolve) => holds.push(resolve));
    };
    const follower = followCommits(channel.listener, { onCommit, log });
    await settled();
    expect(calls).toBe(0);
    await commit();
    await settled();
    expect(calls).toBe(1);
    for (let i = 0; i < 5; i++) await commit();
    await settled();
    expect(calls).toBe(1);
    holds.pop()?.();
    await settled();
    expect(calls).toBe(2);
    holds.pop()?.();
    await settled();
    expect(calls).toBe(2);
    follower.stop();
  });

  it("goes on after a call that failed, and tells the operator", async () => {
    let calls = 0;
    const onCommit = () => {
      calls++;
      return calls === 1 ? Promise.reject(new Error("no disk")) : Promise.resolve();
    };
    const follower = followCommits(channel.listener, { onCommit, log });
    await commit();
    await settled();
    expect(errors).toEqual([["Cannot look at the ledger after a commit", { reason: "Error: no disk" }]]);
    await commit();
    await settled();
    expect(calls).toBe(2);
    follower.stop();
  });

  it("leaves the notifications to others once it is stopped", async () => {
    let calls = 0;
    const onCommit = () => {
      calls++;
      return Promise.resolve();
    };
    const follower = followCommits(channel.listener, { onCommit, log });
    await settled();
    follower.stop();
    follower.stop();
    await settled();
    await commit();
    expect(await channel.listener.next()).toEqual({ highestSyncedVersion: 1n });
    expect(calls).toBe(0);
    expect(errors).toEqual([]);
  });
});
