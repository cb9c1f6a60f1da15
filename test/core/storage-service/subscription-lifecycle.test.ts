import { beforeAll, describe, expect, it } from "vitest";
import type { DevnetParameters } from "../../../adapters/devnet/parameters.ts";
import { createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { createLedger } from "../../../core/ledger/open-ledger.ts";
import {
  ACTIVE_STREAM_COUNT,
  SUBSCRIPTION_ADD,
  SUBSCRIPTION_COUNT,
  SUBSCRIPTION_EVENTS,
  SUBSCRIPTION_EXPIRE,
  SUBSCRIPTION_FAILURE,
  SUBSCRIPTION_NEW_STREAM,
} from "../../../core/storage-service/metrics.ts";
import type { SubscriptionStream } from "../../../core/wire/request-types.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { readerWith } from "../../helpers/reader-with.ts";
import { expectNewData, MAIN_KINDS, type WaitingKind } from "../../helpers/waiting-requests.ts";
import { capsOf, expectChunks, newStream, states, streamAtHead } from "../../helpers/waiting-streams.ts";
import { buildWaitingWorld, epochAfter, expectRefused, REFRESH_MS, versionOf } from "../../helpers/waiting-world.ts";

const LARGE_BLOCKS: Partial<DevnetParameters> = { transactionsPerBlock: 70, epochBlocks: 1_000 };
const SHORT_EPOCHS: Partial<DevnetParameters> = { transactionsPerBlock: 2, epochBlocks: 3 };
const PERIOD_MS = 100;
const OUTPUTS = MAIN_KINDS[0] as WaitingKind;

let large: DevnetWorld;
let epochs: DevnetWorld;

beforeAll(async () => {
  large = await buildDevnetWorld({ blocks: 1, parameters: LARGE_BLOCKS });
  epochs = await buildDevnetWorld({ blocks: 1, parameters: SHORT_EPOCHS });
});

describe("a subscription stream", () => {
  it("is served from below the head, up to the end of its epoch; from beyond that it is closed", async () => {
    const own = await buildWaitingWorld({ world: epochs });
    const ending = await own.growToEpochEnd();
    const head = await own.grow(2);
    const epoch = ending.ledgerInfo.commitInfo.epoch;
    const ahead = newStream(versionOf(head), epochAfter(head));
    const behind = newStream(versionOf(ending) - 2n, epoch);
    const beyond = newStream(versionOf(ending) + 1n, epoch);
    const [waits, isServed] = [ahead, behind].map((stream) => own.ask(OUTPUTS.subscribe(stream, 0n)));
    const invalid = [0n, 1n, 2n].map((index) => own.ask(OUTPUTS.subscribe(beyond, index)));
    await own.settle();
    expect(waits!.state).toBe("waiting");
    const versions = [versionOf(ending) - 1n, versionOf(ending)] as const;
    expectNewData(isServed!, { context: epochs.context, kind: OUTPUTS, versions, target: ending });
    for (const asked of invalid) expectRefused(asked, "INVALID_REQUEST", /does not respect an epoch boundary/);
    expect(own.gauge(ACTIVE_STREAM_COUNT)).toBe(2);
    expect(own.gauge(SUBSCRIPTION_COUNT)).toBe(1);
    own.server.stop();
  });

  it("expires when nothing new comes, and answers all that wait in it", async () => {
    const own = await buildWaitingWorld({ world: large, config: { maxSubscriptionPeriodMs: PERIOD_MS } });
    const batch = async () => {
      const stream = await streamAtHead(own);
      return [0n, 1n, 2n].map((index) => own.ask(OUTPUTS.subscribe(stream, index)));
    };
    const early = await batch();
    await own.pass(50);
    expect(states(early)).toEqual(["waiting"]);
    const late = await batch();
    await own.pass(100);
    for (const asked of early) expectRefused(asked, "NOT_SERVICEABLE", /nothing new within 100 ms/);
    expect(states(late)).toEqual(["waiting"]);
    expect(own.gauge(ACTIVE_STREAM_COUNT)).toBe(1);
    await own.pass(100);
    expect(states(late)).toEqual(["refused"]);
    expect([own.gauge(ACTIVE_STREAM_COUNT), own.gauge(SUBSCRIPTION_COUNT)]).toEqual([0, 0]);
    expect(own.count(SUBSCRIPTION_EVENTS, "public", SUBSCRIPTION_EXPIRE)).toBe(2);
    expect(own.clock.sleepers).toBe(0);
  });

  it("expires also where there is no ledger info", async () => {
    const { context, waypoint } = large;
    const ledger = await createLedger(createMemoryKv(), { context, waypoint });
    const own = await buildWaitingWorld({ world: large, parts: { reader: ledger } });
    const asked = own.ask(OUTPUTS.subscribe(newStream(0n, 0n), 0n));
    await own.pass(29_999);
    expect(asked.state).toBe("waiting");
    await own.pass(1);
    expectRefused(asked, "NOT_SERVICEABLE", /nothing new within 30000 ms/);
  });

  it("stays after a failure, blocked until that index comes again; after its period it is gone", async () => {
    let isBroken = true;
    const reader = readerWith(large.ledger, {
      rangeProof: (request) =>
        isBroken ? Promise.reject(new Error("the disk is gone")) : large.ledger.rangeProof(request),
    });
    const config = { ...capsOf(2), maxSubscriptionPeriodMs: 250 };
    const own = await buildWaitingWorld({ world: large, config, parts: { reader } });
    const target = await own.head();
    const from = versionOf(target) - 10n;
    const [used, unused] = [0, 1].map(() => newStream(from, epochAfter(target)));
    const failed = [used, unused].map((stream) => own.ask(OUTPUTS.subscribe(stream!, 0n)));
    await own.settle();
    for (const { state, error } of failed) {
      expect([state, String(error)]).toEqual(["refused", "Error: the disk is gone"]);
    }
    expect([own.gauge(ACTIVE_STREAM_COUNT), own.gauge(SUBSCRIPTION_COUNT)]).toEqual([2, 0]);
    isBroken = false;
    const blocked = own.ask(OUTPUTS.subscribe(used!, 1n));
    await own.pass(200);
    expect(blocked.state).toBe("waiting");
    const again = own.ask(OUTPUTS.subscribe(used!, 0n));
    await own.settle();
    expectChunks([again, blocked], { world: large, kind: OUTPUTS, from, cap: 2, targets: [target] });
    // Time matters again as soon as somebody waits.
    own.ask(OUTPUTS.subscribe(await streamAtHead(own), 0n));
    await own.pass(REFRESH_MS);
    expect(own.gauge(ACTIVE_STREAM_COUNT)).toBe(2);
    const opened = own.count(SUBSCRIPTION_EVENTS, "public", SUBSCRIPTION_NEW_STREAM);
    const goesOn = own.ask(OUTPUTS.subscribe(used!, 2n));
    own.ask(OUTPUTS.subscribe(unused!, 0n));
    await own.settle();
    expect(goesOn.data.data.firstVersion).toBe(from + 5n);
    expect(own.count(SUBSCRIPTION_EVENTS, "public", SUBSCRIPTION_NEW_STREAM)).toBe(opened + 1);
    own.server.stop();
  });

  it("that began with a later index waits for index 0: it is rescued by it, or expires", async () => {
    const config = { ...capsOf(2), maxSubscriptionPeriodMs: PERIOD_MS };
    const own = await buildWaitingWorld({ world: large, config });
    const target = await own.head();
    const from = versionOf(target) - 10n;
    const [rescued, expired] = [0, 1].map(() => newStream(from, epochAfter(target)));
    const ask = (stream: SubscriptionStream | undefined, indexes: readonly bigint[]) => {
      return indexes.map((index) => own.ask(OUTPUTS.subscribe(stream!, index)));
    };
    const [later, inVain] = [ask(rescued, [1n, 2n]), ask(expired, [1n, 2n])];
    await own.pass(PERIOD_MS - 1);
    expect(states([...later, ...inVain])).toEqual(["waiting"]);
    const first = ask(rescued, [0n]);
    await own.settle();
    expectChunks([...first, ...later], { world: large, kind: OUTPUTS, from, cap: 2, targets: [target] });
    await own.pass(1);
    for (const asked of inVain) expectRefused(asked, "NOT_SERVICEABLE", /nothing new within 100 ms/);
    expect(own.gauge(ACTIVE_STREAM_COUNT)).toBe(1);
  });

  it("takes no request that does not fit it", async () => {
    const own = await buildWaitingWorld({ world: large, config: capsOf(2) });
    const target = await own.head();
    const stream = newStream(versionOf(target) - 10n, epochAfter(target));
    const first = own.ask(OUTPUTS.subscribe(stream, 0n));
    await own.settle();
    expect(first.state).toBe("answered");
    const wrong = [
      own.ask(OUTPUTS.subscribe({ ...stream, knownVersion: stream.knownVersion + 1n }, 1n)),
      own.ask(OUTPUTS.subscribe({ ...stream, knownEpoch: stream.knownEpoch + 1n }, 1n)),
      own.ask(OUTPUTS.subscribe(stream, 0n)),
    ];
    await own.settle();
    for (const asked of wrong) expectRefused(asked, "INVALID_REQUEST", /Cannot add to subscription stream/);
    expect(own.count(SUBSCRIPTION_EVENTS, "public", SUBSCRIPTION_ADD)).toBe(4);
    expect(own.count(SUBSCRIPTION_EVENTS, "public", SUBSCRIPTION_FAILURE)).toBe(3);
    expect(own.count(SUBSCRIPTION_EVENTS, "public", SUBSCRIPTION_NEW_STREAM)).toBe(1);
    const next = own.ask(OUTPUTS.subscribe(stream, 1n));
    await own.settle();
    expect(next.state).toBe("answered");
  });

  it("takes no more requests than may wait; when those are served, as many again", async () => {
    const config = { ...capsOf(2), maxNumActiveSubscriptions: 10 };
    const own = await buildWaitingWorld({ world: large, config });
    const stream = await streamAtHead(own);
    for (const first of [0, 10]) {
      const asked = Array.from({ length: 20 }, (_, i) => own.ask(OUTPUTS.subscribe(stream, BigInt(first + i))));
      await own.settle();
      const [stored, refused] = [asked.slice(0, 10), asked.slice(10)];
      for (const each of refused) expectRefused(each, "INVALID_REQUEST", /at most 10 requests of a stream/);
      if (first > 0) {
        expect(states(stored)).toEqual(["answered"]);
        continue;
      }
      expect(states(stored)).toEqual(["waiting"]);
      await own.grow();
      await own.pass(REFRESH_MS);
      expect(states(stored)).toEqual(["answered"]);
    }
  });

  it("stands beside another of the same client with another id and another kind", async () => {
    const own = await buildWaitingWorld({ world: large, config: capsOf(2) });
    const target = await own.head();
    const from = versionOf(target) - 10n;
    const [first, second] = [0, 1].map(() => newStream(from, epochAfter(target)));
    const transactions = MAIN_KINDS.find(({ data }) => data === "transactions") as WaitingKind;
    const outputs = [own.ask(OUTPUTS.subscribe(first!, 0n))];
    await own.settle();
    const others = [own.ask(transactions.subscribe(second!, 0n))];
    await own.settle();
    outputs.push(own.ask(OUTPUTS.subscribe(first!, 1n)));
    await own.settle();
    expectChunks(outputs, { world: large, kind: OUTPUTS, from, cap: 2, targets: [target] });
    expectChunks(others, { world: large, kind: transactions, from, cap: 2, targets: [target] });
    expect(own.count(SUBSCRIPTION_EVENTS, "public", SUBSCRIPTION_NEW_STREAM)).toBe(2);
  });

  it("answers the older of two requests for one index with the news that it was overwritten", async () => {
    const own = await buildWaitingWorld({ world: large });
    const stream = await streamAtHead(own);
    const [older, newer] = [own.ask(OUTPUTS.subscribe(stream, 0n)), own.ask(OUTPUTS.subscribe(stream, 0n))];
    await own.settle();
    expectRefused(older, "INVALID_REQUEST", /a newer request for index 0/);
    expect(newer.state).toBe("waiting");
    await own.grow();
    await own.pass(REFRESH_MS);
    expect(newer.state).toBe("answered");
  });

  it("that is idle ends when another one needs its place", async () => {
    const config = { ...capsOf(2), maxActiveStreams: 1, maxSubscriptionPeriodMs: PERIOD_MS };
    const own = await buildWaitingWorld({ world: large, config });
    const target = await own.head();
    const position = [versionOf(target) - 10n, epochAfter(target)] as const;
    const states: string[] = [];
    for (const waitMs of [0, PERIOD_MS - 1, 1]) {
      await own.pass(waitMs);
      const asked = own.ask(OUTPUTS.subscribe(newStream(...position), 0n));
      await own.settle();
      states.push(asked.state);
      expect(own.clock.sleepers).toBe(0);
    }
    expect(states).toEqual(["answered", "refused", "answered"]);
  });
});
