import { beforeAll, describe, expect, it } from "vitest";
import { createMempool } from "../../../adapters/devnet/mempool.ts";
import { createExecutorBench, transferDraft } from "../../helpers/devnet-executor.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { VELOR } from "../../helpers/trust-context.ts";

describe("the mempool", () => {
  let transactions: Uint8Array[];

  beforeAll(async () => {
    const bench = await createExecutorBench(VELOR);
    const draft = transferDraft(bench, { to: new Uint8Array(32).fill(1), amount: 1n });
    transactions = await bench.sign([draft, draft, draft]);
  });

  it("gives transactions out once, in the order they came in", () => {
    const mempool = createMempool();
    for (const transaction of transactions) mempool.submit(transaction.subarray(1));
    expect(mempool.take(2)).toEqual(transactions.slice(0, 2));
    expect(mempool.take(2)).toEqual(transactions.slice(2));
    expect(mempool.take(2)).toEqual([]);
  });

  it("refuses what is no transaction", () => {
    expectSyncError(() => createMempool().submit(new Uint8Array(10)), "MALFORMED_BCS");
    expectSyncError(() => createMempool().submit(transactions[0] as Uint8Array), "MALFORMED_BCS", "UNSUPPORTED");
  });

  it("asks to wait when it is full", () => {
    const mempool = createMempool();
    const signed = (transactions[0] as Uint8Array).subarray(1);
    for (let i = 0; i < 10_000; i++) mempool.submit(signed);
    expectSyncError(() => mempool.submit(signed), "TOO_MANY_REQUESTS");
    mempool.take(1);
    mempool.submit(signed);
  });
});
