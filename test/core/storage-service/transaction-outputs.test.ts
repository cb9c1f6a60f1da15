import { beforeAll, describe, expect, it } from "vitest";
import type { LedgerInfoWithSignatures } from "../../../core/chain/ledger-info.ts";
import { UNKNOWN_REQUESTER } from "../../../core/storage-service/requester.ts";
import { requestOfPath } from "../../../core/wire/paths.ts";
import { MAX_RESPONSE_BYTES } from "../../../core/wire/limits.ts";
import { serveWorld } from "../../helpers/devnet-world.ts";
import { expectSyncErrorFrom } from "../../helpers/expect-sync-error.ts";
import { serverOf } from "../../helpers/http-world.ts";
import {
  countedColumns,
  expectVersions,
  listOf,
  rangeRequest,
  type RangeRow,
  rowsOf,
} from "../../helpers/range-requests.ts";
import { buildRangeWorld, buildSizedWorld, type RangeWorld, serviceOf } from "../../helpers/range-world.ts";
import { withReaderCounts } from "../../helpers/reader-counts.ts";
import { referenceCut } from "../../helpers/reference-cut.ts";
import { expectListProven } from "../../helpers/wire-proofs.ts";

const ROWS = rowsOf("outputs");
const U64_MAX = 0xffff_ffff_ffff_ffffn;

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

describe("transaction_outputs", () => {
  it.each(ROWS)(
    "get_transaction_outputs_with_proof $generation: 1, 100 and as many as the cap, proven",
    async (row) => {
      const service = serveWorld(world, { maxTransactionOutputChunkSize: 256 });
      for (const count of [1, 100, 256]) {
        const given = await listOf(service, rangeRequest(row, versions(8n, 7n + BigInt(count))));
        expect(given.list.list).toBe("outputs");
        await expectVersions(world.ledger, given, { row, first: 8n, count });
        expectListProven(world.context, given.list, ending);
      }
    },
  );

  it.each(ROWS)(
    "get_transaction_outputs_with_proof_chunk_limit $generation: ten times the cap gives the cap",
    async (row) => {
      const service = serveWorld(world, { maxTransactionOutputChunkSize: 16, maxTransactionChunkSize: 8 });
      const given = await listOf(service, rangeRequest(row, versions(32n, 191n)));
      await expectVersions(world.ledger, given, { row, first: 32n, count: 16 });
      expectListProven(world.context, given.list, ending);
    },
  );

  it("get_transaction_outputs_with_proof_disable_v2: V2 is refused, by GET too, and V1 answered", async () => {
    const server = serverOf(world, { enableTransactionDataV2: false });
    const ask = (row: RangeRow) => server.answer(rangeRequest(row, versions(8n, 9n)), UNKNOWN_REQUESTER);
    const [v1, v2] = ROWS as [RangeRow, RangeRow];
    expect((await ask(v1)).kind).toBe("transactionOutputsWithProof");
    await expectSyncErrorFrom(ask(v2), "NOT_SERVICEABLE");
    const { request } = requestOfPath(`/v1/outputs/8-9@${world.end}`);
    await expectSyncErrorFrom(server.answer(request, UNKNOWN_REQUESTER), "NOT_SERVICEABLE");
    expect((await serverOf(world).answer(request, UNKNOWN_REQUESTER)).kind).toBe("transactionDataWithProof");
  });

  it.each(ROWS)("get_transaction_outputs_with_proof_invalid $generation: the wrong way round", async (row) => {
    const service = serveWorld(world);
    for (const [first, last] of [[300n, 0n], [300n, 299n], [0n, U64_MAX]] as const) {
      await expectSyncErrorFrom(listOf(service, rangeRequest(row, versions(first, last))), "INVALID_REQUEST");
    }
  });

  it.each(ROWS)(
    "get_transaction_outputs_with_proof_network_limit $generation: as many as fit, at least one",
    async (row) => {
      const chunk = await world.ledger.readChunk({ firstVersion: 8n, count: 200, maxBytes: 2 ** 30 });
      const columns = countedColumns(chunk, "outputs", true);
      const counts: number[] = [];
      for (const limit of [1, 5_000, 10_000, 50_000, 150_000]) {
        const service = serveWorld(world, { maxNetworkChunkBytes: limit });
        const given = await listOf(service, rangeRequest(row, versions(8n, 207n), limit));
        const count = given.list.transactions.count;
        const limits = { first: 8n, wanted: 200, maxItems: 2048, maxBytes: limit };
        expect([limit, count]).toEqual([limit, referenceCut(columns, limits)]);
        if (count > 1) expect(given.frameBytes).toBeLessThanOrEqual(limit);
        expectListProven(world.context, given.list, ending);
        counts.push(count);
      }
      expect(counts[0]).toBe(1);
      expect(counts[4]).toBeGreaterThan(counts[2] as number);
    },
  );

  it("get_transaction_outputs_with_proof_client_bounded: V2 keeps the client's limit, V1 has only the server's", async () => {
    const service = serveWorld(world, { maxNetworkChunkBytes: 100_000 });
    const [v1, v2] = ROWS as [RangeRow, RangeRow];
    const one = await listOf(service, rangeRequest(v1, versions(8n, 207n)));
    const two = await listOf(service, rangeRequest(v2, versions(8n, 207n), 10_000));
    expect(two.frameBytes).toBeLessThanOrEqual(10_000);
    expect(two.list.transactions.count).toBeGreaterThanOrEqual(1);
    expect(one.frameBytes).toBeGreaterThan(50_000);
    expect(one.frameBytes).toBeLessThanOrEqual(100_000);
  });

  it("get_transaction_outputs_with_proof_server_bounded: a server's limit wins over a larger one of the client", async () => {
    const sized = await buildSizedWorld([{ count: 24, writes: 3, valueBytes: 100_000 }]);
    const config = { maxNetworkChunkBytes: 1_000_000, maxNetworkChunkBytesV2: 4_194_304 };
    const service = serviceOf(sized, { config });
    const [v1, v2] = ROWS as [RangeRow, RangeRow];
    const one = await listOf(service, rangeRequest(v1, versions(1n, 24n, 24n)));
    const two = await listOf(service, rangeRequest(v2, versions(1n, 24n, 24n), MAX_RESPONSE_BYTES));
    for (const [given, limit] of [[one, 1_000_000], [two, 4_194_304]] as const) {
      expect(given.list.transactions.count).toBeGreaterThan(1);
      expect(given.frameBytes).toBeLessThanOrEqual(limit);
    }
    expect(two.frameBytes).toBeGreaterThan(1_000_000);
    expect(two.list.transactions.count).toBeLessThan(24);
  });

  it.each(ROWS)(
    "get_transaction_outputs_with_proof_not_serviceable $generation: an end or a proof one ahead",
    async (row) => {
      const { reader, dataReads } = withReaderCounts(world.ledger);
      const service = serviceOf({ ...world, reader });
      const { head } = world;
      for (const [last, proof] of [[head + 1n, head + 1n], [head, head + 1n]] as const) {
        const work = listOf(service, rangeRequest(row, versions(head, last, proof)));
        await expectSyncErrorFrom(work, "NOT_SERVICEABLE");
      }
      expect(dataReads()).toBe(0);
      const given = await listOf(service, rangeRequest(row, versions(head, head, head)));
      await expectVersions(world.ledger, given, { row, first: head, count: 1 });
    },
  );
});
