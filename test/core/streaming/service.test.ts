import { describe, expect, it } from "vitest";
import { encodeColumn } from "../../../core/bytes/column.ts";
import type { Answer, DirectRequest, DirectRequestKind, DirectResponse } from "../../../core/data-client/answer.ts";
import type { DataClient } from "../../../core/data-client/client.ts";
import { SyncError } from "../../../core/errors.ts";
import { createStreamingService, MAX_NOTIFICATION_ID_MAPPINGS } from "../../../core/streaming/service.ts";
import type { DataStream } from "../../../core/streaming/stream.ts";
import type { DataResponse } from "../../../core/wire/response-types.ts";
import { makeEpochChain } from "../../helpers/epoch-chain.ts";
import { VELOR } from "../../helpers/trust-context.ts";

const chain = makeEpochChain(VELOR, { epochs: 2 });
const column = (count: number) => encodeColumn(Array.from({ length: count }, () => new Uint8Array(1)));

/** A data client that answers at most `most` items of whatever range, and remembers who was blamed for what. */
function createClient(most: (request: DirectRequest) => number, highestEpochEnding?: bigint) {
  const requests: DirectRequest[] = [];
  const blamed: { request: DirectRequest; error: SyncError }[] = [];
  const client: DataClient = {
    async request<K extends DirectRequestKind>(request: DirectRequest<K>): Promise<Answer<DirectResponse<K>>> {
      const asked: DirectRequest = request;
      requests.push(asked);
      const count = most(asked);
      const context = {
        peer: "a",
        chain: new Uint8Array(32),
        bytes: 1,
        blame: (error: SyncError) => void blamed.push({ request: asked, error }),
      };
      return { payload: answerOf(asked, count) as DirectResponse<K>, context };
    },
    globalSummary: () => ({ ...(highestEpochEnding === undefined ? {} : { highestEpochEnding }), ledgerInfos: [] }),
    refreshSummaries: () => Promise.resolve(),
    blame: () => {},
    hasUsablePeers: () => true,
    chain: () => new Uint8Array(32),
    pinChain: () => {},
    receivedBytes: () => 0,
    peers: () => [],
  };
  return { client, requests, blamed };
}

function answerOf(request: DirectRequest, most: number): DataResponse {
  if (request.kind === "getEpochEndingLedgerInfos") {
    const { firstEpoch, lastEpoch } = request;
    const count = Math.min(most, Number(lastEpoch - firstEpoch + 1n));
    return { kind: "epochEndingLedgerInfos", firstEpoch, lastEpoch, ledgerInfos: column(count) };
  }
  if (request.kind !== "getTransactionDataWithProof") throw new Error(`unexpected ${request.kind}`);
  const { firstVersion, lastVersion, proofVersion } = request;
  const items = column(Math.min(most, Number(lastVersion - firstVersion + 1n)));
  return {
    kind: "transactionDataWithProof",
    data: {
      list: "outputs",
      firstVersion,
      lastVersion,
      proofVersion,
      transactions: items,
      infos: items,
      events: items,
      writeSets: items,
      proof: { leftSiblings: new Uint8Array(0), rightSiblings: new Uint8Array(0) },
    },
  };
}

/** `first-last` of every request. */
function rangesOf(requests: readonly DirectRequest[]): string[] {
  return requests.map((request) => {
    if (request.kind === "getEpochEndingLedgerInfos") return `${request.firstEpoch}-${request.lastEpoch}`;
    if (request.kind !== "getTransactionDataWithProof") return request.kind;
    return `${request.firstVersion}-${request.lastVersion}@${request.proofVersion}`;
  });
}

async function readToEnd(stream: DataStream): Promise<bigint[]> {
  const ids: bigint[] = [];
  for (;;) {
    const { notificationId, payload } = await stream.next();
    ids.push(notificationId);
    if (payload.kind === "endOfStream") return ids;
  }
}

