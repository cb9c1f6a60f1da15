import { beforeAll, describe, expect, it } from "vitest";
import type { DevnetParameters } from "../../../adapters/devnet/parameters.ts";
import { createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { createLedger } from "../../../core/ledger/open-ledger.ts";
import {
  OPTIMISTIC_FETCH_ADD,
  OPTIMISTIC_FETCH_COUNT,
  OPTIMISTIC_FETCH_EVENTS,
  OPTIMISTIC_FETCH_EXPIRE,
  OPTIMISTIC_FETCH_LATENCY,
} from "../../../core/storage-service/metrics.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { readerWith } from "../../helpers/reader-with.ts";
import { expectNewData, MAIN_KINDS, WAITING_KINDS, type WaitingKind } from "../../helpers/waiting-requests.ts";
import {
  buildWaitingWorld,
  epochAfter,
  expectRefused,
  REFRESH_MS,
  SOMEBODY,
  TRUSTED,
  versionOf,
  type WaitingWorld,
} from "../../helpers/waiting-world.ts";

/** Blocks of more versions than the item cap of these tests, all in one epoch. */
const LARGE_BLOCKS: Partial<DevnetParameters> = { transactionsPerBlock: 70, epochBlocks: 1_000 };
const SHORT_EPOCHS: Partial<DevnetParameters> = { transactionsPerBlock: 2, epochBlocks: 3 };
const CAP = 64;
const CAPS = { maxTransactionChunkSize: CAP, maxTransactionOutputChunkSize: CAP };
const PERIOD_MS = 5_000;

const OUTPUTS = MAIN_KINDS[0] as WaitingKind;

let large: DevnetWorld;
let epochs: DevnetWorld;

beforeAll(async () => {
  large = await buildDevnetWorld({ blocks: 1, parameters: LARGE_BLOCKS });
  epochs = await buildDevnetWorld({ blocks: 1, parameters: SHORT_EPOCHS });
});

/** Where a client is that has everything. */
async function headPosition(own: WaitingWorld) {
  const head = await own.head();
  return { knownVersion: versionOf(head), knownEpoch: epochAfter(head) };
}

describe.each(["outputs", "transactions", "either"] as const)("optimistic fetches of %s", (data) => {
  const kinds = WAITING_KINDS.filter((kind) => kind.data === data);

  it("wait for the head to move, then get all up to the newest ledger info", async () => {
    const own = await buildWaitingWorld({ world: large, config: CAPS });
    const { knownEpoch } = await headPosition(own);
    await own.server.view();
    const target = await own.grow();
    const highest = versionOf(target);
    const cases = kinds.flatMap((kind) => [1, 20, CAP].map((size) => ({ kind, size })));
    const asked = cases.map(({ kind, size }) =>
      own.ask(kind.fetch({ knownVersion: highest - BigInt(size), knownEpoch }))
    );
    await own.settle();
    expect(new Set(asked.map(({ state }) => state))).toEqual(new Set(["waiting"]));
    await own.pass(REFRESH_MS);
    for (const [i, { kind, size }] of cases.entries()) {
      const first = highest - BigInt(size) + 1n;
      expectNewData(asked[i]!, { context: large.context, kind, versions: [first, highest], target });
    }
  });

  it("of one address on two networks are two, and both are answered", async () => {
    // Those on the public network take all places that the address may have; on the other it needs none.
    const own = await buildWaitingWorld({
      world: large,
      config: { ...CAPS, maxActiveOptimisticFetchesPerPeer: kinds.length },
    });
    const head = await headPosition(own);
    await own.server.view();
    const target = await own.grow();
    const known = { ...head, knownVersion: versionOf(target) - 3n };
    const asked = [SOMEBODY, TRUSTED].flatMap((requester) =>
      kinds.map((kind) => ({ kind, each: own.ask(kind.fetch(known), { requester }) }))
    );
    await own.settle();
    expect([own.gauge(OPTIMISTIC_FETCH_COUNT), own.gauge(OPTIMISTIC_FETCH_COUNT, "trusted")])
      .toEqual([kinds.length, kinds.length]);
    await own.pass(REFRESH_MS);
    const versions = [known.knownVersion + 1n, versionOf(target)] as const;
    for (const { kind, each } of asked) expectNewData(each, { context: large.context, kind, versions, target });
    expect([own.gauge(OPTIMISTIC_FETCH_COUNT), own.gauge(OPTIMISTIC_FETCH_COUNT, "trusted")]).toEqual([0, 0]);
  });

  it("are refused where V2 is switched off, if they are V2", async () => {
    const own = await buildWaitingWorld({ world: large, config: { ...CAPS, enableTransactionDataV2: false } });
    const target = await own.head();
    const known = { knownVersion: versionOf(target) - 3n, knownEpoch: epochAfter(target) };
    const asked = kinds.map((kind) => own.ask(kind.fetch(known)));
    await own.settle();
    for (const [i, kind] of kinds.entries()) {
      if (kind.generation === "v2") expectRefused(asked[i]!, "NOT_SERVICEABLE", /V2/);
      else {
        const versions = [known.knownVersion + 1n, versionOf(target)] as const;
        expectNewData(asked[i]!, { context: large.context, kind, versions, target });
      }
    }
  });

  it("get no more than the end of their epoch, proven in the ledger info that ends it", async () => {
    const own = await buildWaitingWorld({ world: epochs });
    await own.growToEpochEnd();
    await own.grow();
    const known = await headPosition(own);
    const asked = kinds.map((kind) => own.ask(kind.fetch(known)));
    await own.settle();
    const target = await own.growToEpochEnd();
    await own.growToEpochEnd();
    await own.grow();
    expect(asked.map(({ state }) => state)).toEqual(kinds.map(() => "waiting"));
    await own.pass(REFRESH_MS);
    const versions = [known.knownVersion + 1n, versionOf(target)] as const;
    for (const [i, kind] of kinds.entries()) {
      expectNewData(asked[i]!, { context: epochs.context, kind, versions, target });
    }
  });

  it("get no more items than the cap, proven at the newest version", async () => {
    const cap = 40;
    const config = { maxTransactionChunkSize: cap, maxTransactionOutputChunkSize: cap };
    const own = await buildWaitingWorld({ world: large, config });
    const target = await own.head();
    const { knownEpoch } = await headPosition(own);
    const knownVersion = versionOf(target) - BigInt(cap + 10);
    const asked = kinds.map((kind) => own.ask(kind.fetch({ knownVersion, knownEpoch })));
    await own.settle();
    const versions = [knownVersion + 1n, knownVersion + BigInt(cap)] as const;
    for (const [i, kind] of kinds.entries()) {
      expectNewData(asked[i]!, { context: large.context, kind, versions, target });
    }
  });
});

describe("optimistic fetches of outputs or transactions", () => {
  /** Lengths of the answers that hold the newest 30 versions as outputs and as transactions. */
  async function frameLengths(own: WaitingWorld) {
    const head = await own.head();
    const known = { knownVersion: versionOf(head) - 30n, knownEpoch: epochAfter(head) };
    const ofKind = (data: WaitingKind["data"]) => WAITING_KINDS.find((kind) => kind.data === data) as WaitingKind;
    const asked = [ofKind("outputs"), ofKind("transactions")].map((kind) => own.ask(kind.fetch(known)));
    await own.settle();
    const [outputs = 0, transactions = 0] = asked.map(({ frame }) => frame.bytes.length);
    return { known, target: head, outputs, transactions };
  }

  it.each(WAITING_KINDS.filter(({ data }) => data === "either"))(
    "fall back to transactions where not all outputs fit ($name)",
    async (kind) => {
      const { known, target, outputs, transactions } = await frameLengths(await buildWaitingWorld({ world: large }));
      expect(transactions).toBeLessThan(outputs / 2);
      const versions = [known.knownVersion + 1n, versionOf(target)] as const;
      for (const [limit, list] of [[outputs - 1, "transactions"], [2 * outputs, "outputs"]] as const) {
        const own = await buildWaitingWorld({ world: large, config: { maxNetworkChunkBytes: limit } });
        const asked = own.ask(kind.fetch(known, limit));
        await own.settle();
        expectNewData(asked, { context: large.context, kind, versions, target, list });
        expect(asked.frame.bytes.length).toBeLessThanOrEqual(limit);
      }
    },
  );
});

describe("an optimistic fetch", () => {
  it("is answered at once if there is something new already", async () => {
    const own = await buildWaitingWorld({ world: large });
    const target = await own.head();
    const known = { knownVersion: versionOf(target) - 1n, knownEpoch: epochAfter(target) };
    const asked = own.ask(OUTPUTS.fetch(known));
    await own.settle();
    const versions = [versionOf(target), versionOf(target)] as const;
    expectNewData(asked, { context: large.context, kind: OUTPUTS, versions, target });
    expect(asked.data).toMatchObject(known);
    expect(asked.data.stream).toBeUndefined();
    expect(asked.frame.lifetime).toBe("none");
    expect(own.clock.sleepers).toBe(0);
  });

  it("waits where there is nothing at all yet, and expires", async () => {
    const { context, waypoint } = large;
    const ledger = await createLedger(createMemoryKv(), { context, waypoint });
    const own = await buildWaitingWorld({ world: large, parts: { reader: ledger } });
    const asked = own.ask(OUTPUTS.fetch({ knownVersion: 0n, knownEpoch: 0n }));
    await own.pass(PERIOD_MS - 1);
    expect(asked.state).toBe("waiting");
    await own.pass(1);
    expectRefused(asked, "NOT_SERVICEABLE", /nothing new within 5000 ms/);
  });

  it("is refused if its version does not respect an epoch boundary, and only that one", async () => {
    const own = await buildWaitingWorld({ world: epochs });
    const ending = await own.growToEpochEnd();
    const target = await own.grow(2);
    const endedEpoch = ending.ledgerInfo.commitInfo.epoch;
    const wrong = own.ask(OUTPUTS.fetch({ knownVersion: versionOf(ending) + 1n, knownEpoch: endedEpoch }));
    const atEnd = own.ask(OUTPUTS.fetch({ knownVersion: versionOf(ending), knownEpoch: endedEpoch }));
    const right = own.ask(OUTPUTS.fetch({ knownVersion: versionOf(ending), knownEpoch: endedEpoch + 1n }));
    await own.settle();
    for (const asked of [wrong, atEnd]) {
      expectRefused(asked, "INVALID_REQUEST", /does not respect an epoch boundary/);
    }
    const versions = [versionOf(ending) + 1n, versionOf(target)] as const;
    expectNewData(right, { context: epochs.context, kind: OUTPUTS, versions, target });
  });

  it("is refused if the ending of its epoch is not here", async () => {
    const own = await buildWaitingWorld({
      world: epochs,
      parts: { reader: readerWith(epochs.ledger, { epochEndings: () => Promise.resolve([]) }) },
    });
    await own.growToEpochEnd();
    await own.grow();
    const asked = own.ask(OUTPUTS.fetch({ knownVersion: 1n, knownEpoch: 1n }));
    await own.settle();
    expectRefused(asked, "NOT_SERVICEABLE", /the ending of epoch 1 is not here/);
  });

  it("replaces no other: one that knows more waits on when one that knows less is answered", async () => {
    const own = await buildWaitingWorld({ world: large });
    const known = await headPosition(own);
    const ahead = { ...known, knownVersion: known.knownVersion + 100n };
    const first = own.ask(OUTPUTS.fetch(known));
    await own.settle();
    const second = own.ask(OUTPUTS.fetch(ahead));
    await own.grow();
    await own.pass(REFRESH_MS);
    expect([first.state, second.state]).toEqual(["answered", "waiting"]);
    expect(own.gauge(OPTIMISTIC_FETCH_COUNT)).toBe(1);
    const target = await own.grow();
    await own.pass(REFRESH_MS);
    const versions = [ahead.knownVersion + 1n, versionOf(target)] as const;
    expectNewData(second, { context: large.context, kind: OUTPUTS, versions, target });
  });

  it("expires after its period, counted from its arrival, and those before it first", async () => {
    const own = await buildWaitingWorld({ world: large, config: { maxOptimisticFetchPeriodMs: 100 } });
    const known = await headPosition(own);
    const batch = () => WAITING_KINDS.map((kind) => own.ask(kind.fetch(known)));
    const states = (asked: ReturnType<typeof batch>) => [...new Set(asked.map(({ state }) => state))];
    const early = batch();
    await own.pass(50);
    expect(states(early)).toEqual(["waiting"]);
    const late = batch();
    await own.pass(100);
    for (const asked of early) expectRefused(asked, "NOT_SERVICEABLE", /nothing new within 100 ms/);
    expect(states(late)).toEqual(["waiting"]);
    await own.pass(100);
    expect(states(late)).toEqual(["refused"]);
    expect(own.count(OPTIMISTIC_FETCH_EVENTS, "public", OPTIMISTIC_FETCH_ADD)).toBe(2 * WAITING_KINDS.length);
    expect(own.count(OPTIMISTIC_FETCH_EVENTS, "public", OPTIMISTIC_FETCH_EXPIRE)).toBe(2 * WAITING_KINDS.length);
    expect(own.gauge(OPTIMISTIC_FETCH_COUNT)).toBe(0);
    expect(own.clock.sleepers).toBe(0);
  });

  it("leaves nothing behind when its client gives up", async () => {
    const own = await buildWaitingWorld({ world: large });
    const known = await headPosition(own);
    const [leaver, gone] = [new AbortController(), new AbortController()];
    const reason = new Error("gone");
    const asked = [leaver.signal, undefined].map((signal) => {
      return own.ask(OUTPUTS.fetch(known), signal === undefined ? {} : { signal });
    });
    gone.abort(reason);
    const never = own.ask(OUTPUTS.fetch(known), { signal: gone.signal });
    await own.settle();
    leaver.abort(reason);
    await own.settle();
    expect([asked[0]!.error, never.error]).toEqual([reason, reason]);
    expect(asked[1]!.state).toBe("waiting");
    expect(own.gauge(OPTIMISTIC_FETCH_COUNT)).toBe(1);
    own.server.stop();
    await own.settle();
    expectRefused(asked[1]!, "NOT_SERVICEABLE", /the server ends/);
    expect(own.gauge(OPTIMISTIC_FETCH_COUNT)).toBe(0);
    expect(own.clock.sleepers).toBe(0);
  });

  it("that would wait is refused once the server ends; one that need not is answered", async () => {
    const own = await buildWaitingWorld({ world: large });
    const known = await headPosition(own);
    own.server.stop();
    const asked = [known, { ...known, knownVersion: known.knownVersion - 1n }].map((position) => {
      return own.ask(OUTPUTS.fetch(position));
    });
    await own.settle();
    expectRefused(asked[0]!, "NOT_SERVICEABLE", /the server ends/);
    expect(asked[1]!.state).toBe("answered");
  });

  it("is refused where as many wait as may, and told when to come back", async () => {
    const own = await buildWaitingWorld({ world: large, config: { maxActiveOptimisticFetches: 2 } });
    const known = await headPosition(own);
    const controller = new AbortController();
    const waiting = [0, 1].map(() => own.ask(OUTPUTS.fetch(known), { signal: controller.signal }));
    await own.settle();
    const third = own.ask(OUTPUTS.fetch(known));
    await own.settle();
    expectRefused(third, "TOO_MANY_REQUESTS", /at most 2 optimistic fetches/);
    expect(third.error).toMatchObject({ detail: { retryAfterMs: 1_000 } });
    controller.abort();
    const fourth = own.ask(OUTPUTS.fetch(known));
    await own.settle();
    expect([waiting[0]!.state, waiting[1]!.state, fourth.state]).toEqual(["refused", "refused", "waiting"]);
    own.server.stop();
  });

  it("is refused where as many are being answered as may", async () => {
    const releases: (() => void)[] = [];
    const reader = readerWith(large.ledger, {
      async rangeProof(request) {
        await new Promise<void>((resolve) => releases.push(resolve));
        return await large.ledger.rangeProof(request);
      },
    });
    const own = await buildWaitingWorld({ world: large, config: { maxNetworkChannelSize: 2 }, parts: { reader } });
    const { knownVersion, knownEpoch } = await headPosition(own);
    const ask = (below: bigint) => own.ask(OUTPUTS.fetch({ knownVersion: knownVersion - below, knownEpoch }));
    const asked = [ask(0n), ask(1n), ask(2n), ask(3n)];
    await own.settle();
    expect(asked.map(({ state }) => state)).toEqual(["waiting", "waiting", "waiting", "refused"]);
    expectRefused(asked[3]!, "TOO_MANY_REQUESTS", /being answered/);
    const trusted = own.ask(OUTPUTS.fetch({ knownVersion: knownVersion - 1n, knownEpoch }), { requester: TRUSTED });
    await own.settle();
    expect(trusted.state).toBe("waiting");
    expect(releases).toHaveLength(2);
    for (const release of releases) release();
    await own.settle();
    expect(asked.map(({ state }) => state)).toEqual(["waiting", "answered", "answered", "refused"]);
    own.server.stop();
  });

  it("shares one frame with all that ask the same, waiting or coming later", async () => {
    const own = await buildWaitingWorld({ world: large });
    const known = await headPosition(own);
    const ask = () => own.ask(OUTPUTS.fetch(known));
    const early = [ask(), ask()];
    await own.settle();
    await own.grow();
    await own.pass(REFRESH_MS);
    const late = ask();
    const less = own.ask(OUTPUTS.fetch(known, 10_000));
    await own.settle();
    expect(new Set([...early, late].map(({ frame }) => frame)).size).toBe(1);
    expect(own.count(OPTIMISTIC_FETCH_LATENCY, "public", "get_new_transaction_outputs_with_proof", "success")).toBe(4);
    // V1 requests have no limit of their own, so this one is the same too.
    expect(less.frame).toBe(late.frame);
    const v2 = WAITING_KINDS.find(({ data, generation }) => data === "outputs" && generation === "v2") as WaitingKind;
    const limited = [20_000, 30_000].map((limit) => own.ask(v2.fetch(known, limit)));
    await own.settle();
    expect(limited[0]!.frame).not.toBe(limited[1]!.frame);
  });

  it("hears of what goes wrong while its answer is read, and the next one is answered", async () => {
    let isBroken = true;
    const failing = readerWith(large.ledger, {
      rangeProof: (request) =>
        isBroken ? Promise.reject(new Error("the disk is gone")) : large.ledger.rangeProof(request),
    });
    const own = await buildWaitingWorld({ world: large, parts: { reader: failing } });
    const known = await headPosition(own);
    const first = own.ask(OUTPUTS.fetch(known));
    await own.settle();
    await own.grow();
    await own.pass(REFRESH_MS);
    expect(first.state).toBe("refused");
    expect(String(first.error)).toContain("the disk is gone");
    isBroken = false;
    const second = own.ask(OUTPUTS.fetch(known));
    await own.settle();
    expect(second.state).toBe("answered");
  });
});
