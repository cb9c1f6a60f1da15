import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ZERO_HASH } from "../../../core/chain/hash.ts";
import type { LedgerReader } from "../../../core/ledger/reader.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import type { AnswerFrame } from "../../../core/storage-service/answer-frame.ts";
import { type AnswerFrames, createAnswerFrames } from "../../../core/storage-service/answer-frames.ts";
import { createAnswerRoom } from "../../../core/storage-service/answer-room.ts";
import { DEFAULT_STORAGE_SERVICE_CONFIG, type StorageServiceConfig } from "../../../core/storage-service/config.ts";
import {
  LRU_CACHE_EVENT,
  STORAGE_FETCH_PROCESSING_LATENCY,
  STORAGE_RESPONSE_CREATION_LATENCY,
} from "../../../core/storage-service/metrics.ts";
import { createStorageService } from "../../../core/storage-service/service.ts";
import type { GetTransactionDataWithProof } from "../../../core/wire/request.ts";
import type { DirectRequest } from "../../../core/wire/request-types.ts";
import { decodeResponse } from "../../../core/wire/response.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { type CountedReader, withMethods, withReaderCounts } from "../../helpers/reader-counts.ts";
import { createRecordingMetrics, type RecordingMetrics } from "../../helpers/recording-metrics.ts";
import { VELOR } from "../../helpers/trust-context.ts";
import { createVirtualClock } from "../../helpers/virtual-clock.ts";

/** A name that is known. */
const CHAIN: Uint8Array = new Uint8Array(32).fill(1);

let world: DevnetWorld;
let head: bigint;
let counted: CountedReader;
let metrics: RecordingMetrics;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 6 });
  head = (await world.ledger.progress()).committedVersion ?? 0n;
});

beforeEach(() => {
  counted = withReaderCounts(world.ledger);
  metrics = createRecordingMetrics();
});

function framesOf(reader: LedgerReader = counted.reader, given: Partial<StorageServiceConfig> = {}): AnswerFrames {
  const config = { ...DEFAULT_STORAGE_SERVICE_CONFIG, storageSummaryRefreshIntervalMs: 0, ...given };
  const clock = createVirtualClock();
  const service = createStorageService({ reader, context: VELOR, config, clock, log: SILENT_LOG });
  return createAnswerFrames({ service, room: createAnswerRoom({ config, clock, metrics }), config, clock, metrics });
}

function outputsOf(firstVersion: bigint, lastVersion: bigint): GetTransactionDataWithProof {
  return {
    kind: "getTransactionDataWithProof",
    firstVersion,
    lastVersion,
    proofVersion: head,
    dataType: { kind: "outputs" },
    maxResponseBytes: 1 << 20,
  };
}

