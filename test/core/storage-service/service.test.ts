import { beforeAll, describe, expect, it } from "vitest";
import { columnItem, columnItems } from "../../../core/bytes/column.ts";
import { decodeLedgerInfoWithSignatures } from "../../../core/chain/ledger-info.ts";
import { hashStateKeys } from "../../../core/chain/state-key.ts";
import { isSyncError, type SyncErrorCode } from "../../../core/errors.ts";
import { SILENT_LOG } from "../../../core/ports/log.ts";
import { createStorageService, type StorageService } from "../../../core/storage-service/service.ts";
import { APTOS_PROFILE } from "../../../core/chain/profile.ts";
import { canonicalRangeFrom } from "../../../core/wire/ranges.ts";
import type { DataRequest, TransactionDataType } from "../../../core/wire/request.ts";
import { type DataResponse, encodeResponse, type StateValueChunkWithProof } from "../../../core/wire/response.ts";
import { buildDevnetWorld, type DevnetWorld, serveWorld } from "../../helpers/devnet-world.ts";
import { createVirtualClock } from "../../helpers/virtual-clock.ts";
import { expectListProven, expectValuesProven, expectWholeState } from "../../helpers/wire-proofs.ts";

const OUTPUTS: TransactionDataType = { kind: "outputs" };
const TRANSACTIONS: TransactionDataType = { kind: "transactions", includeEvents: false };
const WITH_EVENTS: TransactionDataType = { kind: "transactions", includeEvents: true };
const EITHER: TransactionDataType = { kind: "transactionsOrOutputs", includeEvents: false };

let world: DevnetWorld;
let service: StorageService;
/** Newest version. */
let head: bigint;
/** Last version of epoch 1, and the first of epoch 2. */
let end: bigint;

beforeAll(async () => {
  world = await buildDevnetWorld({ blocks: 8 });
  service = serveWorld(world);
  head = (await world.ledger.progress()).committedVersion ?? 0n;
  end = (await world.ledger.epochEndings(1n, 1))[0]?.ledgerInfo.commitInfo.version ?? 0n;
});

type Kind = DataResponse["kind"];

async function ask<K extends Kind>(
  kind: K,
  request: DataRequest,
  from: StorageService = service,
): Promise<DataResponse & { kind: K }> {
  const response = await from.handle(request);
  expect(response.kind).toBe(kind);
  return response as DataResponse & { kind: K };
}

async function expectRefusal(request: DataRequest, code: SyncErrorCode, from: StorageService = service) {
  const error = await from.handle(request).then(() => undefined, (reason: unknown) => reason);
  expect(isSyncError(error, code), String(error)).toBe(true);
  return isSyncError(error) ? error : undefined;
}

function dataRequest(
  dataType: TransactionDataType,
  first: bigint,
  last: bigint,
  proofVersion: bigint,
  bytes = 1 << 24,
) {
  return {
    kind: "getTransactionDataWithProof",
    dataType,
    firstVersion: first,
    lastVersion: last,
    proofVersion,
    maxResponseBytes: bytes,
  } as const;
}

async function listOf(
  dataType: TransactionDataType,
  first: bigint,
  last: bigint,
  proofVersion: bigint,
  bytes?: number,
) {
  return (await ask("transactionDataWithProof", dataRequest(dataType, first, last, proofVersion, bytes))).data;
}

async function endingOf(epoch: bigint) {
  const { ledgerInfos } = await ask("epochEndingLedgerInfos", {
    kind: "getEpochEndingLedgerInfos",
    firstEpoch: epoch,
    lastEpoch: epoch,
  });
  return decodeLedgerInfoWithSignatures(columnItem(ledgerInfos, 0), world.context.profile);
}

async function latest() {
  const { ledgerInfo } = await ask("latestLedgerInfo", { kind: "getLatestLedgerInfo" });
  return decodeLedgerInfoWithSignatures(ledgerInfo, world.context.profile);
}

