import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { createLedger } from "../../../core/ledger/open-ledger.ts";
import { createStorageServiceChannel } from "../../../core/notifications/storage-service.ts";
import type { LedgerReader } from "../../../core/ledger/reader.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import type { StorageServiceConfig } from "../../../core/storage-service/config.ts";
import {
  createStorageServer,
  type StorageServer,
  type StorageServerParts,
} from "../../../core/storage-service/storage-server.ts";
import type { DataRequest } from "../../../core/wire/request.ts";
import { type DataResponse, decodeResponse } from "../../../core/wire/response.ts";
import type { DataSummary } from "../../../core/wire/summary.ts";
import { createDevnetGenesis, startDevnet } from "../../../adapters/devnet/devnet.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { type CountedReader, withMethods, withReaderCounts } from "../../helpers/reader-counts.ts";
import { createSteppedClock, settled } from "../../helpers/stepped-clock.ts";
import { VELOR } from "../../helpers/trust-context.ts";
import { createVirtualClock, type VirtualClock } from "../../helpers/virtual-clock.ts";

const SOMEBODY = { address: "192.0.2.1", trusted: false };
const SUMMARY: DataRequest = { kind: "getStorageServerSummary" };

let world: DevnetWorld;
let head: bigint;
let counted: CountedReader;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 8 });
  head = (await world.ledger.progress()).committedVersion ?? 0n;
});

beforeEach(() => {
  counted = withReaderCounts(world.ledger);
});

function serverOf(
  reader: LedgerReader = counted.reader,
  { config = {}, ...parts }: Partial<StorageServerParts> & { config?: Partial<StorageServiceConfig> } = {},
): StorageServer {
  return createStorageServer({
    reader,
    context: VELOR,
    config: { storageSummaryRefreshIntervalMs: 0, ...config },
    clock: createVirtualClock(),
    log: SILENT_LOG,
    ...parts,
  });
}

function transactionsV1(first: bigint): DataRequest {
  const range = { firstVersion: first, lastVersion: first, proofVersion: head };
  return { kind: "getTransactionsWithProof", ...range, includeEvents: false };
}

function transactionsV2(first: bigint): DataRequest {
  const range = { firstVersion: first, lastVersion: first, proofVersion: head };
  const dataType = { kind: "transactions", includeEvents: false } as const;
  return { kind: "getTransactionDataWithProof", ...range, dataType, maxResponseBytes: 1 << 20 };
}

/** Storage reads that asking for `request` takes. */
async function readsOf(server: StorageServer, request: DataRequest): Promise<number> {
  const before = counted.dataReads();
  await server.answer(request, SOMEBODY);
  return counted.dataReads() - before;
}

async function summaryOf(server: StorageServer): Promise<DataSummary> {
  return (await responseOf(server, SUMMARY, "storageServerSummary")).summary.dataSummary;
}

async function responseOf<K extends DataResponse["kind"]>(server: StorageServer, request: DataRequest, kind: K) {
  const { bytes } = await server.answer(request, SOMEBODY);
  const { response } = decodeResponse(bytes, { maxBytes: bytes.length });
  expect(response?.kind).toBe(kind);
  return response as DataResponse & { kind: K };
}

describe("answers that were given before", () => {
  it.each([["V1", transactionsV1], ["V2", transactionsV2]])(
    "are read once, however often the same is asked (%s)",
    async (_, requestAt) => {
      const server = serverOf();
      const frame = await server.answer(requestAt(1n), SOMEBODY);
      const reads = counted.dataReads();
      expect(reads).toBeGreaterThan(0);
      for (let i = 0; i < 9; i++) expect(await server.answer(requestAt(1n), SOMEBODY)).toBe(frame);
      expect(counted.dataReads()).toBe(reads);
    },
  );

  it.each([["V1", transactionsV1], ["V2", transactionsV2]])(
    "are kept for each range apart (%s)",
    async (_, requestAt) => {
      const server = serverOf();
      for (const first of [0n, 1n, 2n, 3n, 4n, 5n]) {
        expect(await readsOf(server, requestAt(first))).toBeGreaterThan(0);
        for (let i = 0; i < 9; i++) expect(await readsOf(server, requestAt(first))).toBe(0);
      }
    },
  );

  it("are read again when as many others were asked for as there is room", async () => {
    const server = serverOf(counted.reader, { config: { maxLruCacheSize: 5 } });
    const chunk: DataRequest = { kind: "getStateValuesWithProof", version: head, firstIndex: 0n, lastIndex: 9n };
    expect(await readsOf(server, chunk)).toBeGreaterThan(0);
    for (const first of [0n, 1n, 2n, 3n]) await readsOf(server, transactionsV2(first));
    expect(await readsOf(server, chunk)).toBe(0);
    for (const first of [0n, 1n, 2n, 3n, 4n]) await readsOf(server, transactionsV2(first));
    expect(await readsOf(server, chunk)).toBeGreaterThan(0);
  });

  it("are not given once the ledger does not hold them any more", async () => {
    let firstVersion = 0n;
    const progress = async () => ({ ...await world.ledger.progress(), firstVersion });
    const pruned = withMethods(world.ledger, { progress });
    const server = serverOf(pruned);
    await server.answer(transactionsV2(2n), SOMEBODY);
    firstVersion = 3n;
    await expect(server.answer(transactionsV2(2n), SOMEBODY)).rejects.toMatchObject({ code: "PRUNED" });
  });

  it("are shared by all that ask at the same time", async () => {
    const server = serverOf();
    const reads = await readsOf(server, transactionsV2(1n));
    const before = counted.dataReads();
    const frames = await Promise.all(Array.from({ length: 100 }, () => server.answer(transactionsV2(2n), SOMEBODY)));
    expect(new Set(frames).size).toBe(1);
    expect(counted.dataReads() - before).toBe(reads);
  });
});

