import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_STORAGE_SERVICE_CONFIG } from "../../../core/storage-service/config.ts";
import { derivedRequest, limitStep, newDataFrame } from "../../../core/storage-service/new-data.ts";
import { ANSWER_OVERHEAD_BYTES, MAX_RESPONSE_BYTES } from "../../../core/wire/limits.ts";
import type { TransactionDataList } from "../../../core/wire/response.ts";
import { decodeResponse } from "../../../core/wire/response.ts";
import { buildDevnetWorld, type DevnetWorld, serveWorld } from "../../helpers/devnet-world.ts";
import { expectSyncError } from "../../helpers/expect-sync-error.ts";
import { unsignedLedgerInfo } from "../../helpers/unsigned-ledger-info.ts";
import { expectNewData, MAIN_KINDS, WAITING_KINDS, type WaitingKind } from "../../helpers/waiting-requests.ts";
import { buildWaitingWorld, epochAfter, versionOf, type WaitingWorld } from "../../helpers/waiting-world.ts";

const CONFIG = DEFAULT_STORAGE_SERVICE_CONFIG;
const KNOWN = { knownVersion: 100n, knownEpoch: 1n };
const STREAM = { ...KNOWN, streamId: 7n };

describe("the derived request", () => {
  const target = unsignedLedgerInfo(5_000n, 1n);

  it.each(WAITING_KINDS)("asks for what comes next up to the item cap: $name", (kind) => {
    const config = { ...CONFIG, maxTransactionChunkSize: 300, maxTransactionOutputChunkSize: 200 };
    const cap = kind.data === "transactions" ? 300n : 200n;
    for (const request of [kind.fetch(KNOWN), kind.subscribe({ ...STREAM, knownVersion: 1n }, 4n)]) {
      expect(derivedRequest(request, { knownVersion: 100n, target }, config)).toMatchObject({
        kind: "getTransactionDataWithProof",
        firstVersion: 101n,
        lastVersion: 100n + cap,
        proofVersion: 5_000n,
      });
      const near = unsignedLedgerInfo(103n, 1n);
      expect(derivedRequest(request, { knownVersion: 100n, target: near }, config).lastVersion).toBe(103n);
    }
  });

  it("is the same for all that ask for as much, V1 or V2, waiting once or in a stream", () => {
    const limit = CONFIG.maxNetworkChunkBytes;
    for (const data of ["outputs", "transactions", "either"] as const) {
      const derived = MAIN_KINDS.filter((kind) => kind.data === data).flatMap((kind) => [
        derivedRequest(kind.fetch(KNOWN, limit), { knownVersion: 100n, target }, CONFIG),
        derivedRequest(kind.subscribe(STREAM, 9n, limit), { knownVersion: 100n, target }, CONFIG),
      ]);
      expect(derived).toHaveLength(4);
      for (const each of derived) expect(each).toEqual(derived[0]);
    }
  });

  it("asks for no more bytes than the server sends, and for none where the ledger info takes all", () => {
    const v2 = WAITING_KINDS.find(({ generation }) => generation === "v2") as WaitingKind;
    const bytesOf = (limit: number) => {
      return derivedRequest(v2.fetch(KNOWN, limit), { knownVersion: 100n, target }, CONFIG).maxResponseBytes;
    };
    expect(bytesOf(2 ** 32 - 1)).toBe(bytesOf(CONFIG.maxNetworkChunkBytesV2));
    expect(bytesOf(1)).toBe(0);
  });
});

describe("the step of a byte limit", () => {
  const limits = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    fc.integer({ min: 0, max: 2 * MAX_RESPONSE_BYTES }),
    fc.integer({ min: 0, max: 2 * ANSWER_OVERHEAD_BYTES }),
    fc.tuple(fc.integer({ min: 2, max: 31 }), fc.integer({ min: -1, max: 1 })).map(([bits, more]) => 2 ** bits + more),
  );

  it("is never above the limit, and above four fifths of it where more than one item may be sent", () => {
    fc.assert(fc.property(limits, (limit) => {
      const step = limitStep(limit);
      expect(step).toBeLessThanOrEqual(limit);
      if (limit > ANSWER_OVERHEAD_BYTES) expect(5 * step).toBeGreaterThan(4 * Math.min(limit, MAX_RESPONSE_BYTES));
    }));
  });

  it("is its own step, and grows with the limit", () => {
    fc.assert(
      fc.property(limits, limits, (one, other) => {
        expect(limitStep(limitStep(one))).toBe(limitStep(one));
        expect(limitStep(Math.max(one, other))).toBeGreaterThanOrEqual(limitStep(Math.min(one, other)));
      }),
      { numRuns: 2_000 },
    );
  });

  it("leaves the limits of the wire as they are", () => {
    expect([4, 8, 40].map((mebibytes) => limitStep(mebibytes * 2 ** 20) / 2 ** 20)).toEqual([4, 8, 40]);
  });

  it("makes fewer than sixty derived requests of all limits there are", () => {
    const v2 = WAITING_KINDS.find(({ generation }) => generation === "v2") as WaitingKind;
    const derived = new Set<number>();
    const target = unsignedLedgerInfo(5_000n, 1n);
    for (let limit = 0; limit < 2 ** 32; limit += 1 + Math.floor(limit / 64)) {
      derived.add(derivedRequest(v2.fetch(KNOWN, limit), { knownVersion: 100n, target }, CONFIG).maxResponseBytes);
    }
    expect(derived.size).toBeGreaterThan(30);
    expect(derived.size).toBeLessThan(60);
  });
});