describe("the summary", () => {
  it("says what is here", async () => {
    const { summary } = await ask("storageServerSummary", { kind: "getStorageServerSummary" });
    const versions = { lowest: 0n, highest: head };
    expect(summary.dataSummary).toMatchObject({
      transactions: versions,
      transactionOutputs: versions,
      states: versions,
      epochEndingLedgerInfos: { lowest: 0n, highest: 2n },
    });
    expect(summary.dataSummary.syncedLedgerInfo).toEqual((await latest()).bytes);
    expect(summary.protocolMetadata.maxTransactionOutputChunkSize).toBe(2048);
  });

  it("follows the ledger when the refresh interval is over, and before a refusal", async () => {
    const own = await buildDevnetWorld({ blocks: 1 });
    const clock = createVirtualClock();
    const slow = createStorageService({ reader: own.ledger, context: own.context, clock, log: SILENT_LOG });
    const highest = async () => {
      const { summary } = await ask("storageServerSummary", { kind: "getStorageServerSummary" }, slow);
      return summary.dataSummary.transactions?.highest ?? -1n;
    };
    const before = await highest();
    await own.devnet.produceBlock();
    expect(await highest()).toBe(before);
    clock.advance(100);
    const after = await highest();
    expect(after).toBeGreaterThan(before);
    await own.devnet.produceBlock();
    const next = after + 1n;
    const { data } = await ask("transactionDataWithProof", dataRequest(OUTPUTS, next, next, next), slow);
    expect(data.transactions.count).toBe(1);
  });

  it("is not given for a ledger of another profile", async () => {
    const context = { profile: APTOS_PROFILE };
    const other = createStorageService({ reader: world.ledger, context, clock: createVirtualClock(), log: SILENT_LOG });
    await expectRefusal({ kind: "getStorageServerSummary" }, "NETWORK_MISMATCH", other);
  });
});

