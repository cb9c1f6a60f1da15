import { beforeEach, describe, expect, it } from "vitest";
import type { LedgerInfoWithSignatures } from "../../../core/chain/ledger-info.ts";
import { ZERO_HASH } from "../../../core/chain/hash.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import { createHeadWatch, type HeadWatch } from "../../../core/storage-service/head-watch.ts";
import type { LedgerView, LedgerViews } from "../../../core/storage-service/ledger-view.ts";
import { createSteppedClock, settled, type SteppedClock } from "../../helpers/stepped-clock.ts";
import { unsignedLedgerInfo } from "../../helpers/unsigned-ledger-info.ts";

/** A ledger that is only a head, and counts how often it is looked at. */
interface Ledger extends LedgerViews {
  latest: LedgerInfoWithSignatures | undefined;
  error: Error | undefined;
  looks: number;
}

let clock: SteppedClock;
let ledger: Ledger;
let errors: string[];

beforeEach(() => {
  clock = createSteppedClock();
  errors = [];
  const look = () => {
    ledger.looks++;
    return ledger.error === undefined ? Promise.resolve(viewAt(ledger.latest)) : Promise.reject(ledger.error);
  };
  ledger = {
    latest: unsignedLedgerInfo(10n, 1n),
    error: undefined,
    looks: 0,
    current: look,
    refreshed: look,
    recentLedgerInfo: () => undefined,
  };
});

function viewAt(latest: LedgerInfoWithSignatures | undefined, chain: Uint8Array = ZERO_HASH): LedgerView {
  // What a watch does not look at does not matter here.
  const view = { chain, serviceable: { snapshots: [] } } as unknown as LedgerView;
  return latest === undefined ? view : { ...view, latest };
}

function watchEvery(storageSummaryRefreshIntervalMs: number): HeadWatch {
  const log = { ...SILENT_LOG, error: (message: string) => errors.push(message) };
  return createHeadWatch({ views: ledger, clock, config: { storageSummaryRefreshIntervalMs }, log });
}

/** Joins, and writes down what it hears. */
function waiterOn(watch: HeadWatch) {
  const heard: (bigint | undefined)[] = [];
  const ticks: number[] = [];
  const waiter = {
    heard,
    ticks,
    headChanged: () => heard.push(watch.view?.latest?.ledgerInfo.commitInfo.version),
    expire: (nowMs: number) => ticks.push(nowMs),
  };
  watch.join(waiter);
  return waiter;
}

