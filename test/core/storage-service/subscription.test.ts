import { beforeAll, describe, expect, it } from "vitest";
import type { DevnetParameters } from "../../../adapters/devnet/parameters.ts";
import { ACTIVE_STREAM_COUNT, SUBSCRIPTION_COUNT } from "../../../core/storage-service/metrics.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { expectNewData, MAIN_KINDS, WAITING_KINDS } from "../../helpers/waiting-requests.ts";
import {
  askShuffled,
  capsOf,
  expectChunks,
  newStream,
  shuffled,
  states,
  streamAtHead,
} from "../../helpers/waiting-streams.ts";
import {
  type Asked,
  buildWaitingWorld,
  epochAfter,
  expectRefused,
  REFRESH_MS,
  SOMEBODY,
  TRUSTED,
  versionOf,
} from "../../helpers/waiting-world.ts";

/** Blocks of many versions, all in one epoch. */
const LARGE_BLOCKS: Partial<DevnetParameters> = { transactionsPerBlock: 70, epochBlocks: 1_000 };
const SHORT_EPOCHS: Partial<DevnetParameters> = { transactionsPerBlock: 2, epochBlocks: 3 };

let large: DevnetWorld;
let epochs: DevnetWorld;

beforeAll(async () => {
  large = await buildDevnetWorld({ blocks: 1, parameters: LARGE_BLOCKS });
  epochs = await buildDevnetWorld({ blocks: 1, parameters: SHORT_EPOCHS });
});