describe("transaction data", () => {
  it.each([OUTPUTS, TRANSACTIONS, WITH_EVENTS, EITHER])("is proven in the ledger asked for: %o", async (dataType) => {
    for (
      const [first, last, proof] of [[0n, 0n, head], [1n, end, end], [end + 1n, head, head], [2n, 5n, end]] as const
    ) {
      const list = await listOf(dataType, first, last, proof);
      expect(list).toMatchObject({ firstVersion: first, lastVersion: last, proofVersion: proof });
      const ledgerInfo = proof === end ? await endingOf(1n) : await latest();
      expectListProven(world.context, list, ledgerInfo);
      expect(list.auxiliaryInfos?.count).toBe(list.transactions.count);
      const wanted = dataType.kind === "outputs" || dataType.kind === "transactionsOrOutputs"
        ? "outputs"
        : "transactions";
      expect(list.list).toBe(wanted);
      expect(list.events !== undefined).toBe(dataType !== TRANSACTIONS);
    }
  });

  it("stops at the end of an epoch", async () => {
    const list = await listOf(OUTPUTS, end - 1n, end + 3n, head);
    expect(list.transactions.count).toBe(2);
  });

  it("is all of a canonical range of an ended epoch, and immutable exactly then", async () => {
    let next = 1n;
    while (next <= end) {
      const { count } = canonicalRangeFrom(next, { maximum: 2048, last: end });
      const last = next + BigInt(count) - 1n;
      const { response, lifetime } = await service.answer(dataRequest(OUTPUTS, next, last, end));
      expect(lifetime).toBe("immutable");
      expect(response.kind === "transactionDataWithProof" && response.data.transactions.count).toBe(count);
      next = last + 1n;
    }
    const others = [[1n, 2n, end], [2n, 3n, head], [end + 1n, head, head], [0n, end, end]] as const;
    for (const [first, last, proof] of others) {
      expect((await service.answer(dataRequest(OUTPUTS, first, last, proof))).lifetime).toBe("minute");
    }
  });

  it("is the same from another server that committed the ledger in other pieces", async () => {
    const other = serveWorld(await buildDevnetWorld({ blocks: 5 }));
    const request = dataRequest(OUTPUTS, 2n, 3n, end);
    const bytes = async (from: StorageService) => encodeResponse(await from.chain(), await from.handle(request));
    expect(await bytes(other)).toEqual(await bytes(service));
  });

  it("is cut at the byte limit, proof and frame included, on an aligned boundary, and never empty", async () => {
    const all = await listOf(OUTPUTS, 0n, end, head);
    expect(all.transactions.count).toBe(1);
    const chain = await service.chain();
    const seen = new Set<number>();
    for (let bytes = 0; bytes < 60_000; bytes += 1_500) {
      const response = await service.handle(dataRequest(OUTPUTS, 2n, end, end, bytes));
      if (response.kind !== "transactionDataWithProof") throw new Error("unexpected");
      const { count } = response.data.transactions;
      expectListProven(world.context, response.data, await endingOf(1n));
      seen.add(count);
      const size = encodeResponse(chain, response).length;
      if (count > 1) expect(size).toBeLessThanOrEqual(bytes);
    }
    expect(Math.min(...seen)).toBe(1);
    expect([...seen].filter((count) => count > 1 && count < Number(end - 1n)).length).toBeGreaterThan(1);
  });

  it("is cut at the item cap of its kind", async () => {
    const small = serveWorld(world, { maxTransactionOutputChunkSize: 4, maxTransactionChunkSize: 2 });
    const count = async (dataType: TransactionDataType) => {
      const { data } = await ask("transactionDataWithProof", dataRequest(dataType, 4n, end, end), small);
      return [data.list, data.transactions.count];
    };
    expect(await count(OUTPUTS)).toEqual(["outputs", 4]);
    expect(await count(TRANSACTIONS)).toEqual(["transactions", 2]);
    expect(await count(EITHER)).toEqual(["outputs", 4]);
  });

  it("falls back from outputs to transactions where not all outputs fit", async () => {
    const list = await listOf(EITHER, 2n, 9n, end, 9_000);
    expect(list.list).toBe("transactions");
    expectListProven(world.context, list, await endingOf(1n));
  });

  it("comes without auxiliary infos for V1 requests", async () => {
    const versions = { firstVersion: 2n, lastVersion: 3n, proofVersion: end };
    const outputs = await ask("transactionOutputsWithProof", { kind: "getTransactionOutputsWithProof", ...versions });
    expect(outputs.data.auxiliaryInfos).toBeUndefined();
    const includeEvents = false;
    const transactions = { kind: "getTransactionsWithProof", ...versions, includeEvents } as const;
    expect((await ask("transactionsWithProof", transactions)).data.auxiliaryInfos).toBeUndefined();
    const either = { kind: "getTransactionsOrOutputsWithProof", ...versions, includeEvents } as const;
    expect((await ask("transactionsOrOutputsWithProof", either)).data.auxiliaryInfos).toBeUndefined();
  });

  it("is found by hash, with its events and a ledger info; what is not found is said to be unknown", async () => {
    const { data } = await ask("transactionDataWithProof", dataRequest(TRANSACTIONS, 3n, 3n, head));
    const hash = world.context.hasher.hash(world.context.seeds.transaction, columnItem(data.transactions, 0));
    const { found } = await ask("transactionByHash", { kind: "getTransactionByHash", hash });
    if (found === undefined) throw new Error("not found");
    expectListProven(
      world.context,
      found.data,
      decodeLedgerInfoWithSignatures(found.ledgerInfo, world.context.profile),
    );
    expect(found.data).toMatchObject({ firstVersion: 3n, proofVersion: end });
    expect(found.data.events?.count).toBe(1);
    const unknown = await ask("transactionByHash", { kind: "getTransactionByHash", hash: new Uint8Array(32) });
    expect(unknown.found).toBeUndefined();
  });

  it("is refused with the reason", async () => {
    await expectRefusal(dataRequest(OUTPUTS, 3n, 2n, end), "INVALID_REQUEST");
    await expectRefusal(dataRequest(OUTPUTS, 2n, end + 1n, end), "INVALID_REQUEST");
    await expectRefusal(dataRequest(OUTPUTS, 2n, head + 1n, head + 1n), "NOT_SERVICEABLE");
    await expectRefusal(dataRequest(OUTPUTS, 2n, 3n, head + 1n), "NOT_SERVICEABLE");
    await expectRefusal(dataRequest(OUTPUTS, 0n, 0xffff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn), "INVALID_REQUEST");
  });
});

