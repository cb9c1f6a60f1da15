import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LedgerReader } from "../../../core/ledger/reader.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import type { StorageServiceConfig } from "../../../core/storage-service/config.ts";
import {
  IGNORED_PEER_COUNT,
  PENDING_NETWORK_EVENTS,
  STORAGE_ERRORS_ENCOUNTERED,
  STORAGE_REQUEST_PROCESSING_LATENCY,
  STORAGE_REQUEST_VALIDATION_LATENCY,
  STORAGE_REQUESTS_RATE_LIMITED,
  STORAGE_REQUESTS_RECEIVED,
  STORAGE_RESPONSES_SENT,
} from "../../../core/storage-service/metrics.ts";
import type { Requester } from "../../../core/storage-service/requester.ts";
import { createStorageServer, type StorageServer } from "../../../core/storage-service/storage-server.ts";
import type { DataRequest } from "../../../core/wire/request.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { withMethods } from "../../helpers/reader-counts.ts";
import { createRecordingMetrics, type RecordingMetrics } from "../../helpers/recording-metrics.ts";
import { createSteppedClock, settled } from "../../helpers/stepped-clock.ts";
import { VELOR } from "../../helpers/trust-context.ts";
import { createVirtualClock, type VirtualClock } from "../../helpers/virtual-clock.ts";

const SOMEBODY: Requester = { address: "192.0.2.1", trusted: false };
const SOMEBODY_ELSE: Requester = { address: "192.0.2.2", trusted: false };
const TRUSTED: Requester = { address: "192.0.2.9", trusted: true };
const UNKNOWN: Requester = { trusted: false };

const SUMMARY: DataRequest = { kind: "getStorageServerSummary" };
/** An epoch that nobody will see. */
const NONSENSE: DataRequest = { kind: "getEpochEndingLedgerInfos", firstEpoch: 10n ** 9n, lastEpoch: 10n ** 9n };

let world: DevnetWorld;
let head: bigint;
let clock: VirtualClock;
let metrics: RecordingMetrics;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 4 });
  head = (await world.ledger.progress()).committedVersion ?? 0n;
});

beforeEach(() => {
  clock = createVirtualClock();
  metrics = createRecordingMetrics();
});

function serverOf(config: Partial<StorageServiceConfig> = {}, reader: LedgerReader = world.ledger): StorageServer {
  return createStorageServer({ reader, context: VELOR, config, clock, log: SILENT_LOG, metrics });
}

/** "ok", or the code of the refusal. */
async function ask(
  server: StorageServer,
  request: DataRequest = SUMMARY,
  requester: Requester = SOMEBODY,
): Promise<string> {
  return await server.answer(request, requester).then(() => "ok", ({ code }: { code: string }) => code);
}

/** What becomes of `times` equal requests, one after the other. */
async function askTimes(times: number, ...question: Parameters<typeof ask>): Promise<string[]> {
  const results: string[] = [];
  for (let i = 0; i < times; i++) results.push(await ask(...question));
  return results;
}

describe("the rate limit", () => {
  it("is off unless the operator sets one", async () => {
    expect(new Set(await askTimes(100, serverOf()))).toEqual(new Set(["ok"]));
  });

  it("refuses a public address that asks too often, and says when to come back", async () => {
    const server = serverOf({ maxRequestsPerSecondPerPeer: 1 });
    expect(await askTimes(2, server)).toEqual(["ok", "TOO_MANY_REQUESTS"]);
    await expect(server.answer(SUMMARY, SOMEBODY)).rejects.toMatchObject({ detail: { retryAfterMs: 1_000 } });
    expect(metrics.valueOf(STORAGE_REQUESTS_RATE_LIMITED, "public", "get_storage_server_summary")).toBe(2);
  });

  it("does not hold for those whom the operator trusts", async () => {
    const server = serverOf({ maxRequestsPerSecondPerPeer: 1 });
    const another = { address: "192.0.2.8", trusted: true };
    for (const trusted of [TRUSTED, another]) {
      expect(new Set(await askTimes(10, server, SUMMARY, trusted))).toEqual(new Set(["ok"]));
    }
  });

  it("is counted for each address apart", async () => {
    const server = serverOf({ maxRequestsPerSecondPerPeer: 2 });
    expect(await askTimes(3, server)).toEqual(["ok", "ok", "TOO_MANY_REQUESTS"]);
    expect(await askTimes(2, server, SUMMARY, SOMEBODY_ELSE)).toEqual(["ok", "ok"]);
    expect(await ask(server)).toBe("TOO_MANY_REQUESTS");
  });

  it("is one for all that have no address", async () => {
    const server = serverOf({ maxRequestsPerSecondPerPeer: 2 });
    expect(await askTimes(3, server, SUMMARY, UNKNOWN)).toEqual(["ok", "ok", "TOO_MANY_REQUESTS"]);
    expect(await ask(server)).toBe("ok");
  });

  it("lets requests through again as time passes", async () => {
    const server = serverOf({ maxRequestsPerSecondPerPeer: 2 });
    expect(await askTimes(3, server)).toEqual(["ok", "ok", "TOO_MANY_REQUESTS"]);
    clock.advance(500);
    expect(await askTimes(2, server)).toEqual(["ok", "TOO_MANY_REQUESTS"]);
  });

  it("holds for requests that wait, too", async () => {
    const server = serverOf({ maxRequestsPerSecondPerPeer: 1 });
    await ask(server);
    const fetch: DataRequest = { kind: "getNewTransactionOutputsWithProof", knownVersion: head, knownEpoch: 2n };
    expect(await ask(server, fetch)).toBe("TOO_MANY_REQUESTS");
  });
});