describe("the head watch", () => {
  it("looks at the ledger once an interval however many wait, and tells all of them", async () => {
    const watch = watchEvery(100);
    const waiters = Array.from({ length: 100 }, () => waiterOn(watch));
    await clock.advance(300);
    expect(ledger.looks).toBe(3);
    ledger.latest = unsignedLedgerInfo(11n, 1n);
    await clock.advance(100);
    expect(ledger.looks).toBe(4);
    for (const { heard, ticks } of waiters) {
      expect(heard).toEqual([10n, 11n]);
      expect(ticks).toEqual([100, 200, 300, 400]);
    }
    expect(clock.sleepers).toBe(1);
  });

  it("does nothing before somebody waits and after the last one left", async () => {
    const watch = watchEvery(100);
    await clock.advance(1_000);
    expect([ledger.looks, clock.sleepers]).toEqual([0, 0]);
    const [first, second] = [waiterOn(watch), waiterOn(watch)];
    await clock.advance(100);
    watch.leave(first);
    await clock.advance(100);
    expect(ledger.looks).toBe(2);
    watch.leave(second);
    await settled();
    expect(clock.sleepers).toBe(0);
    await clock.advance(1_000);
    expect(ledger.looks).toBe(2);
    waiterOn(watch);
    watch.leave(first);
    await clock.advance(100);
    expect(ledger.looks).toBe(3);
  });

  it("runs one loop, also where waiters come and go within one tick", async () => {
    const watch = watchEvery(100);
    for (let i = 0; i < 10; i++) watch.leave(waiterOn(watch));
    const waiter = waiterOn(watch);
    await settled();
    expect(clock.sleepers).toBe(1);
    await clock.advance(200);
    expect(waiter.ticks).toEqual([100, 200]);
  });

  it("does not look when the last one leaves at its own tick", async () => {
    const watch = watchEvery(100);
    const waiter = { headChanged() {}, expire: () => watch.leave(waiter) };
    watch.join(waiter);
    await clock.advance(300);
    expect([ledger.looks, clock.sleepers]).toEqual([0, 0]);
  });

  it("tells at once what somebody else saw, each newer head once", async () => {
    const watch = watchEvery(100);
    const { heard } = waiterOn(watch);
    for (const version of [10n, 10n, 12n, 11n, 12n, 13n]) watch.changed(viewAt(unsignedLedgerInfo(version, 1n)));
    watch.changed(viewAt(undefined));
    expect(heard).toEqual([10n, 12n, 13n]);
    ledger.latest = unsignedLedgerInfo(14n, 1n);
    await watch.look();
    expect(heard).toEqual([10n, 12n, 13n, 14n]);
    expect(watch.view?.latest).toBe(ledger.latest);
  });

  it("tells when the name of the chain becomes known at the same head, once", () => {
    const watch = watchEvery(100);
    const { heard } = waiterOn(watch);
    const latest = unsignedLedgerInfo(10n, 1n);
    for (const chain of [ZERO_HASH, ZERO_HASH, new Uint8Array(32).fill(1), ZERO_HASH]) {
      watch.changed(viewAt(latest, chain));
    }
    expect(heard).toEqual([10n, 10n]);
    expect(watch.view?.chain[0]).toBe(1);
    watch.leave(waiterOn(watch));
  });

  it("goes on when the ledger cannot be looked at, and says so once", async () => {
    const watch = watchEvery(100);
    const { heard, ticks } = waiterOn(watch);
    ledger.error = new Error("the disk is gone");
    await clock.advance(500);
    expect(heard).toEqual([]);
    expect(ticks).toHaveLength(5);
    expect(errors).toHaveLength(1);
    await expect(watch.look()).rejects.toThrow("the disk is gone");
    expect(errors).toHaveLength(1);
    ledger.error = undefined;
    await clock.advance(100);
    expect(heard).toEqual([10n]);
    ledger.error = new Error("the disk is gone again");
    await clock.advance(100);
    expect(errors).toHaveLength(2);
  });

  it("lets time pass for those who wait while the ledger does not answer, and does not ask it again meanwhile", async () => {
    const watch = watchEvery(100);
    const { heard, ticks } = waiterOn(watch);
    let answer = (_: LedgerView) => {};
    ledger.refreshed = () => {
      ledger.looks++;
      return new Promise((resolve) => (answer = resolve));
    };
    await clock.advance(500);
    expect(ticks).toHaveLength(5);
    expect(ledger.looks).toBe(1);
    answer(viewAt(ledger.latest));
    await clock.advance(100);
    expect(heard).toEqual([10n]);
    expect(ledger.looks).toBe(2);
  });

  it.each([
    { intervalMs: 0, tickMs: 10, looks: 100 },
    { intervalMs: 50, tickMs: 50, looks: 20 },
    { intervalMs: 250, tickMs: 84, looks: 3 },
    { intervalMs: 1_000, tickMs: 100, looks: 1 },
  ])("ticks at least every 100 ms and at most every 10 ($intervalMs ms)", async ({ intervalMs, tickMs, looks }) => {
    const watch = watchEvery(intervalMs);
    const { ticks } = waiterOn(watch);
    await clock.advance(1_000);
    expect(ticks[0]).toBe(tickMs);
    expect(ticks).toHaveLength(Math.floor(1_000 / tickMs));
    expect(ledger.looks).toBe(looks);
  });
});
