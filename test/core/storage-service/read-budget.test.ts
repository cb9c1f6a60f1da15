import { beforeAll, describe, expect, it } from "vitest";
import { createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { encodeHex } from "../../../core/bytes/hex.ts";
import { createLedgerKeys, FIRST_GENERATION } from "../../../core/ledger/keys.ts";
import { openLedgerReader } from "../../../core/ledger/open-ledger.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import { CHUNK_TRUNCATION } from "../../../core/storage-service/metrics.ts";
import type { RangeRequest } from "../../../core/storage-service/range-answer.ts";
import { UNKNOWN_REQUESTER } from "../../../core/storage-service/requester.ts";
import { createStorageServer } from "../../../core/storage-service/storage-server.ts";
import type { DataRequest, TransactionDataType } from "../../../core/wire/request.ts";
import { type CountedKv, withReadCounts } from "../../helpers/counted-kv.ts";
import { listOf, rangeRequest } from "../../helpers/range-requests.ts";
import { buildSizedWorld, serviceOf, type SizedWorld } from "../../helpers/range-world.ts";
import { withReaderCounts } from "../../helpers/reader-counts.ts";
import { createRecordingMetrics } from "../../helpers/recording-metrics.ts";
import { withSlowRuns } from "../../helpers/slow-reader.ts";
import { createVirtualClock } from "../../helpers/virtual-clock.ts";

const OUTPUTS: TransactionDataType = { kind: "outputs" };
const TRANSACTIONS: TransactionDataType = { kind: "transactions", includeEvents: false };
const EITHER: TransactionDataType = { kind: "transactionsOrOutputs", includeEvents: true };
const keys = createLedgerKeys(FIRST_GENERATION);

let world: SizedWorld;
let counted: CountedKv;
/** Last version of epoch 1: 4 versions in each of 16 segments of about 32 KB. */
const END = 64n;

beforeAll(async () => {
  counted = withReadCounts(createMemoryKv());
  world = await buildSizedWorld(Array.from({ length: 16 }, () => ({ count: 4, valueBytes: 2_500 })), counted.kv);
});

function request(dataType: TransactionDataType, maxResponseBytes?: number, first = 1n): RangeRequest {
  const versions = { firstVersion: first, lastVersion: END, proofVersion: END };
  return rangeRequest({ generation: "V2", dataType }, versions, maxResponseBytes);
}

/** A service that has 100 ms for an answer, over a store of which each run takes `msPerRun`. */
function slowService(msPerRun: number) {
  const clock = createVirtualClock();
  const metrics = createRecordingMetrics();
  const reader = withSlowRuns(world.reader, clock, msPerRun);
  const service = serviceOf({ ...world, reader }, { clock, metrics, config: { maxStorageReadWaitTimeMs: 100 } });
  const truncations = (reason: string, kind: string) => metrics.valueOf(CHUNK_TRUNCATION, reason, kind);
  return { service, truncations };
}

describe("an answer for which the time is up", () => {
  it("holds what was read by then, up to an aligned boundary, and is not to be kept", async () => {
    const { service, truncations } = slowService(30);
    // 120 ms for four runs: the fourth was begun in time. 1 + 16 is cut at 16.
    const given = await listOf(service, request(OUTPUTS));
    expect([given.list.transactions.count, given.lifetime]).toEqual([15, "none"]);
    expect(truncations("time", "transaction_data_with_proof")).toBe(1);
    expect(truncations("size", "transaction_data_with_proof")).toBe(0);
    const aligned = await listOf(service, request(OUTPUTS, undefined, 33n));
    expect([aligned.list.transactions.count, aligned.lifetime]).toEqual([15, "none"]);
  });

  it("is never empty, however slow the store is", async () => {
    const { service } = slowService(10_000);
    const given = await listOf(service, request(OUTPUTS));
    expect([given.list.transactions.count, given.lifetime]).toEqual([3, "none"]);
    const states = await service.answer({
      kind: "getStateValuesWithProof",
      version: END,
      firstIndex: 0n,
      lastIndex: 99n,
    });
    expect(states.lifetime).toBe("none");
    expect(states.response.kind === "stateValueChunkWithProof" && states.response.stateKeys.count).toBe(32);
  });

  it("holds transactions where not all outputs were there in time, and reads nothing again for them", async () => {
    const { service } = slowService(30);
    const given = await listOf(service, request(EITHER));
    expect([given.list.list, given.list.transactions.count, given.lifetime]).toEqual(["transactions", 15, "none"]);
    const whole = await listOf(slowService(1).service, request(EITHER));
    expect([whole.list.list, whole.list.transactions.count, whole.lifetime]).toEqual(["outputs", 64, "minute"]);
  });

  it("is not to be kept where the time decided which list it holds, though that list is whole", async () => {
    const clock = createVirtualClock();
    const config = { maxStorageReadWaitTimeMs: 100, maxTransactionChunkSize: 8 };
    const slow = serviceOf({ ...world, reader: withSlowRuns(world.reader, clock, 30) }, { clock, config });
    const given = await listOf(slow, request(EITHER, undefined, 32n));
    expect([given.list.list, given.list.transactions.count, given.lifetime]).toEqual(["transactions", 8, "none"]);
    const whole = await listOf(serviceOf(world, { config }), request(EITHER, undefined, 32n));
    expect([whole.list.list, whole.list.transactions.count]).toEqual(["outputs", 33]);
  });

  it("is the same as any other where everything was read in time", async () => {
    const { service, truncations } = slowService(1);
    const range = rangeRequest({ generation: "V2", dataType: OUTPUTS }, {
      firstVersion: 32n,
      lastVersion: 63n,
      proofVersion: END,
    });
    expect((await listOf(service, range)).lifetime).toBe("immutable");
    expect(truncations("time", "transaction_data_with_proof")).toBe(0);
    const { lifetime, list } = await listOf(slowService(30).service, range);
    expect([lifetime, list.transactions.count]).toEqual(["none", 8]);
  });

  it("is counted by its reason and kind, one cut by its item cap is not", async () => {
    const { service, truncations } = slowService(0);
    await listOf(service, request(OUTPUTS, 50_000));
    expect(truncations("size", "transaction_data_with_proof")).toBe(1);
    await service.answer({ kind: "getStateValuesWithProof", version: END, firstIndex: 0n, lastIndex: 9n });
    expect(truncations("size", "state_value_chunk_with_proof")).toBe(0);
    const metrics = createRecordingMetrics();
    const config = { maxTransactionOutputChunkSize: 8, maxEpochChunkSize: 1, maxNetworkChunkBytes: 30_000 };
    const capped = serviceOf(world, { metrics, config });
    expect((await listOf(capped, request(OUTPUTS))).list.transactions.count).toBe(7);
    await capped.answer({ kind: "getEpochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 1n });
    for (const kind of ["transaction_data_with_proof", "epoch_ending_ledger_infos"]) {
      expect(metrics.valueOf(CHUNK_TRUNCATION, "size", kind) + metrics.valueOf(CHUNK_TRUNCATION, "time", kind)).toBe(0);
    }
    await capped.answer({ kind: "getStateValuesWithProof", version: END, firstIndex: 0n, lastIndex: 99n });
    expect(metrics.valueOf(CHUNK_TRUNCATION, "size", "state_value_chunk_with_proof")).toBe(1);
  });

  it("is not kept by a server: the next one who asks has it read again, and gets more if there is time", async () => {
    const clock = createVirtualClock();
    const { reader, calls } = withReaderCounts(withSlowRuns(world.reader, clock, 30));
    const { context } = world;
    const server = createStorageServer({
      reader,
      context,
      clock,
      log: SILENT_LOG,
      config: { maxStorageReadWaitTimeMs: 100 },
    });
    const frames = [];
    for (let asked = 0; asked < 2; asked++) frames.push(await server.answer(request(OUTPUTS), UNKNOWN_REQUESTER));
    expect(frames.map(({ lifetime }) => lifetime)).toEqual(["none", "none"]);
    expect(calls.get("transactionRuns")).toBe(2);
    const fetch: DataRequest = {
      kind: "getNewTransactionDataWithProof",
      dataType: OUTPUTS,
      knownVersion: 0n,
      knownEpoch: 1n,
      maxResponseBytes: 1 << 20,
    };
    for (let asked = 0; asked < 2; asked++) await server.answer(fetch, UNKNOWN_REQUESTER);
    expect(calls.get("transactionRuns")).toBe(4);
  });
});

/** How often each value of a kind of key was read. */
function readsOf(key: Uint8Array): number[] {
  const prefix = encodeHex(key.subarray(0, 2));
  return [...counted.counts.byKey].filter(([name]) => name.startsWith(prefix)).map(([, times]) => times);
}

describe("reading an answer", () => {
  it.each(
    [
      ["all outputs", request(OUTPUTS), 16],
      // Four segments hold them; one scan of the store takes 256 KiB.
      ["outputs cut at the byte limit", request(OUTPUTS, 100_000), 12],
      ["transactions", request(TRANSACTIONS), 16],
      ["outputs of which not all fit, so transactions", request(EITHER, 100_000), 16],
    ] as const,
  )("takes one pass over the segments: %s", async (_, wanted, atMost) => {
    const service = serviceOf(world);
    await service.view();
    counted.reset();
    await listOf(service, wanted);
    const reads = readsOf(keys.segment(0n));
    expect(new Set(reads)).toEqual(new Set([1]));
    expect(reads.length).toBeLessThanOrEqual(atMost);
  });

  it("keeps nothing of a segment but what the list holds", async () => {
    const whole = { firstVersion: 5n, lastVersion: 8n, proofVersion: END };
    const { list } = await listOf(serviceOf(world), rangeRequest({ generation: "V2", dataType: TRANSACTIONS }, whole));
    for (const { bytes } of [list.transactions, list.infos]) expect(bytes.buffer.byteLength).toBe(bytes.length);
  });

  it("takes one pass over the pages of state, also where the chunk is cut", async () => {
    for (const maxNetworkChunkBytes of [4_000_000, 60_000]) {
      const reader = await openLedgerReader(counted.kv, { context: world.context });
      const service = serviceOf({ ...world, reader }, { config: { maxNetworkChunkBytes } });
      await service.view();
      counted.reset();
      const version = END;
      const { response } = await service.answer({
        kind: "getStateValuesWithProof",
        version,
        firstIndex: 0n,
        lastIndex: 99n,
      });
      const count = response.kind === "stateValueChunkWithProof" ? response.stateKeys.count : 0;
      expect(count < 32).toBe(maxNetworkChunkBytes === 60_000);
      expect(new Set(readsOf(keys.statePage(0n, 0)))).toEqual(new Set([1]));
    }
  });
});