describe("the frame of a request", () => {
  it("is the encoded answer, with its lifetime and kind", async () => {
    const frame = await framesOf().frame({ kind: "getEpochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 0n });
    const { chain, response } = decodeResponse(frame.bytes, { maxBytes: frame.bytes.length });
    expect(chain).toEqual((await world.ledger.progress()).chain);
    expect(response).toMatchObject({ kind: "epochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 0n });
    expect(frame).toMatchObject({ lifetime: "immutable", kind: "epochEndingLedgerInfos" });
  });

  it("is made anew at a new head only if it is about the head", async () => {
    const own = await buildDevnetWorld({ blocks: 3 });
    const { committedVersion = 0n } = await own.ledger.progress();
    const frames = framesOf(own.ledger);
    const lasting: DirectRequest = { kind: "getNumberOfStatesAtVersion", version: committedVersion };
    const passing: DirectRequest[] = [
      { kind: "getStorageServerSummary" },
      { kind: "getLatestLedgerInfo" },
      { kind: "getStateValuesByKeyHash", keyHashes: new Uint8Array(32) },
    ];
    const framesAtHead = async () => await Promise.all(passing.map((request) => frames.frame(request)));
    const before = await framesAtHead();
    const count = await frames.frame(lasting);
    for (const [i, frame] of (await framesAtHead()).entries()) expect(frame).toBe(before[i]);
    await own.devnet.produceBlock();
    for (const [i, frame] of (await framesAtHead()).entries()) expect(frame).not.toBe(before[i]);
    expect(await frames.frame(lasting)).toBe(count);
  });

  it("is never kept if it is about this server", async () => {
    const frames = framesOf();
    const first = await frames.frame({ kind: "getPeers" });
    expect(await frames.frame({ kind: "getPeers" })).not.toBe(first);
  });

  it("is made anew when the name of the chain becomes known", async () => {
    let chain: Uint8Array = ZERO_HASH;
    const progress = async () => ({ ...await world.ledger.progress(), chain });
    const frames = framesOf(withMethods(world.ledger, { progress }));
    const chainOf = async () => {
      const { bytes } = await frames.frame(outputsOf(1n, 2n));
      return decodeResponse(bytes, { maxBytes: bytes.length }).chain;
    };
    expect(await chainOf()).toEqual(ZERO_HASH);
    chain = (await world.ledger.progress()).chain;
    expect(await chainOf()).toEqual(chain);
  });

  it("is measured when it is read and encoded, and not when it is found", async () => {
    const frames = framesOf();
    for (let i = 0; i < 3; i++) await frames.frame(outputsOf(1n, 2n));
    await expect(frames.frame(outputsOf(2n, 1n))).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    const label = "get_transaction_outputs_with_proof_v2";
    expect(metrics.valueOf(STORAGE_FETCH_PROCESSING_LATENCY, label, "success")).toBe(1);
    expect(metrics.valueOf(STORAGE_RESPONSE_CREATION_LATENCY, label, "success")).toBe(1);
    expect(metrics.valueOf(LRU_CACHE_EVENT, "lru_cache_probe")).toBe(3);
    expect(metrics.valueOf(LRU_CACHE_EVENT, "lru_cache_hit")).toBe(2);
  });

  it("is asked for again after a read that failed, and the failure is measured", async () => {
    let failures = 1;
    const epochEndings: LedgerReader["epochEndings"] = async (...range) => {
      if (failures-- > 0) throw new Error("no disk");
      return await world.ledger.epochEndings(...range);
    };
    const frames = framesOf(withMethods(world.ledger, { epochEndings }));
    const request: DirectRequest = { kind: "getEpochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 0n };
    await expect(frames.frame(request)).rejects.toThrow("no disk");
    expect((await frames.frame(request)).kind).toBe("epochEndingLedgerInfos");
    const label = "get_epoch_ending_ledger_infos";
    expect(metrics.valueOf(STORAGE_FETCH_PROCESSING_LATENCY, label, "failure")).toBe(1);
  });
});

describe("the list of a request", () => {
  it("is what the frame holds, and is read once for all", async () => {
    const frames = framesOf();
    const request = outputsOf(1n, 3n);
    const lists = await Promise.all(Array.from({ length: 20 }, () => frames.list(request)));
    const reads = counted.dataReads();
    expect(await frames.list(request)).toBe(lists[0]);
    expect(new Set(lists).size).toBe(1);
    expect(counted.dataReads()).toBe(reads);
    const { bytes } = await frames.frame(request);
    expect(decodeResponse(bytes, { maxBytes: bytes.length }).response).toMatchObject({ data: lists[0]?.list });
  });

  it.each(
    [
      ["getTransactionsWithProof", "transactions"],
      ["getTransactionOutputsWithProof", "outputs"],
      ["getTransactionsOrOutputsWithProof", "outputs"],
    ] as const,
  )("of %s is a list of %s", async (kind, expected) => {
    const range = { firstVersion: 1n, lastVersion: 2n, proofVersion: head, includeEvents: true };
    expect((await framesOf().list({ kind, ...range })).list.list).toBe(expected);
  });

  it("is refused like the request", async () => {
    await expect(framesOf().list(outputsOf(head, head + 1n))).rejects.toMatchObject({ code: "INVALID_REQUEST" });
  });

  it("is counted with all that it keeps alive", async () => {
    // Of several commits, so that no column shares its buffer with another.
    const request = outputsOf(1n, head);
    const { list } = await framesOf().list(request);
    const columns = [list.transactions, list.infos, list.events, list.auxiliaryInfos].filter((c) => c !== undefined);
    if (list.list === "outputs") columns.push(list.writeSets);
    const buffers = new Set(columns.flatMap(({ bytes, offsets }) => [bytes.buffer, offsets.buffer]));
    expect(buffers.size).toBe(2 * 5);
    const sizeBytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
    const frames = framesOf(counted.reader, { maxLruCacheBytes: 4 * sizeBytes });
    const before = counted.dataReads();
    await frames.list(request);
    const reads = counted.dataReads() - before;
    await frames.list(request);
    expect(counted.dataReads() - before).toBe(2 * reads);
  });
});

describe("a frame of the caller's making", () => {
  const frame: AnswerFrame = { bytes: new Uint8Array(10), lifetime: "none", kind: "newTransactionDataWithProof" };

  it("is made once for a key, at the same time and later", async () => {
    const frames = framesOf();
    let made = 0;
    const make = async () => {
      await Promise.resolve();
      made++;
      return { frame, chain: CHAIN, mayBeKept: true };
    };
    const shared = await Promise.all(Array.from({ length: 1_000 }, () => frames.shared(outputsOf(0n, 1n), "a", make)));
    expect(new Set(shared)).toEqual(new Set([frame]));
    expect(await frames.shared(outputsOf(0n, 1n), "a", make)).toBe(frame);
    expect(made).toBe(1);
    await frames.shared(outputsOf(0n, 1n), "b", make);
    expect(made).toBe(2);
  });

  it("has keys of its own, whatever they look like", async () => {
    const frames = framesOf();
    const own = await frames.shared(
      outputsOf(0n, 1n),
      "68 ",
      () => Promise.resolve({ frame, chain: CHAIN, mayBeKept: true }),
    );
    expect(await frames.frame({ kind: "getPeers" })).not.toBe(own);
  });

  it("that cannot be made is tried again", async () => {
    const frames = framesOf();
    await expect(frames.shared(outputsOf(0n, 1n), "a", () => Promise.reject(new Error("gone")))).rejects.toThrow(
      "gone",
    );
    expect(await frames.shared(outputsOf(0n, 1n), "a", () => Promise.resolve({ frame, chain: CHAIN, mayBeKept: true })))
      .toBe(frame);
  });

  it("is made anew where it may not be kept", async () => {
    const frames = framesOf();
    let made = 0;
    const make = () => {
      made++;
      return Promise.resolve({ frame, chain: CHAIN, mayBeKept: false });
    };
    await Promise.all([frames.shared(outputsOf(0n, 1n), "a", make), frames.shared(outputsOf(0n, 1n), "a", make)]);
    expect(made).toBe(1);
    await frames.shared(outputsOf(0n, 1n), "a", make);
    expect(made).toBe(2);
  });
});
