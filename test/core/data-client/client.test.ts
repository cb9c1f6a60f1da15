import { describe, expect, it } from "vitest";
import { createSeededRandom } from "../../../adapters/devnet/seeded-random.ts";
import { encodeColumn } from "../../../core/bytes/column.ts";
import { createDataClient, type DataClient } from "../../../core/data-client/client.ts";
import type { DataClientConfig } from "../../../core/data-client/config.ts";
import { SyncError } from "../../../core/errors.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import type { DataResponse } from "../../../core/wire/response-types.ts";
import type { DataSummary } from "../../../core/wire/summary.ts";
import { makeEpochChain } from "../../helpers/epoch-chain.ts";
import {
  createScriptedTransport,
  SCRIPTED_CHAIN,
  type ScriptedPeer,
  type ScriptedTransport,
} from "../../helpers/scripted-transport.ts";
import { VELOR } from "../../helpers/trust-context.ts";
import { createVirtualClock, type VirtualClock } from "../../helpers/virtual-clock.ts";

const chain = makeEpochChain(VELOR, { epochs: 4 });
const endings = chain.endings.map(({ bytes }) => bytes);
const ASK_EPOCHS = { kind: "getEpochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 1n } as const;
const EPOCHS: DataResponse = {
  kind: "epochEndingLedgerInfos",
  firstEpoch: 0n,
  lastEpoch: 1n,
  ledgerInfos: encodeColumn(endings.slice(0, 2)),
};

function summary(dataSummary: DataSummary = { epochEndingLedgerInfos: { lowest: 0n, highest: 3n } }): DataResponse {
  const sizes = { maxEpochChunkSize: 128, maxStateChunkSize: 4096 };
  return {
    kind: "storageServerSummary",
    summary: {
      protocolMetadata: { ...sizes, maxTransactionChunkSize: 2048, maxTransactionOutputChunkSize: 2048 },
      dataSummary,
      snapshots: [],
    },
  };
}

/** A peer that sends its summary and then does whatever `answer` does. */
function peer(answer: ScriptedPeer, dataSummary?: DataSummary): ScriptedPeer {
  return (request) => request.kind === "getStorageServerSummary" ? summary(dataSummary) : answer(request);
}

const failing = (code: ConstructorParameters<typeof SyncError>[0], detail = {}) => (): never => {
  throw new SyncError(code, "Cannot answer", { detail });
};

interface Setup {
  readonly client: DataClient;
  readonly transport: ScriptedTransport;
  readonly clock: VirtualClock;
}

function setup(peers: Readonly<Record<string, ScriptedPeer>>, config: Partial<DataClientConfig> = {}): Setup {
  const transport = createScriptedTransport(peers);
  const clock = createVirtualClock();
  const random = createSeededRandom(new Uint8Array(16).fill(7));
  const client = createDataClient({
    transport,
    peers: Object.keys(peers),
    context: VELOR,
    chain: SCRIPTED_CHAIN,
    clock,
    random,
    log: SILENT_LOG,
    config,
  });
  return { client, transport, clock };
}

const report = (client: DataClient, url: string) => client.peers().find((state) => state.url === url);

describe("data client", () => {
  it("asks by GET where the request has a path, and counts bytes, requests and successes", async () => {
    const { client, transport } = setup({ a: peer(() => EPOCHS) });
    const { payload, context } = await client.request(ASK_EPOCHS);
    expect(payload.ledgerInfos.count).toBe(2);
    expect(context.peer).toBe("a");
    expect(context.chain).toEqual(SCRIPTED_CHAIN);
    expect(transport.sent.map(({ path }) => path)).toEqual(["/v1/summary", "/v1/epochs/0-1"]);
    expect(client.receivedBytes()).toBeGreaterThan(context.bytes);
    expect(report(client, "a")).toEqual({ url: "a", score: 52, requests: 2, failures: 0 });
  });

  it.each(
    [
      ["MALFORMED_FRAME", () => new Uint8Array([0xff])],
      ["RESPONSE_MISMATCH", () => ({ ...EPOCHS, lastEpoch: 2n }) as DataResponse],
      ["NOT_SERVICEABLE", failing("NOT_SERVICEABLE")],
      ["INVALID_REQUEST", failing("INVALID_REQUEST")],
      ["CONNECTION_FAILED", failing("CONNECTION_FAILED")],
    ] as const,
  )("moves on to another peer after %s, without waiting", async (_, bad) => {
    const { client, clock } = setup({ a: peer(bad), b: peer(() => EPOCHS) });
    client.blame("b", new SyncError("REQUEST_TIMEOUT", "Cannot answer"));
    expect((await client.request(ASK_EPOCHS)).context.peer).toBe("b");
    expect(report(client, "a")).toMatchObject({ requests: 2, failures: 1 });
    expect(clock.sleeps).toEqual([]);
  });

  it("fails with the fault of the only peer at once where asking again is pointless", async () => {
    const { client, clock, transport } = setup({ a: peer(() => new Uint8Array([0xff])) });
    await expect(client.request(ASK_EPOCHS)).rejects.toMatchObject({ code: "MALFORMED_FRAME", fault: "peer" });
    expect(clock.sleeps).toEqual([]);
    expect(transport.sent.filter(({ request }) => request.kind !== "getStorageServerSummary")).toHaveLength(1);
  });

  it("asks the same peer again after transient failures, with growing waits and timeouts, and then gives up", async () => {
    const { client, clock, transport } = setup({ a: peer(failing("REQUEST_TIMEOUT")) });
    await expect(client.request(ASK_EPOCHS)).rejects.toMatchObject({ code: "REQUEST_TIMEOUT", fault: "transient" });
    const timeouts = transport.sent.filter(({ path }) => path === "/v1/epochs/0-1").map(({ timeoutMs }) => timeoutMs);
    expect(timeouts).toEqual([10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
    expect(clock.sleeps).toHaveLength(5);
    for (let i = 1; i < 5; i++) expect(clock.sleeps[i]).toBeGreaterThanOrEqual(200 * 2 ** i);
  });

  it("succeeds when a transient failure passes", async () => {
    let failures = 2;
    const { client } = setup({ a: peer(() => failures-- > 0 ? failing("INTERNAL")() : EPOCHS) });
    expect((await client.request(ASK_EPOCHS)).payload.ledgerInfos.count).toBe(2);
    expect(report(client, "a")?.failures).toBe(2);
  });

  it("waits as long as a peer asks for, and asks another one meanwhile", async () => {
    let busy = true;
    const a = peer(() => busy ? failing("TOO_MANY_REQUESTS", { retryAfterMs: 7_000 })() : EPOCHS);
    const alone = setup({ a });
    const answer = alone.client.request(ASK_EPOCHS);
    busy = false;
    await answer;
    busy = true;
    await expect(alone.client.request(ASK_EPOCHS)).rejects.toMatchObject({ code: "TOO_MANY_REQUESTS" });
    expect(Math.max(...alone.clock.sleeps)).toBeGreaterThanOrEqual(7_000 - 200);
    const both = setup({ a, b: peer(() => EPOCHS) });
    for (let i = 0; i < 10; i++) expect((await both.client.request(ASK_EPOCHS)).context.peer).toBe("b");
    expect(both.clock.sleeps).toEqual([]);
  });

  it("caps what a peer can make us wait at 30 seconds", async () => {
    const { client, clock } = setup({ a: peer(failing("TOO_MANY_REQUESTS", { retryAfterMs: 1e9 })) });
    await expect(client.request(ASK_EPOCHS)).rejects.toMatchObject({ code: "TOO_MANY_REQUESTS" });
    expect(Math.max(...clock.sleeps)).toBeLessThanOrEqual(30_000);
  });

  it("asks nobody for what nobody advertises, and says so at once", async () => {
    const { client, transport, clock } = setup({ a: peer(() => EPOCHS, {}) });
    await expect(client.request(ASK_EPOCHS)).rejects.toMatchObject({ code: "NO_PEERS", fault: "transient" });
    expect(clock.sleeps).toEqual([]);
    expect(transport.sent.every(({ request }) => request.kind === "getStorageServerSummary")).toBe(true);
  });

  it("hears of new data by asking for the summary again", async () => {
    let highest = 0n;
    const { client } = setup({
      a: (request) =>
        request.kind === "getStorageServerSummary"
          ? summary({ epochEndingLedgerInfos: { lowest: 0n, highest: highest++ } })
          : EPOCHS,
    });
    await client.refreshSummaries();
    expect((await client.request(ASK_EPOCHS)).payload.ledgerInfos.count).toBe(2);
  });

  it("refuses answers of another chain, and pins one only once", async () => {
    const { client } = setup({ a: peer(() => EPOCHS) });
    expect(() => client.pinChain(SCRIPTED_CHAIN)).not.toThrow();
    expect(() => client.pinChain(new Uint8Array(32).fill(1))).toThrow(/another one/);
    const transport = createScriptedTransport({ a: peer(() => EPOCHS) });
    const clock = createVirtualClock();
    const random = createSeededRandom(new Uint8Array(16));
    const options = { transport, peers: ["a"], context: VELOR, clock, random, log: SILENT_LOG };
    const stranger = createDataClient({ ...options, chain: new Uint8Array(32).fill(9) });
    await expect(stranger.request(ASK_EPOCHS)).rejects.toMatchObject({ code: "WRONG_CHAIN", fault: "peer" });
    const newcomer = createDataClient(options);
    expect((await newcomer.request(ASK_EPOCHS)).context.chain).toEqual(SCRIPTED_CHAIN);
    newcomer.pinChain(SCRIPTED_CHAIN);
    expect(newcomer.chain()).toEqual(SCRIPTED_CHAIN);
  });

  it("refuses a summary whose ledger info is not one", async () => {
    const { client } = setup({ a: peer(() => EPOCHS, { syncedLedgerInfo: new Uint8Array([1, 2, 3]) }) });
    await expect(client.refreshSummaries()).rejects.toMatchObject({ code: "MALFORMED_BCS", fault: "peer" });
    expect(client.globalSummary().ledgerInfos).toEqual([]);
  });

  it("takes no summary above its bound, which is far below that of other answers", async () => {
    const large = { syncedLedgerInfo: new Uint8Array(2 ** 20) };
    const { client } = setup({ a: peer(() => EPOCHS, large), b: peer(() => EPOCHS) });
    await client.refreshSummaries();
    expect(report(client, "a")).toMatchObject({ failures: 1 });
    const alone = setup({ a: peer(() => EPOCHS, large) });
    await expect(alone.client.refreshSummaries()).rejects.toMatchObject({ code: "LIMIT_EXCEEDED", fault: "peer" });
  });

  it("ignores a peer whose summaries are broken, and does not let it come back by more of them", async () => {
    const { client, clock } = setup({ a: peer(() => EPOCHS, { syncedLedgerInfo: new Uint8Array([1, 2, 3]) }) });
    for (let i = 0; i < 20; i++) {
      await client.refreshSummaries().catch(() => {});
      clock.advance(60_000);
    }
    expect(client.hasUsablePeers()).toBe(false);
    expect(report(client, "a")).toMatchObject({ failures: 20 });
  });

  it("sums up what peers advertise", async () => {
    const [, first, second] = endings as [Uint8Array, Uint8Array, Uint8Array];
    const { client } = setup({
      a: peer(() => EPOCHS, { syncedLedgerInfo: first, epochEndingLedgerInfos: { lowest: 0n, highest: 1n } }),
      b: peer(() => EPOCHS, { syncedLedgerInfo: second, epochEndingLedgerInfos: { lowest: 0n, highest: 2n } }),
      c: peer(() => EPOCHS, {}),
    });
    await client.refreshSummaries();
    const { highestEpochEnding, ledgerInfos } = client.globalSummary();
    expect(highestEpochEnding).toBe(2n);
    expect(ledgerInfos.map((offer) => [offer.peer, offer.ledgerInfo.ledgerInfo.commitInfo.version])).toEqual([
      ["a", 100n],
      ["b", 200n],
    ]);
  });

  it("goes on without peers that send no summary, and asks them less and less", async () => {
    const { client, transport, clock } = setup({ a: peer(() => EPOCHS), dead: failing("CONNECTION_FAILED") });
    for (let i = 0; i < 100; i++) {
      await client.refreshSummaries();
      clock.advance(100);
    }
    const asked = (url: string) => transport.sent.filter((sent) => sent.peer === url).length;
    expect(asked("a")).toBe(100);
    expect(asked("dead")).toBeLessThan(8);
  });

  it("says why when no peer can be reached", async () => {
    const { client, clock } = setup({ a: failing("CONNECTION_FAILED"), b: failing("CONNECTION_FAILED") });
    await expect(client.refreshSummaries()).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
    await expect(client.request(ASK_EPOCHS)).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
    expect(clock.sleeps.length).toBeGreaterThan(0);
  });

  it("ignores a peer after proven lies, asks others first from the first one on, and lets it come back", async () => {
    const { client } = setup({ a: peer(() => EPOCHS), b: peer(() => EPOCHS) });
    const lie = new SyncError("PROOF_MISMATCH", "Cannot verify");
    const { context } = await client.request(ASK_EPOCHS);
    context.blame(lie);
    context.blame(lie);
    expect(report(client, context.peer)).toMatchObject({ failures: 1 });
    for (let i = 0; i < 5; i++) expect((await client.request(ASK_EPOCHS)).context.peer).not.toBe(context.peer);
    for (let i = 0; i < 3; i++) client.blame(context.peer, lie);
    expect(client.globalSummary().ledgerInfos).toHaveLength(0);
    const other = context.peer === "a" ? "b" : "a";
    for (let i = 0; i < 10; i++) client.blame(other, lie);
    expect(client.hasUsablePeers()).toBe(false);
    await expect(client.request(ASK_EPOCHS)).rejects.toMatchObject({ code: "NO_PEERS" });
    for (let i = 0; i < 10; i++) await client.refreshSummaries().catch(() => {});
    expect(client.hasUsablePeers()).toBe(true);
  });

  it.each([
    ["of any kind", new Error("enough")],
    ["that could be a slow peer's failure", new SyncError("REQUEST_TIMEOUT", "Cannot wait longer")],
    ["that could be a lie of a peer's", new SyncError("PROOF_MISMATCH", "Cannot verify what came before")],
  ])("lets aborts through untouched, at once, and holds them against nobody: a reason %s", async (_, reason) => {
    const before = setup({ a: peer(() => EPOCHS), b: peer(() => EPOCHS) });
    const aborted = AbortSignal.abort(reason);
    await expect(before.client.request(ASK_EPOCHS, aborted)).rejects.toBe(reason);
    await expect(before.client.refreshSummaries(aborted)).rejects.toBe(reason);
    expect(before.client.peers().map(({ failures }) => failures)).toEqual([0, 0]);
    const controller = new AbortController();
    const abort = peer(() => {
      controller.abort(reason);
      return EPOCHS;
    });
    const during = setup({ a: abort, b: abort });
    await expect(during.client.request(ASK_EPOCHS, controller.signal)).rejects.toBe(reason);
    expect(during.transport.sent.filter(({ path }) => path === "/v1/epochs/0-1")).toHaveLength(1);
    expect(during.client.peers().map(({ failures }) => failures)).toEqual([0, 0]);
    expect([...before.clock.sleeps, ...during.clock.sleeps]).toEqual([]);
  });

  it("refuses an empty list of peers, and one that is too long", () => {
    expect(() => setup({})).toThrow(/1 to 64/);
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`p${i}`, peer(() => EPOCHS)]));
    expect(() => setup(many)).toThrow(/1 to 64/);
  });
});
