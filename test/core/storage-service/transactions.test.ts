import { beforeAll, describe, expect, it } from "vitest";
import type { LedgerInfoWithSignatures } from "../../../core/chain/ledger-info.ts";
import { UNKNOWN_REQUESTER } from "../../../core/storage-service/requester.ts";
import { MAX_RESPONSE_BYTES } from "../../../core/wire/limits.ts";
import { requestOfPath } from "../../../core/wire/paths.ts";
import { serveWorld } from "../../helpers/devnet-world.ts";
import { expectSyncErrorFrom } from "../../helpers/expect-sync-error.ts";
import { serverOf } from "../../helpers/http-world.ts";
import { countedColumns, expectVersions, listOf, rangeRequest, rowsOf } from "../../helpers/range-requests.ts";
import { buildRangeWorld, buildSizedWorld, type RangeWorld, serviceOf } from "../../helpers/range-world.ts";
import { withReaderCounts } from "../../helpers/reader-counts.ts";
import { referenceCut } from "../../helpers/reference-cut.ts";
import { expectListProven } from "../../helpers/wire-proofs.ts";

const ROWS = rowsOf("transactions").map((row) => ({
  ...row,
  includeEvents: row.dataType.kind === "transactions" && row.dataType.includeEvents,
}));
const V1_ROWS = ROWS.filter(({ generation }) => generation === "V1");
const V2_ROWS = ROWS.filter(({ generation }) => generation === "V2");
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

describe("transactions", () => {
  it.each(ROWS)(
    "get_transactions_with_proof $generation, events $includeEvents: 1, 100 and as many as the cap, proven",
    async (row) => {
      const service = serveWorld(world, { maxTransactionChunkSize: 256 });
      for (const count of [1, 100, 256]) {
        const given = await listOf(service, rangeRequest(row, versions(8n, 7n + BigInt(count))));
        expect(given.list.list).toBe("transactions");
        await expectVersions(world.ledger, given, { row, first: 8n, count });
        expectListProven(world.context, given.list, ending);
      }
    },
  );

  it.each(ROWS)(
    "get_transactions_with_chunk_proof_limit $generation, events $includeEvents: ten times the cap gives the cap",
    async (row) => {
      const service = serveWorld(world, { maxTransactionChunkSize: 32, maxTransactionOutputChunkSize: 64 });
      const given = await listOf(service, rangeRequest(row, versions(0n, 319n)));
      // Genesis is an epoch of its own, and no answer crosses the end of one.
      await expectVersions(world.ledger, given, { row, first: 0n, count: 1 });
      const rest = await listOf(service, rangeRequest(row, versions(1n, 320n)));
      await expectVersions(world.ledger, rest, { row, first: 1n, count: 31 });
      const aligned = await listOf(service, rangeRequest(row, versions(32n, 319n)));
      await expectVersions(world.ledger, aligned, { row, first: 32n, count: 32 });
      expectListProven(world.context, aligned.list, ending);
    },
  );

  it("get_transactions_with_proof_disable_v2: V2 is refused, by GET too, and V1 answered", async () => {
    const server = serverOf(world, { enableTransactionDataV2: false });
    for (const row of V1_ROWS) {
      const frame = await server.answer(rangeRequest(row, versions(8n, 9n)), UNKNOWN_REQUESTER);
      expect(frame.kind).toBe("transactionsWithProof");
    }
    for (const row of V2_ROWS) {
      const work = server.answer(rangeRequest(row, versions(8n, 9n)), UNKNOWN_REQUESTER);
      await expectSyncErrorFrom(work, "NOT_SERVICEABLE");
    }
    for (
      const path of [
        `transactions/8-9@${world.end}`,
        `transactions+events/8-9@${world.end}`,
        `transaction/8@${world.end}`,
      ]
    ) {
      const { request } = requestOfPath(`/v1/${path}`);
      await expectSyncErrorFrom(server.answer(request, UNKNOWN_REQUESTER), "NOT_SERVICEABLE");
    }
  });

  it.each(ROWS)(
    "get_transactions_with_proof_invalid $generation, events $includeEvents: the wrong way round",
    async (row) => {
      const service = serveWorld(world);
      for (const [first, last] of [[300n, 0n], [300n, 299n], [0n, U64_MAX]] as const) {
        await expectSyncErrorFrom(listOf(service, rangeRequest(row, versions(first, last))), "INVALID_REQUEST");
      }
      // Nothing above the proof version can be proven, whatever is stored.
      await expectSyncErrorFrom(listOf(service, rangeRequest(row, versions(8n, 10n, 9n))), "INVALID_REQUEST");
    },
  );

  it.each(ROWS)(
    "get_transactions_with_proof_network_limit $generation, events $includeEvents: as many as fit, at least one",
    async (row) => {
      const chunk = await world.ledger.readChunk({ firstVersion: 8n, count: 200, maxBytes: 2 ** 30 });
      const columns = countedColumns(chunk, "transactions", row.includeEvents);
      const counts: number[] = [];
      for (const limit of [1, 1_000, 10_000, 60_000]) {
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
      expect(counts[3]).toBeGreaterThan(counts[2] as number);
    },
  );

  it("get_transactions_with_proof_client_bounded: V2 keeps the client's limit, V1 has only the server's", async () => {
    const service = serveWorld(world, { maxNetworkChunkBytes: 80_000 });
    for (const row of V1_ROWS) {
      const { frameBytes } = await listOf(service, rangeRequest(row, versions(8n, 263n)));
      expect(frameBytes).toBeGreaterThan(40_000);
      expect(frameBytes).toBeLessThanOrEqual(80_000);
    }
    for (const row of V2_ROWS) {
      const { frameBytes, list } = await listOf(service, rangeRequest(row, versions(8n, 263n), 8_000));
      expect(frameBytes).toBeLessThanOrEqual(8_000);
      expect(list.transactions.count).toBeGreaterThan(1);
    }
  });

  it("get_transactions_with_proof_server_bounded: a server's limit wins over a larger one of the client", async () => {
    const sized = await buildSizedWorld([{ count: 24, transactionBytes: 300_000 }]);
    const config = { maxNetworkChunkBytes: 1_000_000, maxNetworkChunkBytesV2: 4_194_304 };
    const service = serviceOf(sized, { config });
    for (const row of ROWS) {
      const limit = row.generation === "V1" ? config.maxNetworkChunkBytes : config.maxNetworkChunkBytesV2;
      const given = await listOf(service, rangeRequest(row, versions(1n, 24n, 24n), MAX_RESPONSE_BYTES));
      expect(given.list.transactions.count).toBeGreaterThan(1);
      expect(given.list.transactions.count).toBeLessThan(24);
      expect(given.frameBytes).toBeLessThanOrEqual(limit);
      expect(given.frameBytes).toBeGreaterThan(limit / 3);
    }
  });

  it.each(ROWS)(
    "get_transactions_with_proof_not_serviceable $generation, events $includeEvents: an end or a proof one ahead",
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
