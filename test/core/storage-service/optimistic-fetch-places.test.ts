import { beforeAll, describe, expect, it } from "vitest";
import { type Requester, UNKNOWN_REQUESTER } from "../../../core/storage-service/requester.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { MAIN_KINDS, type WaitingKind } from "../../helpers/waiting-requests.ts";
import {
  type Asked,
  buildWaitingWorld,
  epochAfter,
  expectRefused,
  REFRESH_MS,
  SOMEBODY,
  TRUSTED,
  versionOf,
  type WaitingWorld,
} from "../../helpers/waiting-world.ts";

const PERIOD_MS = 5_000;
const OUTPUTS = MAIN_KINDS[0] as WaitingKind;

let world: DevnetWorld;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 1, parameters: { transactionsPerBlock: 2, epochBlocks: 1_000 } });
});

/** Where a client is that has everything. */
async function headPosition(own: WaitingWorld) {
  const head = await own.head();
  return { knownVersion: versionOf(head), knownEpoch: epochAfter(head) };
}

describe("an optimistic fetch that would wait", () => {
  it("is refused where as many of its address wait as may; those without an address count as one", async () => {
    const config = { maxActiveOptimisticFetches: 5, maxActiveOptimisticFetchesPerPeer: 2 };
    const own = await buildWaitingWorld({ world, config });
    const known = await headPosition(own);
    const open = (requester: Requester, signal?: AbortSignal) => {
      return own.ask(OUTPUTS.fetch(known), { requester, ...(signal === undefined ? {} : { signal }) });
    };
    const states = async (...asked: Asked[]) => {
      await own.settle();
      return asked.map(({ state }) => state);
    };
    const controller = new AbortController();
    const first = [open(SOMEBODY, controller.signal), open(SOMEBODY), open(SOMEBODY)];
    expect(await states(...first)).toEqual(["waiting", "waiting", "refused"]);
    expectRefused(first[2]!, "TOO_MANY_REQUESTS", /at most 2 optimistic fetches of one address/);
    expect(first[2]!.error).toMatchObject({ detail: { retryAfterMs: 1_000 } });
    const nameless = [1, 2, 3].map(() => open(UNKNOWN_REQUESTER));
    expect(await states(...nameless)).toEqual(["waiting", "waiting", "refused"]);
    const other = { address: "192.0.2.2", trusted: false };
    expect(await states(open(other), open(other))).toEqual(["waiting", "refused"]);
    // Who hangs up makes room, for its address and for all.
    controller.abort();
    expect(await states(open(SOMEBODY), open(SOMEBODY))).toEqual(["waiting", "refused"]);
    // So does every fetch that is answered, and every one whose time is over.
    await own.grow();
    await own.pass(REFRESH_MS);
    const ahead = await headPosition(own);
    const again = () => [1, 2, 3].map(() => own.ask(OUTPUTS.fetch(ahead)));
    expect(await states(...again())).toEqual(["waiting", "waiting", "refused"]);
    await own.pass(PERIOD_MS);
    expect(await states(...again())).toEqual(["waiting", "waiting", "refused"]);
    own.server.stop();
  });

  it("of a trusted address is never refused for how many wait, and takes a place all the same", async () => {
    const config = { maxActiveOptimisticFetches: 2, maxActiveOptimisticFetchesPerPeer: 1 };
    const own = await buildWaitingWorld({ world, config });
    const known = await headPosition(own);
    const others = ["192.0.2.2", "192.0.2.3", "192.0.2.4"].map((address) => ({ address, trusted: false }));
    const asked = [...others, TRUSTED, TRUSTED].map((requester) => own.ask(OUTPUTS.fetch(known), { requester }));
    await own.settle();
    expect(asked.map(({ state }) => state)).toEqual(["waiting", "waiting", "refused", "waiting", "waiting"]);
    own.server.stop();
    const next = await buildWaitingWorld({ world, config });
    const trusted = [TRUSTED, TRUSTED, SOMEBODY].map((requester) => next.ask(OUTPUTS.fetch(known), { requester }));
    await next.settle();
    expect(trusted.map(({ state }) => state)).toEqual(["waiting", "waiting", "refused"]);
    next.server.stop();
  });
});