describe("an address that asks for nonsense", () => {
  it("is answered up to the maximum and ignored from then on; a trusted one never is", async () => {
    const server = serverOf({ maxInvalidRequestsPerPeer: 5 });
    const expected = [...Array.from({ length: 5 }, () => "NOT_SERVICEABLE"), "TOO_MANY_INVALID_REQUESTS"];
    expect(await askTimes(6, server, NONSENSE)).toEqual(expected);
    expect(new Set(await askTimes(10, server, NONSENSE, TRUSTED))).toEqual(new Set(["NOT_SERVICEABLE"]));
    expect(new Set(await askTimes(10, server, NONSENSE, UNKNOWN))).toEqual(new Set(["NOT_SERVICEABLE"]));
    expect(await askTimes(2, server)).toEqual(["TOO_MANY_INVALID_REQUESTS", "TOO_MANY_INVALID_REQUESTS"]);
    expect(await ask(server, SUMMARY, SOMEBODY_ELSE)).toBe("ok");
  });

  it("is ignored twice as long every time, and heard in between", async () => {
    const server = serverOf({ maxInvalidRequestsPerPeer: 3, minTimeToIgnorePeersSecs: 10 });
    for (let round = 0; round < 10; round++) {
      const ignoredMs = 10_000 * 2 ** round;
      expect(await askTimes(4, server, NONSENSE)).toContain("TOO_MANY_INVALID_REQUESTS");
      await expect(server.answer(SUMMARY, SOMEBODY)).rejects.toMatchObject({ detail: { retryAfterMs: ignoredMs } });
      clock.advance(ignoredMs - 1);
      expect(await ask(server)).toBe("TOO_MANY_INVALID_REQUESTS");
      clock.advance(1);
      expect(await ask(server)).toBe("ok");
    }
  });

  it("gets nothing from the cache while it is ignored, and cannot make the server hold a request", async () => {
    const server = serverOf({ maxInvalidRequestsPerPeer: 1 });
    const cached: DataRequest = { kind: "getEpochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 0n };
    expect(await ask(server, cached)).toBe("ok");
    await ask(server, NONSENSE);
    const fetch: DataRequest = { kind: "getNewTransactionOutputsWithProof", knownVersion: head, knownEpoch: 2n };
    expect(await ask(server, cached)).toBe("TOO_MANY_INVALID_REQUESTS");
    expect(await ask(server, fetch)).toBe("TOO_MANY_INVALID_REQUESTS");
    expect(await ask(server, cached, SOMEBODY_ELSE)).toBe("ok");
  });

  it("is ignored for what cannot be read as a request, too, and then hears so", async () => {
    const server = serverOf({ maxInvalidRequestsPerPeer: 3, minTimeToIgnorePeersSecs: 10 });
    for (let i = 0; i < 3; i++) server.countUnreadable(SOMEBODY);
    expect(await ask(server)).toBe("TOO_MANY_INVALID_REQUESTS");
    expectSyncError(() => server.countUnreadable(SOMEBODY), "TOO_MANY_INVALID_REQUESTS");
    expect(await ask(server, SUMMARY, SOMEBODY_ELSE)).toBe("ok");
  });

  it("may send no more than others where it cannot be read", async () => {
    const server = serverOf({ maxRequestsPerSecondPerPeer: 2 });
    for (let i = 0; i < 2; i++) server.countUnreadable(SOMEBODY);
    expectSyncError(() => server.countUnreadable(SOMEBODY), "TOO_MANY_REQUESTS");
    expect(await ask(server)).toBe("TOO_MANY_REQUESTS");
    for (let i = 0; i < 9; i++) server.countUnreadable(TRUSTED);
    expect(await ask(server, SUMMARY, TRUSTED)).toBe("ok");
  });

  it("is named in the log when it begins to be ignored", async () => {
    const warnings: unknown[] = [];
    const log = { ...SILENT_LOG, warn: (...record: unknown[]) => warnings.push(record) };
    const config = { maxInvalidRequestsPerPeer: 2, minTimeToIgnorePeersSecs: 10 };
    const server = createStorageServer({ reader: world.ledger, context: VELOR, config, clock, log, metrics });
    await askTimes(3, server, NONSENSE);
    expect(warnings).toEqual([[
      "ignoring an address that sent too many invalid requests",
      { address: SOMEBODY.address, invalidRequests: 2, seconds: 10 },
    ]]);
    expect(metrics.valueOf(IGNORED_PEER_COUNT, "public")).toBe(1);
  });

  it("is not one that asks for what comes next", async () => {
    const server = serverOf({ maxInvalidRequestsPerPeer: 1 });
    const next: DataRequest = { kind: "getEpochEndingAtVersion", version: head + 1n };
    expect(await askTimes(2, server, next)).toEqual(["NOT_SERVICEABLE", "NOT_SERVICEABLE"]);
    const backwards: DataRequest = { kind: "getEpochEndingLedgerInfos", firstEpoch: 1n, lastEpoch: 0n };
    expect(await askTimes(2, server, backwards)).toEqual(["INVALID_REQUEST", "TOO_MANY_INVALID_REQUESTS"]);
  });

  it("is one that looks for states far behind the last one", async () => {
    const server = serverOf({ maxInvalidRequestsPerPeer: 1, maxStateChunkSize: 10 });
    const states = (index: bigint): DataRequest => {
      return { kind: "getStateValuesWithProof", version: head, firstIndex: index, lastIndex: index };
    };
    const count = await world.ledger.stateCount(head);
    expect(await askTimes(2, server, states(count + 20n))).toEqual(["NOT_SERVICEABLE", "NOT_SERVICEABLE"]);
    expect(await askTimes(2, server, states(count + 21n))).toEqual(["NOT_SERVICEABLE", "TOO_MANY_INVALID_REQUESTS"]);
  });

  it("is not blamed while the ledger cannot be looked at", async () => {
    const broken = withMethods(world.ledger, { progress: () => Promise.reject(new Error("no disk")) });
    expect(new Set(await askTimes(3, serverOf({ maxInvalidRequestsPerPeer: 1 }, broken), NONSENSE)))
      .toEqual(new Set([undefined]));
  });
});

describe("room for requests", () => {
  /** A ledger that answers only when told to. */
  function heldLedger(): { reader: LedgerReader; release: () => void } {
    const { promise, resolve: release } = Promise.withResolvers<void>();
    const epochEndings: LedgerReader["epochEndings"] = async (...range) => {
      await promise;
      return await world.ledger.epochEndings(...range);
    };
    return { reader: withMethods(world.ledger, { epochEndings }), release };
  }

  const slow: DataRequest = { kind: "getEpochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 0n };

  it("is refused when as many are being answered as may be, and given when one is done", async () => {
    const { reader, release } = heldLedger();
    const server = serverOf({ maxNetworkChannelSize: 2 }, reader);
    const answers = [server.answer(slow, SOMEBODY), server.answer(slow, SOMEBODY_ELSE)];
    await expect(server.answer(SUMMARY, UNKNOWN)).rejects.toMatchObject({
      code: "TOO_MANY_REQUESTS",
      detail: { retryAfterMs: 1_000 },
    });
    release();
    await Promise.all(answers);
    expect(await ask(server)).toBe("ok");
    const counted = ["enqueued", "dequeued", "dropped"].map((state) => metrics.valueOf(PENDING_NETWORK_EVENTS, state));
    expect(counted).toEqual([3, 3, 1]);
  });

  it("is given to those whom the operator trusts, whoever took it, and counted", async () => {
    const { reader, release } = heldLedger();
    const server = serverOf({ maxNetworkChannelSize: 1 }, reader);
    const answers = [SOMEBODY, TRUSTED, TRUSTED].map((requester) => server.answer(slow, requester));
    expect(await ask(server, SUMMARY, TRUSTED)).toBe("ok");
    expect(await ask(server, SUMMARY, SOMEBODY_ELSE)).toBe("TOO_MANY_REQUESTS");
    release();
    await Promise.all(answers);
    expect(await ask(server, SUMMARY, SOMEBODY_ELSE)).toBe("ok");
  });

  it("is a share for one address, whatever room there is", async () => {
    const { promise: isRead, resolve: read } = Promise.withResolvers<void>();
    const { promise: mayRead, resolve: go } = Promise.withResolvers<void>();
    const slow = withMethods(world.ledger, {
      async epochEndings(first: bigint, count: number) {
        read();
        await mayRead;
        return await world.ledger.epochEndings(first, count);
      },
    });
    const server = serverOf({ maxNetworkChannelSizePerPeer: 1 }, slow);
    const first = ask(server, { kind: "getEpochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 0n });
    await isRead;
    expect(await ask(server)).toBe("TOO_MANY_REQUESTS");
    expect(await ask(server, SUMMARY, SOMEBODY_ELSE)).toBe("ok");
    expect(await ask(server, SUMMARY, { ...SOMEBODY, trusted: true })).toBe("ok");
    expect(await ask(server, SUMMARY, UNKNOWN)).toBe("ok");
    go();
    expect([await first, await ask(server)]).toEqual(["ok", "ok"]);
  });

  it("is not taken by requests that wait", async () => {
    const stopped = createSteppedClock();
    const parts = { reader: world.ledger, context: VELOR, clock: stopped, log: SILENT_LOG };
    const server = createStorageServer({ ...parts, config: { maxNetworkChannelSize: 1 } });
    const fetch: DataRequest = { kind: "getNewTransactionOutputsWithProof", knownVersion: head, knownEpoch: 2n };
    const waiting = [ask(server, fetch), ask(server, fetch, SOMEBODY_ELSE)];
    await settled();
    expect(await ask(server)).toBe("ok");
    server.stop();
    expect(await Promise.all(waiting)).toEqual(["NOT_SERVICEABLE", "NOT_SERVICEABLE"]);
    expect(await ask(server, fetch)).toBe("NOT_SERVICEABLE");
    expect(await ask(server)).toBe("ok");
    expect(stopped.sleepers).toBe(0);
  });

  it("is looked for before anything is counted against the address", async () => {
    const { reader, release } = heldLedger();
    const server = serverOf({ maxNetworkChannelSize: 1, maxRequestsPerSecondPerPeer: 1 }, reader);
    const answer = server.answer(slow, SOMEBODY_ELSE);
    expect(await ask(server)).toBe("TOO_MANY_REQUESTS");
    release();
    await answer;
    expect(await ask(server)).toBe("ok");
  });
});

describe("the metrics of requests", () => {
  it("count what came, what was sent, and what failed, for trusted and public requesters apart", async () => {
    const server = serverOf();
    await askTimes(2, server);
    await ask(server, SUMMARY, TRUSTED);
    await ask(server, NONSENSE);
    const summary = "get_storage_server_summary";
    expect(metrics.valueOf(STORAGE_REQUESTS_RECEIVED, "public", summary)).toBe(2);
    expect(metrics.valueOf(STORAGE_REQUESTS_RECEIVED, "trusted", summary)).toBe(1);
    expect(metrics.valueOf(STORAGE_RESPONSES_SENT, "public", "storage_server_summary")).toBe(2);
    expect(metrics.valueOf(STORAGE_REQUEST_PROCESSING_LATENCY, "public", summary, "success")).toBe(2);
    expect(metrics.valueOf(STORAGE_REQUEST_VALIDATION_LATENCY, "trusted", summary, "success")).toBe(1);
    const epochs = "get_epoch_ending_ledger_infos";
    expect(metrics.valueOf(STORAGE_ERRORS_ENCOUNTERED, "public", "not_serviceable")).toBe(1);
    expect(metrics.valueOf(STORAGE_REQUEST_PROCESSING_LATENCY, "public", epochs, "failure")).toBe(1);
    expect(metrics.valueOf(STORAGE_REQUEST_VALIDATION_LATENCY, "public", epochs, "success")).toBe(1);
  });

  it("count a refusal at the door as an error, and as one that was not let in", async () => {
    const server = serverOf({ maxRequestsPerSecondPerPeer: 1 });
    await askTimes(2, server);
    expect(metrics.valueOf(STORAGE_ERRORS_ENCOUNTERED, "public", "too_many_requests")).toBe(1);
    const labels = ["public", "get_storage_server_summary", "failure"] as const;
    expect(metrics.valueOf(STORAGE_REQUEST_VALIDATION_LATENCY, ...labels)).toBe(1);
  });

  it("count a request that its client gave up as neither sent nor failed", async () => {
    const reason = new Error("the client went away");
    await expect(serverOf().answer(SUMMARY, SOMEBODY, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(metrics.valueOf(STORAGE_REQUESTS_RECEIVED, "public", "get_storage_server_summary")).toBe(1);
    expect(metrics.valueOf(STORAGE_RESPONSES_SENT, "public", "storage_server_summary")).toBe(0);
    expect(metrics.valueOf(STORAGE_ERRORS_ENCOUNTERED, "public", "unexpected_error")).toBe(0);
  });
});
