import { describe, expect, it } from "vitest";
import { createStorageServiceChannel } from "../../../core/notifications/storage-service.ts";

const commit = (highestSyncedVersion: bigint) => ({ highestSyncedVersion });

describe("storage service notifications", () => {
  it("arrive, also when the listener waited first", async () => {
    const { sender, listener } = createStorageServiceChannel();
    const waiting = listener.next();
    await sender.notifyCommit(commit(5n));
    expect(await waiting).toEqual(commit(5n));
    await sender.notifyCommit(commit(6n));
    expect(await listener.next()).toEqual(commit(6n));
  });

  it("replace an unread older one, and never make the sender wait", async () => {
    const { sender, listener } = createStorageServiceChannel();
    for (let version = 0n; version < 100n; version++) await sender.notifyCommit(commit(version));
    expect(await listener.next()).toEqual(commit(99n));
    const controller = new AbortController();
    const next = listener.next(controller.signal);
    controller.abort(new Error("nothing more"));
    await expect(next).rejects.toThrow("nothing more");
  });

  it("are not lost by an abort", async () => {
    const { sender, listener } = createStorageServiceChannel();
    await sender.notifyCommit(commit(1n));
    await expect(listener.next(AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
    expect(await listener.next()).toEqual(commit(1n));
  });
});
