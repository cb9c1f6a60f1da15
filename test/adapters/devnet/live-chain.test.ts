import { describe, expect, it } from "vitest";
import type { ProducedBlock } from "../../../adapters/devnet/block-producer.ts";
import { createAccounts } from "../../../adapters/devnet/accounts.ts";
import { signDrafts } from "../../../adapters/devnet/drafts.ts";
import { createNobleSigner } from "../../../adapters/devnet/ed25519-signer.ts";
import { buildDevnet } from "../../../adapters/devnet/ledger-builder.ts";
import { runLiveChain } from "../../../adapters/devnet/live-chain.ts";
import { createStateCache } from "../../../adapters/devnet/state-cache.ts";
import { BENCH_TIME_USECS, transferDraft } from "../../helpers/devnet-executor.ts";
import { VELOR } from "../../helpers/trust-context.ts";
import { createVirtualClock, VIRTUAL_START_MS } from "../../helpers/virtual-clock.ts";

const SMALL = { accounts: 4, transactionsPerBlock: 2, epochBlocks: 3, validators: 1 };

async function live(blocks: number, takesMs = 0) {
  const { devnet, ledger } = await buildDevnet({ context: VELOR, ...SMALL, blocks: 2 });
  const clock = createVirtualClock();
  const stop = new AbortController();
  const made: ProducedBlock[] = [];
  await runLiveChain(devnet, {
    clock,
    blockMs: 250,
    onBlock: (block) => {
      made.push(block);
      clock.advance(takesMs);
      if (made.length === blocks) stop.abort();
    },
  }, stop.signal);
  return { made, clock, ledger };
}

describe("a live chain", () => {
  it("carries the clock's time, one block every block time, across epochs", async () => {
    const { made, ledger } = await live(5);
    expect(made.map(({ number }) => number)).toEqual([3, 4, 5, 6, 7]);
    const times = made.map(({ ledgerInfo }) => ledgerInfo.ledgerInfo.commitInfo.timestampUsecs);
    expect(times).toEqual([0, 1, 2, 3, 4].map((i) => BigInt(VIRTUAL_START_MS + i * 250) * 1_000n));
    const epochs = made.map(({ ledgerInfo }) => ledgerInfo.ledgerInfo.commitInfo.epoch);
    expect(epochs).toEqual([1n, 2n, 2n, 2n, 3n]);
    expect((await ledger.progress()).committedVersion).toBe(made.at(-1)?.ledgerInfo.ledgerInfo.commitInfo.version);
  });

  it("waits less after a slow block, and does not make up for one that took too long", async () => {
    expect((await live(3, 100)).clock.sleeps.slice(0, 2)).toEqual([150, 150]);
    expect((await live(3, 1_000)).clock.sleeps.slice(0, 2)).toEqual([0, 0]);
  });

  it("takes transactions from outside, and goes on where one is no good", async () => {
    const { devnet, ledger } = await buildDevnet({ context: VELOR, ...SMALL, blocks: 2 });
    const accounts = createAccounts(VELOR, devnet.parameters.seed, createNobleSigner());
    const view = createStateCache({ context: VELOR, reader: ledger }, { isEmpty: false });
    const draft = transferDraft({ accounts }, { to: new Uint8Array(32).fill(1), amount: 1n });
    const input = { context: VELOR, signer: createNobleSigner(), view, timestampUsecs: BENCH_TIME_USECS };
    const [good, bad] = await signDrafts(input, [draft, { ...draft, isOutOfTurn: true }]) as [Uint8Array, Uint8Array];
    for (const transaction of [bad, good]) devnet.mempool.submit(transaction.subarray(1));

    const { firstVersion, discarded } = await devnet.produceBlock();
    expect(discarded).toBeGreaterThanOrEqual(1);
    const versionOf = (bytes: Uint8Array) =>
      ledger.transactionVersion(VELOR.hasher.hash(VELOR.seeds.transaction, bytes));
    expect(await versionOf(good)).toBeGreaterThan(firstVersion);
    expect(await versionOf(bad)).toBeUndefined();
    expect((await devnet.produceBlock()).ledgerInfo.ledgerInfo.commitInfo.epoch).toBe(2n);
  });

  it("keeps time moving forward where the clock stands still or goes back", async () => {
    const { devnet } = await buildDevnet({ context: VELOR, ...SMALL, blocks: 0 });
    const times: bigint[] = [];
    for (const timestampMs of [5_000_000_000_000, 5_000_000_000_000, 1]) {
      times.push((await devnet.produceBlock(timestampMs)).ledgerInfo.ledgerInfo.commitInfo.timestampUsecs);
    }
    expect(times).toEqual([0n, 1n, 2n].map((ms) => (5_000_000_000_000n + ms) * 1_000n));
  });
});
