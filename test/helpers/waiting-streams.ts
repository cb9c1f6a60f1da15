/**
 * Subscription streams as a client makes them, and what their answers must be together.
 *
 * @module
 */
import { expect } from "vitest";
import type { LedgerInfoWithSignatures } from "../../core/chain/ledger-info.ts";
import type { SubscriptionStream } from "../../core/wire/request-types.ts";
import type { DevnetWorld } from "./devnet-world.ts";
import { expectNewData, type WaitingKind } from "./waiting-requests.ts";
import { type Asked, epochAfter, versionOf, type WaitingWorld } from "./waiting-world.ts";

let lastStreamId = 0n;

/** A stream that nobody has used, from a position on. */
export function newStream(knownVersion: bigint, knownEpoch: bigint): SubscriptionStream {
  return { knownVersion, knownEpoch, streamId: ++lastStreamId };
}

/** A stream of somebody who has everything. */
export async function streamAtHead(own: WaitingWorld): Promise<SubscriptionStream> {
  const head = await own.head();
  return newStream(versionOf(head), epochAfter(head));
}

/** The numbers below `count`, in an order that is far from theirs. */
export function shuffled(count: number): number[] {
  const stride = [7, 11, 13].find((step) => count % step !== 0) ?? 1;
  return Array.from({ length: count }, (_, i) => (i * stride + 3) % count);
}

/** Both item caps. */
export function capsOf(cap: number): { maxTransactionChunkSize: number; maxTransactionOutputChunkSize: number } {
  return { maxTransactionChunkSize: cap, maxTransactionOutputChunkSize: cap };
}

/** Asks for `count` answers of a stream from index 0 on, in no order; the result is by index. */
export function askShuffled(
  own: WaitingWorld,
  { kind, stream, count }: { kind: WaitingKind; stream: SubscriptionStream; count: number },
): Asked[] {
  const asked: Asked[] = [];
  for (const i of shuffled(count)) asked[i] = own.ask(kind.subscribe(stream, BigInt(i)));
  return asked;
}

/** The states that occur. */
export function states(asked: readonly Asked[]): string[] {
  return [...new Set(asked.map(({ state }) => state))];
}

/** Expects consecutive chunks in the order of their indexes; each as long as the cap or up to its target. */
export function expectChunks(
  asked: readonly Asked[],
  options: {
    readonly world: DevnetWorld;
    readonly kind: WaitingKind;
    readonly from: bigint;
    readonly cap: number;
    readonly targets: readonly LedgerInfoWithSignatures[];
  },
): bigint {
  const { world: { context }, kind, cap } = options;
  let known = options.from;
  for (const [i, each] of asked.entries()) {
    const target = options.targets.find((ledgerInfo) => versionOf(ledgerInfo) > known);
    if (target === undefined) throw new Error(`there is nothing after version ${known}`);
    const full = known + BigInt(cap);
    const last = full < versionOf(target) ? full : versionOf(target);
    expectNewData(each, { context, kind, versions: [known + 1n, last], target });
    expect(each.place).toBeGreaterThan(asked[i - 1]?.place ?? 0);
    known = last;
  }
  return known;
}