describe.each(["outputs", "transactions", "either"] as const)("subscriptions to %s", (data) => {
  const kinds = WAITING_KINDS.filter((kind) => kind.data === data);

  it("of two networks are answered apart", async () => {
    // The streams of the one network use up what the address may have; those of the other do not count.
    const own = await buildWaitingWorld({ world: large, config: { maxActiveStreamsPerPeer: kinds.length } });
    const stream = await streamAtHead(own);
    const asked = kinds.map((kind) =>
      [SOMEBODY, TRUSTED].map((requester) => {
        return own.ask(kind.subscribe(newStream(stream.knownVersion, stream.knownEpoch), 0n), { requester });
      })
    );
    await own.settle();
    expect([own.gauge(SUBSCRIPTION_COUNT), own.gauge(SUBSCRIPTION_COUNT, "trusted")])
      .toEqual([kinds.length, kinds.length]);
    const target = await own.grow();
    await own.pass(REFRESH_MS);
    const versions = [stream.knownVersion + 1n, versionOf(target)] as const;
    for (const [i, kind] of kinds.entries()) {
      for (const each of asked[i]!) expectNewData(each, { context: large.context, kind, versions, target });
    }
    expect([own.gauge(SUBSCRIPTION_COUNT), own.gauge(SUBSCRIPTION_COUNT, "trusted")]).toEqual([0, 0]);
    expect([own.gauge(ACTIVE_STREAM_COUNT), own.gauge(ACTIVE_STREAM_COUNT, "trusted")])
      .toEqual([kinds.length, kinds.length]);
  });

  it("are refused where V2 is switched off, if they are V2", async () => {
    const own = await buildWaitingWorld({ world: large, config: { enableTransactionDataV2: false } });
    const target = await own.head();
    const known = versionOf(target) - 3n;
    const asked = kinds.map((kind) => own.ask(kind.subscribe(newStream(known, epochAfter(target)), 0n)));
    await own.settle();
    for (const [i, kind] of kinds.entries()) {
      if (kind.generation === "v2") expectRefused(asked[i]!, "NOT_SERVICEABLE", /V2/);
      else expectNewData(asked[i]!, { context: large.context, kind, versions: [known + 1n, known + 3n], target });
    }
  });

  it("get no more than the end of their epoch, proven in the ledger info that ends it", async () => {
    const own = await buildWaitingWorld({ world: epochs });
    await own.growToEpochEnd();
    await own.grow();
    const stream = await streamAtHead(own);
    const asked = kinds.map((kind) => {
      return own.ask(kind.subscribe(newStream(stream.knownVersion, stream.knownEpoch), 0n));
    });
    await own.settle();
    const target = await own.growToEpochEnd();
    await own.grow(5);
    expect(states(asked)).toEqual(["waiting"]);
    await own.pass(REFRESH_MS);
    const versions = [stream.knownVersion + 1n, versionOf(target)] as const;
    for (const [i, kind] of kinds.entries()) {
      expectNewData(asked[i]!, { context: epochs.context, kind, versions, target });
    }
  });

  it("get no more items than the cap, proven at the newest version", async () => {
    const own = await buildWaitingWorld({ world: large, config: capsOf(30) });
    const target = await own.head();
    const known = versionOf(target) - 40n;
    const asked = kinds.map((kind) => own.ask(kind.subscribe(newStream(known, epochAfter(target)), 0n)));
    await own.settle();
    for (const [i, kind] of kinds.entries()) {
      expectNewData(asked[i]!, { context: large.context, kind, versions: [known + 1n, known + 30n], target });
    }
  });

  it("are answered in the order of their indexes, batch after batch", async () => {
    const cap = 2;
    const own = await buildWaitingWorld({ world: large, config: capsOf(cap) });
    const target = await own.head();
    const start = versionOf(target) - 30n * BigInt(cap);
    for (const kind of kinds) {
      const stream = newStream(start, epochAfter(target));
      let from = start;
      for (let batch = 0; batch < 6; batch++) {
        const asked: Asked[] = [];
        // The data is there: each request would be answered at once, were it not for those that come before it.
        for (const i of shuffled(5)) {
          asked[i] = own.ask(kind.subscribe(stream, BigInt(5 * batch + i)));
          await own.settle();
        }
        from = expectChunks(asked, { world: large, kind, from, cap, targets: [target] });
      }
      expect(from).toBe(versionOf(target));
    }
  });

  it("do not cross the end of an epoch", async () => {
    const cap = 3;
    const config = { ...capsOf(cap), maxNumActiveSubscriptions: 50 };
    const own = await buildWaitingWorld({ world: epochs, config });
    await own.growToEpochEnd();
    await own.grow();
    const start = await streamAtHead(own);
    const from = start.knownVersion;
    const asked = kinds.map((kind) => {
      return askShuffled(own, { kind, stream: newStream(from, start.knownEpoch), count: 50 });
    });
    await own.settle();
    const ending = await own.growToEpochEnd();
    const target = await own.grow(2);
    expect(states(asked.flat())).toEqual(["waiting"]);
    await own.pass(REFRESH_MS);
    for (const [i, kind] of kinds.entries()) {
      const answered = asked[i]!.filter(({ state }) => state === "answered");
      expect(asked[i]!.slice(0, answered.length)).toEqual(answered);
      const last = expectChunks(answered, { world: epochs, kind, from, cap, targets: [ending, target] });
      expect(last).toBe(versionOf(target));
      expect(answered.map((each) => each.data.ledgerInfo)).toContainEqual(ending.bytes);
      expect(states(asked[i]!.slice(answered.length))).toEqual(["waiting"]);
    }
    own.server.stop();
  });

  it("are answered all in one pass, when there is enough for them", async () => {
    const cap = 2;
    const own = await buildWaitingWorld({ world: large, config: capsOf(cap) });
    const { knownVersion, knownEpoch } = await streamAtHead(own);
    const streams = kinds.map(() => newStream(knownVersion, knownEpoch));
    const asked = kinds.map((kind, i) => askShuffled(own, { kind, stream: streams[i]!, count: 30 }));
    await own.settle();
    const target = await own.grow();
    expect(states(asked.flat())).toEqual(["waiting"]);
    expect(own.gauge(SUBSCRIPTION_COUNT)).toBe(30 * kinds.length);
    await own.pass(REFRESH_MS);
    for (const [i, kind] of kinds.entries()) {
      expectChunks(asked[i]!, { world: large, kind, from: knownVersion, cap, targets: [target] });
      for (const [index, { data: answer }] of asked[i]!.entries()) {
        const stream = { streamId: streams[i]!.streamId, streamIndex: BigInt(index) };
        expect(answer).toMatchObject({ knownVersion, knownEpoch, stream });
      }
    }
    expect(own.gauge(SUBSCRIPTION_COUNT)).toBe(0);
    expect(own.clock.sleepers).toBe(0);
  });
});

describe("a subscription to outputs or transactions", () => {
  it.each(MAIN_KINDS.filter(({ data }) => data === "either"))(
    "falls back to transactions where not all outputs fit ($name)",
    async (kind) => {
      const wide = await buildWaitingWorld({ world: large });
      const target = await wide.head();
      const known = versionOf(target) - 30n;
      const all = wide.ask(kind.subscribe(newStream(known, epochAfter(target)), 0n));
      await wide.settle();
      const outputBytes = all.frame.bytes.length;
      for (const [limit, list] of [[outputBytes - 1, "transactions"], [2 * outputBytes, "outputs"]] as const) {
        const own = await buildWaitingWorld({ world: large, config: { maxNetworkChunkBytes: limit } });
        const asked = own.ask(kind.subscribe(newStream(known, epochAfter(target)), 0n, limit));
        await own.settle();
        const versions = [known + 1n, versionOf(target)] as const;
        expectNewData(asked, { context: large.context, kind, versions, target, list });
      }
    },
  );
});