describe("epoch endings", () => {
  it("come as asked for, cut at the cap", async () => {
    const request = { kind: "getEpochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 2n } as const;
    const { ledgerInfos } = await ask("epochEndingLedgerInfos", request);
    const epochs = columnItems(ledgerInfos).map((bytes) =>
      decodeLedgerInfoWithSignatures(bytes, world.context.profile).ledgerInfo.commitInfo.epoch
    );
    expect(epochs).toEqual([0n, 1n, 2n]);
    const small = serveWorld(world, { maxEpochChunkSize: 2 });
    expect((await ask("epochEndingLedgerInfos", request, small)).ledgerInfos.count).toBe(2);
    const narrow = serveWorld(world, { maxNetworkChunkBytes: 1 });
    expect((await ask("epochEndingLedgerInfos", request, narrow)).ledgerInfos.count).toBe(1);
  });

  it("are found by a version of their epoch", async () => {
    for (const version of [1n, end]) {
      const { ledgerInfo } = await ask("epochEndingAtVersion", { kind: "getEpochEndingAtVersion", version });
      expect(ledgerInfo).toEqual((await endingOf(1n)).bytes);
    }
    await expectRefusal({ kind: "getEpochEndingAtVersion", version: head }, "NOT_SERVICEABLE");
  });

  it("are refused out of order or not there yet", async () => {
    await expectRefusal({ kind: "getEpochEndingLedgerInfos", firstEpoch: 2n, lastEpoch: 1n }, "INVALID_REQUEST");
    await expectRefusal({ kind: "getEpochEndingLedgerInfos", firstEpoch: 2n, lastEpoch: 3n }, "NOT_SERVICEABLE");
  });
});

describe("state", () => {
  async function chunk(firstIndex: bigint, lastIndex: bigint, from = service) {
    const request = { kind: "getStateValuesWithProof", version: end, firstIndex, lastIndex } as const;
    return await ask("stateValueChunkWithProof", request, from);
  }

  async function whole(size: bigint, from = service): Promise<StateValueChunkWithProof[]> {
    const { count } = await ask("numberOfStatesAtVersion", { kind: "getNumberOfStatesAtVersion", version: end }, from);
    const chunks: StateValueChunkWithProof[] = [];
    for (let next = 0n; next < count;) {
      const answer = await chunk(next, next + size - 1n, from);
      chunks.push(answer);
      next += BigInt(answer.stateKeys.count);
    }
    return chunks;
  }

  it("comes in chunks whose proofs lead to the root of the checkpoint", async () => {
    const root = await world.ledger.stateRoot(end);
    expectWholeState(world.context, await whole(7n), root);
    expectWholeState(world.context, await whole(4096n), root);
    const small = serveWorld(world, { maxStateChunkSize: 5 });
    expectWholeState(world.context, await whole(4096n, small), root);
    const narrow = serveWorld(world, { maxNetworkChunkBytes: 6_000 });
    const chunks = await whole(4096n, narrow);
    expect(chunks.length).toBeGreaterThan(1);
    expectWholeState(world.context, chunks, root);
  });

  it("is immutable where the chunk is canonical", async () => {
    const { count } = await ask("numberOfStatesAtVersion", { kind: "getNumberOfStatesAtVersion", version: end });
    const lifetime = async (firstIndex: bigint, lastIndex: bigint) =>
      (await service.answer({ kind: "getStateValuesWithProof", version: end, firstIndex, lastIndex })).lifetime;
    expect(await lifetime(0n, 7n)).toBe("immutable");
    expect(await lifetime(0n, count - 1n)).toBe("immutable");
    expect(await lifetime(0n, count)).toBe("minute");
    expect(await lifetime(1n, 2n)).toBe("minute");
  });

  it("is proven by key hash: values and their absence, at a checkpoint and at the newest one", async () => {
    const { stateKeys } = await chunk(0n, 1n);
    const there = hashStateKeys(world.context, stateKeys);
    const keyHashes = new Uint8Array([...there, ...new Uint8Array(32).fill(0x5a)]);
    const request = { kind: "getStateValuesByKeyHash", keyHashes } as const;
    const targets = [{}, { checkpoint: end }, { checkpoint: end, proofVersion: end }, {
      checkpoint: end,
      proofVersion: head,
    }];
    for (const target of targets) {
      const answer = await ask("stateValuesByKeyHash", { ...request, ...target });
      expect(expectValuesProven(world.context, answer)).toEqual([true, true, false]);
      expect(answer).toMatchObject("checkpoint" in target ? target : { checkpoint: head, proofVersion: head });
    }
    const lifetime = async (target: object) => (await service.answer({ ...request, ...target })).lifetime;
    expect(await Promise.all(targets.map(lifetime))).toEqual(["second", "second", "immutable", "minute"]);
  });

  it("names the checkpoint below where there is none, and refuses what is not there", async () => {
    const version = end - 1n;
    const error = await expectRefusal({ kind: "getNumberOfStatesAtVersion", version }, "NOT_A_CHECKPOINT");
    expect(error?.detail["checkpoint"]).toBe(await world.ledger.checkpointAtOrBelow(version));
    const keyHashes = new Uint8Array(32);
    await expectRefusal(
      { kind: "getStateValuesByKeyHash", keyHashes, checkpoint: end, proofVersion: end + 1n },
      "NOT_SERVICEABLE",
    );
    await expectRefusal({ kind: "getStateValuesByKeyHash", keyHashes, checkpoint: version }, "NOT_A_CHECKPOINT");
    const beyond = {
      kind: "getStateValuesWithProof",
      version: end,
      firstIndex: 1n << 40n,
      lastIndex: 1n << 41n,
    } as const;
    await expectRefusal(beyond, "NOT_SERVICEABLE");
    await expectRefusal({ ...beyond, lastIndex: 0n }, "INVALID_REQUEST");
    await expectRefusal({ kind: "getNumberOfStatesAtVersion", version: head + 1n }, "NOT_SERVICEABLE");
  });
});

describe("other requests", () => {
  it("get the protocol version and the operator's peers", async () => {
    const version = await ask("serverProtocolVersion", { kind: "getServerProtocolVersion" });
    expect(version.protocolVersion).toBe(1n);
    const listed = serveWorld(world, { peers: ["https://a.example", "https://b.example"] });
    expect((await ask("peers", { kind: "getPeers" }, listed)).urls).toEqual(["https://a.example", "https://b.example"]);
  });

  it.each(["http://user:secret@a.example", "https://user@a.example", "http:user@a.example", "http:\\\\user@a.example"])(
    "do not tell of a peer with a user name or a password: %s",
    (peer) => {
      expect(() => serveWorld(world, { peers: [peer] })).toThrow("no user name and no password");
    },
  );

  it.each(["http://a.example/@scope", "https://a.example:80/a:b@c"])(
    "tell of a peer with an @ in its path: %s",
    (peer) => {
      expect(() => serveWorld(world, { peers: [peer] })).not.toThrow();
    },
  );

  it("are refused where they would have to wait", async () => {
    const known = { knownVersion: head, knownEpoch: 3n };
    await expectRefusal({ kind: "getNewTransactionOutputsWithProof", ...known }, "NOT_SERVICEABLE");
    const stream = { ...known, streamId: 1n };
    await expectRefusal(
      { kind: "subscribeTransactionOutputsWithProof", stream, streamIndex: 0n },
      "NOT_SERVICEABLE",
    );
  });

  it("are refused above the server's own byte limit, which a config cannot set below that of a GET", () => {
    expect(() => serveWorld(world, { maxNetworkChunkBytesV2: 1024 })).toThrow("maxNetworkChunkBytesV2");
    expect(() => serveWorld(world, { maxEpochChunkSize: 0 })).toThrow("maxEpochChunkSize");
  });
});