describe("the protocol version", () => {
  it("is 1, also where nothing is stored", async () => {
    const { waypoint } = createDevnetGenesis({ context: VELOR });
    const server = serverOf(await createLedger(createMemoryKv(), { context: VELOR, waypoint }));
    const request: DataRequest = { kind: "getServerProtocolVersion" };
    expect(await responseOf(server, request, "serverProtocolVersion")).toMatchObject({ protocolVersion: 1n });
  });
});

describe("the summary", () => {
  it("is made again when the ledger changed, and only then", async () => {
    const own = await buildDevnetWorld({ blocks: 1 });
    const clock = createVirtualClock();
    const server = serverOf(own.ledger, { clock });
    const first = await server.answer(SUMMARY, SOMEBODY);
    expect((await summaryOf(server)).transactions?.highest).toBe((await own.ledger.progress()).committedVersion);
    clock.advance(1_000);
    expect(await server.answer(SUMMARY, SOMEBODY)).toBe(first);
    await own.devnet.produceBlock();
    const second = await server.answer(SUMMARY, SOMEBODY);
    expect(second).not.toBe(first);
    expect((await summaryOf(server)).transactions?.highest).toBe((await own.ledger.progress()).committedVersion);
  });

  /** A server over an empty ledger that looks at it every 100 ms. */
  async function growingWorld(parts: Partial<StorageServerParts> = {}) {
    const clock: VirtualClock = createVirtualClock();
    const genesis = createDevnetGenesis({ context: VELOR }, { accounts: 2, transactionsPerBlock: 1, epochBlocks: 3 });
    const ledger = await createLedger(createMemoryKv(), { context: VELOR, waypoint: genesis.waypoint });
    const server = serverOf(ledger, { clock, config: { storageSummaryRefreshIntervalMs: 100 }, ...parts });
    const start = () => startDevnet({ context: VELOR }, { genesis, ledger });
    return { clock, ledger, server, start };
  }

  async function expectSummary(server: StorageServer, ledger: LedgerReader): Promise<void> {
    const { committedVersion, latestLedgerInfo, checkpointVersion } = await ledger.progress();
    const commit = latestLedgerInfo?.ledgerInfo.commitInfo;
    const lastEnded = (commit?.epoch ?? 0n) - (commit?.nextEpochState === undefined ? 1n : 0n);
    expect(await summaryOf(server)).toEqual({
      syncedLedgerInfo: latestLedgerInfo?.bytes,
      epochEndingLedgerInfos: { lowest: 0n, highest: lastEnded },
      states: { lowest: 0n, highest: checkpointVersion },
      transactions: { lowest: 0n, highest: committedVersion },
      transactionOutputs: { lowest: 0n, highest: committedVersion },
    });
  }

  it("says that there is nothing at first, and what there is within 100 ms, round after round", async () => {
    const { clock, ledger, server, start } = await growingWorld();
    expect(await summaryOf(server)).toEqual({});
    const devnet = await start();
    expect(await summaryOf(server)).toEqual({});
    for (let round = 0; round < 30; round++) {
      clock.advance(100);
      await expectSummary(server, ledger);
      await devnet.produceBlock();
    }
  });

  it("says what there is as soon as a commit is notified, while the clock stands still", async () => {
    const { sender, listener } = createStorageServiceChannel();
    const { ledger, server, start } = await growingWorld({ commits: listener });
    expect(await summaryOf(server)).toEqual({});
    const devnet = await start();
    for (let round = 0; round < 10; round++) {
      await devnet.produceBlock();
      const { committedVersion = 0n } = await ledger.progress();
      await sender.notifyCommit({ highestSyncedVersion: committedVersion });
      await expect.poll(async () => (await summaryOf(server)).transactions?.highest, { interval: 1 })
        .toBe(committedVersion);
      await expectSummary(server, ledger);
    }
    server.stop();
  });
});

describe("a commit that is notified", () => {
  it("answers those who wait for it, while the clock stands still", async () => {
    const own = await buildDevnetWorld({ blocks: 1 });
    const { committedVersion = 0n, epochState } = await own.ledger.progress();
    const { sender, listener } = createStorageServiceChannel();
    const server = serverOf(own.ledger, { clock: createSteppedClock(), commits: listener });
    const fetch = {
      kind: "getNewTransactionOutputsWithProof",
      knownVersion: committedVersion,
      knownEpoch: epochState?.epoch ?? 0n,
    } as const;
    const answer = server.answer(fetch, SOMEBODY);
    await settled();
    await own.devnet.produceBlock();
    await sender.notifyCommit({ highestSyncedVersion: committedVersion + 1n });
    expect((await answer).kind).toBe("newTransactionOutputsWithProof");
    server.stop();
    await sender.notifyCommit({ highestSyncedVersion: committedVersion + 2n });
    expect(await listener.next()).toEqual({ highestSyncedVersion: committedVersion + 2n });
  });
});
