import { beforeAll, describe, expect, it } from "vitest";
import type { WaitingRequest } from "../../../core/wire/request-types.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { readerWith } from "../../helpers/reader-with.ts";
import { settled } from "../../helpers/stepped-clock.ts";
import { MAIN_KINDS, type WaitingKind } from "../../helpers/waiting-requests.ts";
import { newStream, states, streamAtHead } from "../../helpers/waiting-streams.ts";
import {
  type Asked,
  buildWaitingWorld,
  epochAfter,
  REFRESH_MS,
  versionOf,
  type WaitingWorld,
} from "../../helpers/waiting-world.ts";

const OUTPUTS = MAIN_KINDS[0] as WaitingKind;
const V2_OUTPUTS = MAIN_KINDS.find(({ generation, data }) => generation === "v2" && data === "outputs") as WaitingKind;
const FETCHES = 1_000;
const STREAMS = 200;
const BLOCKS = 6;
/** What waits together must be read together, whether or not there is room to keep it. */
const NO_CACHE = { maxLruCacheSize: 0 };

let world: DevnetWorld;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 1, parameters: { transactionsPerBlock: 2, epochBlocks: 3 } });
});

/** What happened for one new block. */
interface BlockCost {
  /** Calls of the ledger reader by name. */
  readonly calls: Record<string, number>;
  /** Different frames among the answers. */
  readonly frames: number;
}

function callsSince({ counted: { calls } }: WaitingWorld, before: ReadonlyMap<string, number>): Record<string, number> {
  const since = [...calls].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(since.filter(([, count]) => count > 0));
}

/**
 * Lets clients follow the chain for some blocks, over the end of an epoch; all ask again as soon as they are answered.
 *
 * @param requestsOf What all clients ask at a turn.
 */
async function follow(
  own: WaitingWorld,
  requestsOf: (turn: number) => Promise<WaitingRequest[]>,
): Promise<BlockCost[]> {
  const costs: BlockCost[] = [];
  for (let turn = 0; turn < BLOCKS; turn++) {
    const asked: Asked[] = (await requestsOf(turn)).map((request) => own.ask(request));
    await own.settle();
    expect(states(asked)).toEqual(["waiting"]);
    const before = new Map(own.counted.calls);
    await own.grow();
    await own.pass(REFRESH_MS);
    expect(states(asked)).toEqual(["answered"]);
    costs.push({ calls: callsSince(own, before), frames: new Set(asked.map(({ frame }) => frame)).size });
  }
  own.server.stop();
  await own.settle();
  expect(own.clock.sleepers).toBe(0);
  return costs;
}

/** Follows with `count` optimistic fetches at a time. */
async function followWithFetches(count: number): Promise<BlockCost[]> {
  const own = await buildWaitingWorld({ world, config: NO_CACHE });
  return await follow(own, async () => {
    const head = await own.head();
    const known = { knownVersion: versionOf(head), knownEpoch: epochAfter(head) };
    return Array.from({ length: count }, () => OUTPUTS.fetch(known));
  });
}

/** Follows with `count` subscription streams. */
async function followWithStreams(count: number): Promise<BlockCost[]> {
  const own = await buildWaitingWorld({ world, config: { ...NO_CACHE, maxActiveStreamsPerPeer: count } });
  const { knownVersion, knownEpoch } = await streamAtHead(own);
  const streams = Array.from({ length: count }, () => newStream(knownVersion, knownEpoch));
  return await follow(own, async (turn) => streams.map((stream) => OUTPUTS.subscribe(stream, BigInt(turn))));
}

/** The ends of epochs fall on other blocks in each run, so runs are compared by their dearest block. */
function dearest(costs: readonly BlockCost[]): number {
  return Math.max(...costs.map(({ calls }) => Object.values(calls).reduce((sum, count) => sum + count, 0)));
}

describe("a new version", () => {
  it("is read for a thousand optimistic fetches as for one, and all get one frame", async () => {
    const one = await followWithFetches(1);
    const many = await followWithFetches(FETCHES);
    expect(many.map(({ frames }) => frames)).toEqual(many.map(() => 1));
    expect(dearest(many)).toBe(dearest(one));
    for (const { calls } of many) expect(Object.values(calls)).toEqual(Object.values(calls).map(() => 1));
  });

  it("is read a few times for a thousand fetches that all allow another number of bytes", async () => {
    const own = await buildWaitingWorld({ world, config: NO_CACHE });
    const costs = await follow(own, async () => {
      const head = await own.head();
      const known = { knownVersion: versionOf(head), knownEpoch: epochAfter(head) };
      return Array.from({ length: FETCHES }, (_, i) => V2_OUTPUTS.fetch(known, 4 * 1024 * 1024 + 1_000 * i));
    });
    expect(costs.map(({ frames }) => frames)).toEqual(costs.map(() => 1));
  });

  it("is read for two hundred subscription streams as for one", async () => {
    const one = await followWithStreams(1);
    const many = await followWithStreams(STREAMS);
    expect(many.map(({ frames }) => frames)).toEqual(many.map(() => STREAMS));
    expect(dearest(many)).toBe(dearest(one));
  });

  it("makes many read different things, but not all of them at once", async () => {
    let running = 0;
    let most = 0;
    const reader = readerWith(world.ledger, {
      async rangeProof(request) {
        most = Math.max(most, ++running);
        await settled();
        running--;
        return await world.ledger.rangeProof(request);
      },
    });
    const own = await buildWaitingWorld({ world, parts: { reader } });
    while (versionOf(await own.head()) < 100n) await own.grow();
    const asked = Array.from(
      { length: 100 },
      (_, i) => own.ask(OUTPUTS.fetch({ knownVersion: BigInt(i), knownEpoch: 1_000n })),
    );
    while (asked.some(({ state }) => state === "waiting")) await own.pass(1);
    expect(most).toBe(4);
  });
});

describe("waiting", () => {
  it("costs one look at the ledger an interval, however many wait", async () => {
    const own = await buildWaitingWorld({ world, config: { maxActiveStreamsPerPeer: STREAMS } });
    const { knownVersion, knownEpoch } = await streamAtHead(own);
    for (let i = 0; i < FETCHES; i++) own.ask(OUTPUTS.fetch({ knownVersion: knownVersion + BigInt(i), knownEpoch }));
    for (let i = 0; i < STREAMS; i++) own.ask(OUTPUTS.subscribe(newStream(knownVersion, knownEpoch), 0n));
    await own.settle();
    expect(own.clock.sleepers).toBe(1);
    const before = new Map(own.counted.calls);
    await own.pass(1_000);
    expect(callsSince(own, before)).toEqual({ progress: 10 });
    own.server.stop();
  });
});
