import { beforeAll, describe, expect, it } from "vitest";
import type { LedgerInfoWithSignatures } from "../../../core/chain/ledger-info.ts";
import { UNKNOWN_REQUESTER } from "../../../core/storage-service/requester.ts";
import { ANSWER_OVERHEAD_BYTES } from "../../../core/wire/limits.ts";
import { serveWorld } from "../../helpers/devnet-world.ts";
import { expectSyncErrorFrom } from "../../helpers/expect-sync-error.ts";
import { serverOf } from "../../helpers/http-world.ts";
import { countedColumns, expectVersions, listOf, rangeRequest, rowsOf } from "../../helpers/range-requests.ts";
import { buildRangeWorld, type RangeWorld, serviceOf } from "../../helpers/range-world.ts";
import { withReaderCounts } from "../../helpers/reader-counts.ts";
import { referenceCut } from "../../helpers/reference-cut.ts";
import { expectListProven } from "../../helpers/wire-proofs.ts";

const ROWS = rowsOf("transactionsOrOutputs").map((row) => ({
  ...row,
  includeEvents: row.dataType.kind === "transactionsOrOutputs" && row.dataType.includeEvents,
}));
const U64_MAX = 0xffff_ffff_ffff_ffffn;
const FIRST = 8n;

let world: RangeWorld;
let ending: LedgerInfoWithSignatures;

beforeAll(async () => {
  world = await buildRangeWorld();
  ending = (await world.ledger.epochEndings(1n, 1))[0] as LedgerInfoWithSignatures;
});

const versions = (firstVersion: bigint, lastVersion: bigint, proofVersion = world.end) => ({
  firstVersion,
  lastVersion,
  proofVersion,
});

/** Least limit at which the outputs of `count` versions fit. */
async function outputsLimit(first: bigint, count: number): Promise<number> {
  const chunk = await world.ledger.readChunk({ firstVersion: first, count, maxBytes: 2 ** 30 });
  const bytes = countedColumns(chunk, "outputs", true).map((column) => column.data.length + 4 * count);
  return bytes.reduce((sum, length) => sum + length, ANSWER_OVERHEAD_BYTES);
}

describe("transactions_or_outputs", () => {
  it.each(ROWS)(
    "get_transactions_or_outputs_with_proof $generation, events $includeEvents: outputs where all of them fit",
    async (row) => {
      const service = serveWorld(world, { maxTransactionOutputChunkSize: 256 });
      for (const count of [1, 100, 256]) {
        const given = await listOf(service, rangeRequest(row, versions(FIRST, FIRST + BigInt(count) - 1n)));
        expect(given.list.list).toBe("outputs");
        await expectVersions(world.ledger, given, { row, first: FIRST, count });
        expectListProven(world.context, given.list, ending);
      }
    },
  );

  it.each(ROWS)(
    "get_transactions_or_outputs_with_proof $generation, events $includeEvents: transactions where one byte is missing",
    async (row) => {
      for (const count of [1, 7, 100]) {
        const limit = await outputsLimit(FIRST, count);
        const ask = (maxBytes: number) =>
          listOf(
            serveWorld(world, { maxNetworkChunkBytes: maxBytes }),
            rangeRequest(row, versions(FIRST, FIRST + BigInt(count) - 1n), maxBytes),
          );
        const outputs = await ask(limit);
        expect([outputs.list.list, outputs.list.transactions.count]).toEqual(["outputs", count]);
        const given = await ask(limit - 1);
        expect([given.list.list, given.list.transactions.count]).toEqual(["transactions", count]);
        await expectVersions(world.ledger, given, { row, first: FIRST, count });
        expectListProven(world.context, given.list, ending);
      }
    },
  );

  it.each(ROWS)(
    "get_transactions_or_outputs_with_proof_chunk_limit $generation, events $includeEvents: each list has the cap of its kind",
    async (row) => {
      const config = { maxTransactionOutputChunkSize: 64, maxTransactionChunkSize: 32 };
      const limit = await outputsLimit(64n, 64);
      const ask = (maxBytes: number) =>
        listOf(
          serveWorld(world, { ...config, maxNetworkChunkBytes: maxBytes }),
          rangeRequest(row, versions(64n, 319n), maxBytes),
        );
      const outputs = await ask(limit);
      expect(outputs.list.list).toBe("outputs");
      await expectVersions(world.ledger, outputs, { row, first: 64n, count: 64 });
      const transactions = await ask(limit - 1);
      expect(transactions.list.list).toBe("transactions");
      await expectVersions(world.ledger, transactions, { row, first: 64n, count: 32 });
    },
  );

  it("get_transactions_or_outputs_with_proof_disable_v2: V2 is refused, and V1 answered", async () => {
    const server = serverOf(world, { enableTransactionDataV2: false });
    for (const row of ROWS) {
      const work = server.answer(rangeRequest(row, versions(FIRST, 9n)), UNKNOWN_REQUESTER);
      if (row.generation === "V2") await expectSyncErrorFrom(work, "NOT_SERVICEABLE");
      else expect((await work).kind).toBe("transactionsOrOutputsWithProof");
    }
  });

  it.each(ROWS)(
    "get_transactions_or_outputs_with_proof_invalid $generation, events $includeEvents: the wrong way round",
    async (row) => {
      const service = serveWorld(world);
      for (const [first, last] of [[300n, 0n], [300n, 299n], [0n, U64_MAX]] as const) {
        await expectSyncErrorFrom(listOf(service, rangeRequest(row, versions(first, last))), "INVALID_REQUEST");
      }
    },
  );

  it.each(ROWS)(
    "get_transactions_or_outputs_with_proof_network_limit $generation, events $includeEvents: transactions as many as fit, at least one",
    async (row) => {
      const chunk = await world.ledger.readChunk({ firstVersion: FIRST, count: 200, maxBytes: 2 ** 30 });
      const columns = countedColumns(chunk, "transactions", row.includeEvents);
      for (const limit of [1, 2_000, 6_000, 20_000]) {
        const service = serveWorld(world, { maxNetworkChunkBytes: limit });
        const given = await listOf(service, rangeRequest(row, versions(FIRST, FIRST + 199n), limit));
        const { count } = given.list.transactions;
        expect(given.list.list).toBe("transactions");
        expect(count).toBe(referenceCut(columns, { first: FIRST, wanted: 200, maxItems: 2048, maxBytes: limit }));
        if (count > 1) expect(given.frameBytes).toBeLessThanOrEqual(limit);
        expectListProven(world.context, given.list, ending);
      }
    },
  );

  it.each(ROWS)(
    "get_transactions_or_outputs_with_proof_not_serviceable $generation, events $includeEvents: an end or a proof one ahead",
    async (row) => {
      const { reader, dataReads } = withReaderCounts(world.ledger);
      const service = serviceOf({ ...world, reader });
      const { head } = world;
      for (const [last, proof] of [[head + 1n, head + 1n], [head, head + 1n]] as const) {
        const work = listOf(service, rangeRequest(row, versions(head, last, proof)));
        await expectSyncErrorFrom(work, "NOT_SERVICEABLE");
      }
      expect(dataReads()).toBe(0);
      expect((await listOf(service, rangeRequest(row, versions(head, head, head)))).list.list).toBe("outputs");
    },
  );
});