describe("an answer with new data", () => {
  let world: DevnetWorld;
  let own: WaitingWorld;

  beforeAll(async () => {
    // A ledger info of 4 KB.
    world = await buildDevnetWorld({
      blocks: 1,
      parameters: { validators: 60, transactionsPerBlock: 70, epochBlocks: 1_000 },
    });
    own = await buildWaitingWorld({ world });
  });

  it.each(MAIN_KINDS)("is not above its byte limit, the ledger info counted: $name", async (kind) => {
    const target = await own.head();
    expect(target.bytes.length).toBeGreaterThan(4_000);
    const known = { knownVersion: versionOf(target) - 64n, knownEpoch: epochAfter(target) };
    const all = own.ask(kind.fetch(known));
    await own.settle();
    const { length } = all.frame.bytes;
    // One byte less than all of it takes, a ledger info less, and far less.
    for (const limit of [length - 1, length - target.bytes.length, 20_000, 12_000]) {
      const server = kind.generation === "v2"
        ? own
        : await buildWaitingWorld({ world, config: { maxNetworkChunkBytes: limit } });
      const asked = server.ask(kind.fetch(known, limit));
      await server.settle();
      const { data } = asked.data;
      const count = BigInt(data.transactions.count);
      expect(data.list === all.data.data.list && count === 64n).toBe(false);
      const versions = [known.knownVersion + 1n, known.knownVersion + count] as const;
      expectNewData(asked, { context: world.context, kind, versions, target, list: data.list });
      expect(asked.frame.bytes.length).toBeLessThanOrEqual(limit);
    }
  });

  it("holds one item where not even that fits what the client takes", async () => {
    const target = await own.head();
    const known = { knownVersion: versionOf(target) - 3n, knownEpoch: epochAfter(target) };
    const v2 = WAITING_KINDS.find(({ generation }) => generation === "v2") as WaitingKind;
    for (const limit of [0, 1, 5_000]) {
      const asked = own.ask(v2.fetch(known, limit));
      await own.settle();
      expect(asked.data.data.transactions.count).toBe(1);
    }
  });

  it("repeats the stream as it started, and its index", async () => {
    const request = MAIN_KINDS[0]!.subscribe(STREAM, 3n);
    const { list, target } = await listOf(world);
    const { bytes } = newDataFrame({ chain: new Uint8Array(32), request, list, target, maxBytes: 1 << 24 });
    const { response } = decodeResponse(bytes, { maxBytes: bytes.length });
    expect(response).toMatchObject({ ...KNOWN, stream: { streamId: 7n, streamIndex: 3n } });
  });

  it("is refused where a single item does not fit what the server sends with its ledger info", async () => {
    const { list, target } = await listOf(world);
    const parts = { chain: new Uint8Array(32), request: MAIN_KINDS[0]!.fetch(KNOWN), list, target };
    const { bytes } = newDataFrame({ ...parts, maxBytes: 1 << 24 });
    expect(newDataFrame({ ...parts, maxBytes: bytes.length }).bytes).toEqual(bytes);
    const error = expectSyncError(() => newDataFrame({ ...parts, maxBytes: bytes.length - 1 }), "TOO_LARGE");
    expect(error.detail).toEqual({ limit: bytes.length - 1, value: bytes.length });
  });
});

/** The newest version as outputs, and the newest ledger info. */
async function listOf(world: DevnetWorld) {
  const { latestLedgerInfo: target } = await world.ledger.progress();
  if (target === undefined) throw new Error("the ledger is empty");
  const version = versionOf(target);
  const { data } = await serveWorld(world).handle({
    kind: "getTransactionDataWithProof",
    dataType: { kind: "outputs" },
    firstVersion: version,
    lastVersion: version,
    proofVersion: version,
    maxResponseBytes: 1 << 24,
  }) as unknown as { data: TransactionDataList };
  return { list: data, target };
}
