import { describe, expect, it } from "vitest";
import { DEFAULT_STORAGE_SERVICE_CONFIG } from "../../../core/storage-service/config.ts";
import { buildDevnetWorld, serveWorld } from "../../helpers/devnet-world.ts";
import { listOf, rangeRequest, rowsOf } from "../../helpers/range-requests.ts";
import { buildSizedWorld, serviceOf } from "../../helpers/range-world.ts";
import { expectWholeState } from "../../helpers/wire-proofs.ts";

describe("the default item caps", () => {
  it("are powers of two, so that full chunks are canonical", () => {
    const { maxEpochChunkSize, maxStateChunkSize, maxTransactionChunkSize, maxTransactionOutputChunkSize } =
      DEFAULT_STORAGE_SERVICE_CONFIG;
    expect([maxEpochChunkSize, maxStateChunkSize, maxTransactionChunkSize, maxTransactionOutputChunkSize]).toEqual(
      [128, 4_096, 2_048, 2_048],
    );
  });

  it("bound lists of transactions and outputs of 2,048 items, which come whole where they fit", async () => {
    const sized = await buildSizedWorld([{ count: 2_047, writes: 1 }, { count: 2_200, writes: 1 }]);
    const service = serviceOf(sized);
    const end = 4_247n;
    for (const row of [...rowsOf("outputs"), ...rowsOf("transactions"), ...rowsOf("transactionsOrOutputs")]) {
      const whole = { firstVersion: 2_048n, lastVersion: 4_095n, proofVersion: end };
      const { list, lifetime } = await listOf(service, rangeRequest(row, whole));
      expect([list.transactions.count, lifetime]).toEqual([2_048, "immutable"]);
      const more = { firstVersion: 2_048n, lastVersion: end, proofVersion: end };
      expect((await listOf(service, rangeRequest(row, more))).list.transactions.count).toBe(2_048);
    }
  });

  it("bound chunks of state of 4,096 items, which come whole where they fit", async () => {
    const parameters = { accounts: 2_200, transactionsPerBlock: 0, epochBlocks: 1, validators: 1 };
    const world = await buildDevnetWorld({ blocks: 1, parameters });
    const version = (await world.ledger.epochEndings(1n, 1))[0]?.ledgerInfo.commitInfo.version ?? 0n;
    const service = serveWorld(world);
    const chunks = [];
    for (const [firstIndex, lastIndex] of [[0n, 4_095n], [4_096n, 10_000n]] as const) {
      const { response, lifetime } = await service.answer({
        kind: "getStateValuesWithProof",
        version,
        firstIndex,
        lastIndex,
      });
      if (response.kind !== "stateValueChunkWithProof") throw new Error(`The answer is ${response.kind}`);
      chunks.push(response);
      expect(lifetime).toBe(firstIndex === 0n ? "immutable" : "minute");
    }
    expect(chunks[0]?.stateKeys.count).toBe(4_096);
    expectWholeState(world.context, chunks, await world.ledger.stateRoot(version));
  });
});