describe("streaming service", () => {
  it("asks for canonical ranges in order, up to the last version of the epoch", async () => {
    const { client, requests } = createClient(() => Infinity);
    const service = createStreamingService({ dataClient: client });
    await readToEnd(service.outputs({ firstVersion: 1005n, lastVersion: 9000n, proofVersion: 9000n }));
    expect(rangesOf(requests)).toEqual([
      "1005-1005@9000",
      "1006-1007@9000",
      "1008-1023@9000",
      "1024-2047@9000",
      "2048-4095@9000",
      "4096-6143@9000",
      "6144-8191@9000",
      "8192-9000@9000",
    ]);
  });

  it("goes on after the last item received when an answer is shortened", async () => {
    const { client, requests } = createClient(() => 3);
    const service = createStreamingService({ dataClient: client });
    await readToEnd(service.outputs({ firstVersion: 0n, lastVersion: 9n, proofVersion: 9n }));
    expect(rangesOf(requests)).toEqual(["0-9@9", "3-3@9", "4-7@9", "7-7@9", "8-9@9"]);
  });

  it("does not ask for less instead when it is aborted, whatever the reason", async () => {
    const reason = new SyncError("CONNECTION_FAILED", "Cannot go on: the network is being switched off");
    const controller = new AbortController();
    const { client, requests } = createClient(() => {
      controller.abort(reason);
      throw reason;
    }, 31n);
    const stream = createStreamingService({ dataClient: client }).epochEndings({ firstEpoch: 0n });
    await expect(stream.next(controller.signal)).rejects.toBe(reason);
    expect(rangesOf(requests)).toEqual(["0-31"]);
  });

  it("stops at the version that the consumer wants, before the end of the epoch", async () => {
    const { client, requests } = createClient(() => Infinity);
    const service = createStreamingService({ dataClient: client });
    await readToEnd(service.outputs({ firstVersion: 2048n, lastVersion: 3000n, proofVersion: 9000n }));
    expect(rangesOf(requests)).toEqual(["2048-3000@9000"]);
    expect(() => service.outputs({ firstVersion: 0n, lastVersion: 10n, proofVersion: 9n })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });

  it("asks for all that is left at the open head where one answer can hold it", async () => {
    const target = chain.sign(chain.ledgerInfo(1, 77n));
    const { client, requests } = createClient(() => Infinity);
    const service = createStreamingService({ dataClient: client });
    const stream = service.continuousOutputs({ knownVersion: 4n, target });
    const { payload } = await stream.next();
    expect(payload).toMatchObject({ kind: "continuousOutputs", ledgerInfo: target });
    expect((await stream.next()).payload.kind).toBe("endOfStream");
    expect(rangesOf(requests)).toEqual(["5-77@77"]);
  });

  it("reads all epoch endings that are advertised, in pages, and none if none are", async () => {
    const { client, requests } = createClient(() => Infinity, 300n);
    const service = createStreamingService({ dataClient: client });
    await readToEnd(service.epochEndings({ firstEpoch: 0n }));
    expect(rangesOf(requests)).toEqual(["0-127", "128-255", "256-300"]);
    const nobody = createClient(() => Infinity);
    await readToEnd(createStreamingService({ dataClient: nobody.client }).epochEndings({ firstEpoch: 0n }));
    await readToEnd(service.epochEndings({ firstEpoch: 301n }));
    expect(nobody.requests).toEqual([]);
    expect(requests).toHaveLength(3);
  });

  it("asks for fewer epochs where no peer has all that one advertised", async () => {
    const has = 2n;
    const { client, requests } = createClient((request) => {
      if (request.kind === "getEpochEndingLedgerInfos" && request.lastEpoch <= has) return Infinity;
      throw new SyncError("NOT_SERVICEABLE", "Cannot answer");
    }, 2n ** 64n - 1n);
    const service = createStreamingService({ dataClient: client });
    const stream = service.epochEndings({ firstEpoch: 0n });
    expect((await stream.next()).payload).toMatchObject({ kind: "epochEndings", ledgerInfos: { count: 2 } });
    expect((await stream.next()).payload).toMatchObject({ kind: "epochEndings", ledgerInfos: { count: 1 } });
    await expect(stream.next()).rejects.toMatchObject({ code: "NOT_SERVICEABLE" });
    expect(requests.length).toBeLessThan(12);
  });

  it("numbers notifications of all streams upwards", async () => {
    const { client } = createClient(() => 1, 3n);
    const service = createStreamingService({ dataClient: client });
    const ids = [
      ...await readToEnd(service.epochEndings({ firstEpoch: 0n })),
      ...await readToEnd(service.epochEndings({ firstEpoch: 2n })),
    ];
    expect(ids).toEqual([...ids].sort((left, right) => (left < right ? -1 : 1)));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("holds feedback against the answer that it is about, and ends the stream", async () => {
    const { client, requests, blamed } = createClient(() => 1, 3n);
    const service = createStreamingService({ dataClient: client });
    const stream = service.epochEndings({ firstEpoch: 0n });
    await stream.next();
    const { notificationId } = await stream.next();
    await stream.next();
    const error = new SyncError("PROOF_MISMATCH", "Cannot test");
    service.terminateWithFeedback(stream.streamId, { notificationId, kind: "payloadProofFailed", error });
    expect(blamed).toEqual([{ request: requests[1], error }]);
    expect(() => service.terminateWithFeedback(stream.streamId)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });

  it("blames nobody at the end of a stream, and refuses feedback on what it did not deliver", async () => {
    const { client, blamed } = createClient(() => 1, 1n);
    const service = createStreamingService({ dataClient: client });
    const stream = service.epochEndings({ firstEpoch: 0n });
    const notificationId = (await readToEnd(stream)).at(-1) as bigint;
    service.terminateWithFeedback(stream.streamId, { notificationId, kind: "endOfStream" });
    expect(blamed).toEqual([]);
    const other = service.epochEndings({ firstEpoch: 0n });
    expect(() => service.terminateWithFeedback(other.streamId, { notificationId, kind: "endOfStream" })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });

  it("forgets who sent the oldest notifications of a long stream", async () => {
    const last = BigInt(MAX_NOTIFICATION_ID_MAPPINGS);
    const { client, blamed } = createClient(() => 1, last);
    const service = createStreamingService({ dataClient: client });
    const stream = service.epochEndings({ firstEpoch: 0n });
    const [oldest] = await readToEnd(stream);
    const error = new SyncError("PROOF_MISMATCH", "Cannot test");
    const feedback = { notificationId: oldest as bigint, kind: "payloadProofFailed", error } as const;
    expect(() => service.terminateWithFeedback(stream.streamId, feedback)).toThrow(/there is none/);
    expect(blamed).toEqual([]);
  });
});
