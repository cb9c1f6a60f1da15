import { beforeAll, describe, expect, it } from "vitest";
import {
  ACTIVE_STREAM_COUNT,
  SUBSCRIPTION_COUNT,
  SUBSCRIPTION_EVENTS,
  SUBSCRIPTION_EXPIRE,
} from "../../../core/storage-service/metrics.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { readerWith } from "../../helpers/reader-with.ts";
import { MAIN_KINDS, type WaitingKind } from "../../helpers/waiting-requests.ts";
import { askShuffled, capsOf, expectChunks, newStream, streamAtHead } from "../../helpers/waiting-streams.ts";
import {
  buildWaitingWorld,
  epochAfter,
  expectRefused,
  SOMEBODY,
  TRUSTED,
  versionOf,
} from "../../helpers/waiting-world.ts";

const PERIOD_MS = 100;
const OUTPUTS = MAIN_KINDS[0] as WaitingKind;

let large: DevnetWorld;

beforeAll(async () => {
  large = await buildDevnetWorld({ blocks: 1, parameters: { transactionsPerBlock: 70, epochBlocks: 1_000 } });
});

describe("a subscription stream where something fails", () => {
  it("survives a client that gives up, waiting or being answered, and gives it the same index again", async () => {
    let release = () => {};
    let isHeld = true;
    const reader = readerWith(large.ledger, {
      async rangeProof(request) {
        if (isHeld) await new Promise<void>((resolve) => (release = resolve));
        return await large.ledger.rangeProof(request);
      },
    });
    const own = await buildWaitingWorld({ world: large, config: capsOf(2), parts: { reader } });
    const target = await own.head();
    const from = versionOf(target) - 10n;
    const stream = newStream(from, epochAfter(target));
    const [served, waiting] = [new AbortController(), new AbortController()];
    const asked = [served, waiting].map(({ signal }, index) => {
      return own.ask(OUTPUTS.subscribe(stream, BigInt(index)), { signal });
    });
    await own.settle();
    const reason = new Error("gone");
    served.abort(reason);
    waiting.abort(reason);
    await own.settle();
    expect(asked.map(({ error }) => error)).toEqual([reason, reason]);
    expect([own.gauge(SUBSCRIPTION_COUNT), own.gauge(ACTIVE_STREAM_COUNT)]).toEqual([0, 1]);
    isHeld = false;
    release();
    await own.settle();
    const again = askShuffled(own, { kind: OUTPUTS, stream, count: 3 });
    await own.settle();
    expectChunks(again, { world: large, kind: OUTPUTS, from, cap: 2, targets: [target] });
  });

  it("is not moved by what was read for another that had its id before", async () => {
    const releases: (() => void)[] = [];
    const reader = readerWith(large.ledger, {
      async rangeProof(request) {
        if (releases.length === 0) await new Promise<void>((resolve) => releases.push(resolve));
        return await large.ledger.rangeProof(request);
      },
    });
    const config = { ...capsOf(2), maxSubscriptionPeriodMs: PERIOD_MS };
    const own = await buildWaitingWorld({ world: large, config, parts: { reader } });
    const target = await own.head();
    const from = versionOf(target) - 10n;
    const old = newStream(from - 20n, epochAfter(target));
    const controller = new AbortController();
    own.ask(OUTPUTS.subscribe(old, 0n), { signal: controller.signal });
    await own.settle();
    controller.abort();
    await own.pass(PERIOD_MS);
    own.ask(OUTPUTS.subscribe(await streamAtHead(own), 0n));
    await own.settle();
    expect(own.count(SUBSCRIPTION_EVENTS, "public", SUBSCRIPTION_EXPIRE)).toBe(1);
    const stream = { ...old, knownVersion: from };
    const asked = [own.ask(OUTPUTS.subscribe(stream, 0n))];
    await own.settle();
    releases[0]!();
    await own.settle();
    asked.push(own.ask(OUTPUTS.subscribe(stream, 1n)));
    await own.settle();
    expectChunks(asked, { world: large, kind: OUTPUTS, from, cap: 2, targets: [target] });
    own.server.stop();
  });

  it("is refused where as many are open as may be: of the process, and of one address that is not trusted", async () => {
    const config = { maxActiveStreams: 4, maxActiveStreamsPerPeer: 2, maxSubscriptionPeriodMs: PERIOD_MS };
    const own = await buildWaitingWorld({ world: large, config });
    const { knownVersion, knownEpoch } = await streamAtHead(own);
    const open = (requester = SOMEBODY, signal?: AbortSignal) => {
      const request = OUTPUTS.subscribe(newStream(knownVersion, knownEpoch), 0n);
      return own.ask(request, { requester, ...(signal === undefined ? {} : { signal }) });
    };
    const controller = new AbortController();
    const first = [open(), open(SOMEBODY, controller.signal), open()];
    await own.settle();
    expect(first.map(({ state }) => state)).toEqual(["waiting", "waiting", "refused"]);
    expectRefused(first[2]!, "TOO_MANY_REQUESTS", /at most 2 subscription streams of one address/);
    expect(first[2]!.error).toMatchObject({ detail: { retryAfterMs: 1_000 } });
    const trusted = [open(TRUSTED), open(TRUSTED), open(TRUSTED)];
    await own.settle();
    expect(trusted.map(({ state }) => state)).toEqual(["waiting", "waiting", "waiting"]);
    const other = open({ address: "192.0.2.2", trusted: false });
    await own.settle();
    expectRefused(other, "TOO_MANY_REQUESTS", /at most 4 subscription streams/);
    // A stream whose client gave up is still open; once it has expired, there is room.
    controller.abort();
    await own.settle();
    const early = open();
    await own.settle();
    expect(early.state).toBe("refused");
    await own.pass(PERIOD_MS);
    expect(own.clock.sleepers).toBe(0);
    const [late, nameless] = [open(), open({ trusted: false })];
    await own.settle();
    expect([late.state, nameless.state]).toEqual(["waiting", "waiting"]);
    own.server.stop();
  });

  it("ends with the server: all that wait are answered, what is being read is still sent", async () => {
    let release = () => {};
    const reader = readerWith(large.ledger, {
      async rangeProof(request) {
        await new Promise<void>((resolve) => (release = resolve));
        return await large.ledger.rangeProof(request);
      },
    });
    const own = await buildWaitingWorld({ world: large, config: capsOf(2), parts: { reader } });
    const target = await own.head();
    const from = versionOf(target) - 10n;
    const stream = newStream(from, epochAfter(target));
    const asked = [0n, 1n, 2n].map((index) => own.ask(OUTPUTS.subscribe(stream, index)));
    await own.settle();
    own.server.stop();
    own.server.stop();
    await own.settle();
    for (const each of asked.slice(1)) expectRefused(each, "NOT_SERVICEABLE", /the server ends/);
    expect(asked[0]!.state).toBe("waiting");
    release();
    await own.settle();
    expectChunks(asked.slice(0, 1), { world: large, kind: OUTPUTS, from, cap: 2, targets: [target] });
    const late = own.ask(OUTPUTS.subscribe(stream, 1n));
    await own.settle();
    expectRefused(late, "NOT_SERVICEABLE", /the server ends/);
    expect([own.gauge(ACTIVE_STREAM_COUNT), own.clock.sleepers]).toEqual([0, 0]);
  });

  it("hears at once of a ledger that cannot be looked at", async () => {
    let isBroken = false;
    const reader = readerWith(large.ledger, {
      progress: () => isBroken ? Promise.reject(new Error("the disk is gone")) : large.ledger.progress(),
    });
    const own = await buildWaitingWorld({ world: large, parts: { reader } });
    const stream = await streamAtHead(own);
    isBroken = true;
    const asked = own.ask(OUTPUTS.subscribe(stream, 0n));
    await own.settle();
    expect(String(asked.error)).toBe("Error: the disk is gone");
    isBroken = false;
    const again = own.ask(OUTPUTS.subscribe({ ...stream, knownVersion: stream.knownVersion }, 0n));
    await own.settle();
    expect(again.state).toBe("waiting");
    own.server.stop();
  });

  it("serves the newer of two requests for one index, also while the older one is being served", async () => {
    const releases: (() => void)[] = [];
    const reader = readerWith(large.ledger, {
      async rangeProof(request) {
        await new Promise<void>((resolve) => releases.push(resolve));
        return await large.ledger.rangeProof(request);
      },
    });
    // Nothing is kept, so each is read for itself.
    const own = await buildWaitingWorld({
      world: large,
      config: { ...capsOf(2), maxLruCacheSize: 0 },
      parts: { reader },
    });
    const target = await own.head();
    const from = versionOf(target) - 10n;
    const stream = newStream(from, epochAfter(target));
    const transactions = MAIN_KINDS.find(({ data }) => data === "transactions") as WaitingKind;
    const older = own.ask(OUTPUTS.subscribe(stream, 0n));
    await own.settle();
    const newer = own.ask(transactions.subscribe(stream, 0n));
    await own.settle();
    expectRefused(older, "INVALID_REQUEST", /a newer request for index 0/);
    expect(releases).toHaveLength(2);
    releases[0]!();
    await own.settle();
    expect(newer.state).toBe("waiting");
    releases[1]!();
    await own.settle();
    expectChunks([newer], { world: large, kind: transactions, from, cap: 2, targets: [target] });
  });
});
