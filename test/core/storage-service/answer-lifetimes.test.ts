import { beforeAll, describe, expect, it } from "vitest";
import { equalBytes } from "../../../core/bytes/bytes.ts";
import { ZERO_HASH } from "../../../core/chain/hash.ts";
import type { LedgerReader } from "../../../core/ledger/reader.ts";
import type { StorageServiceConfig } from "../../../core/storage-service/config.ts";
import { GET_RESPONSE_BYTES, MAX_RESPONSE_BYTES } from "../../../core/wire/limits.ts";
import { requestOfPath } from "../../../core/wire/paths.ts";
import type { DataRequest, TransactionDataType } from "../../../core/wire/request.ts";
import { encodeResponse } from "../../../core/wire/response.ts";
import { buildDevnetWorld, type DevnetWorld } from "../../helpers/devnet-world.ts";
import { buildSizedWorld, serviceOf, type SizedWorld } from "../../helpers/range-world.ts";
import { withMethods } from "../../helpers/reader-counts.ts";

/** What one server answers. */
async function answerOf(world: Pick<SizedWorld, "reader" | "context">, config: Config, request: DataRequest) {
  const { response, lifetime, chain } = await serviceOf(world, { config }).answer(request);
  return { bytes: encodeResponse(chain, response), lifetime };
}

type Config = Partial<StorageServiceConfig>;

const asked = (path: string) => requestOfPath(path).request;

describe("the lifetime of an answer", () => {
  it("goes with the name of the chain that it was judged under", async () => {
    const world = await buildDevnetWorld({ blocks: 1 });
    const known = (await world.ledger.progress()).chain;
    let chain: Uint8Array = ZERO_HASH;
    const reader = withMethods(world.ledger, {
      progress: async () => ({ ...await world.ledger.progress(), chain }),
      // The name becomes known while the answer is read.
      epochEndings: async (...range) => {
        chain = known;
        return await world.ledger.epochEndings(...range);
      },
    });
    const service = serviceOf({ ...world, reader });
    const request = { kind: "getEpochEndingLedgerInfos", firstEpoch: 0n, lastEpoch: 0n } as const;
    expect(await service.answer(request)).toMatchObject({ lifetime: "minute", chain: ZERO_HASH });
    expect(await service.answer(request)).toMatchObject({ lifetime: "immutable", chain: known });
  });
});

describe("a list that holds little", () => {
  let world: DevnetWorld & { readonly reader: LedgerReader };
  /** Last version of epoch 1. */
  let end: bigint;

  beforeAll(async () => {
    const parameters = { accounts: 8, transactionsPerBlock: 6, epochBlocks: 2, validators: 1 };
    const own = await buildDevnetWorld({ blocks: 16, parameters });
    world = { ...own, reader: own.ledger };
    end = (await own.ledger.epochEndings(1n, 1))[0]?.ledgerInfo.commitInfo.version ?? 0n;
  });

  const paths = () => [
    "/v1/epochs/0-3",
    `/v1/states/${end}/0-7`,
    `/v1/transactions/4-7@${end}`,
    `/v1/transactions+events/4-7@${end}`,
    `/v1/outputs/4-7@${end}`,
  ];

  it("is immutable from a server with the default settings where its range is canonical", async () => {
    for (const path of paths()) {
      expect([path, (await answerOf(world, {}, asked(path))).lifetime]).toEqual([path, "immutable"]);
    }
    const others = ["/v1/epochs/1-4", "/v1/epochs/0-2", `/v1/states/${end}/1-8`, `/v1/outputs/3-6@${end}`];
    for (const path of others) {
      expect([path, (await answerOf(world, {}, asked(path))).lifetime]).toEqual([path, "minute"]);
    }
  });

  it.each<readonly [Config, readonly RegExp[]]>([
    [{ maxEpochChunkSize: 2 }, [/epochs/]],
    [{ maxEpochChunkSize: 3 }, [/epochs/]],
    [{ maxStateChunkSize: 4 }, [/states/]],
    [{ maxTransactionChunkSize: 2 }, [/transactions\//, /transactions\+/]],
    [{ maxTransactionOutputChunkSize: 2 }, [/outputs/]],
    [{ maxNetworkChunkBytes: 5_000 }, [/epochs/, /states/]],
  ])("is kept for a minute where a setting of the server cut it: %o", async (config, cut) => {
    for (const path of paths()) {
      const [ours, theirs] = [await answerOf(world, config, asked(path)), await answerOf(world, {}, asked(path))];
      const isCut = cut.some((pattern) => pattern.test(path));
      expect([path, equalBytes(ours.bytes, theirs.bytes)]).toEqual([path, !isCut]);
      expect([path, ours.lifetime]).toEqual([path, isCut ? "minute" : "immutable"]);
    }
  });
});

describe("a list that holds more than a GET's worth", () => {
  const MEBIBYTE = 2 ** 20;
  /** Last version of epoch 1; 8 to 15 have 4 MB as transactions, and more as outputs. */
  const END = 24n;
  let world: SizedWorld;

  beforeAll(async () => {
    world = await buildSizedWorld([{ count: 24, writes: 1, transactionBytes: 500_000, valueBytes: 300_000 }]);
  });

  const v1 = () =>
    ({ kind: "getTransactionOutputsWithProof", firstVersion: 8n, lastVersion: 15n, proofVersion: END }) as const;
  function v2(dataType: TransactionDataType, maxResponseBytes: number): DataRequest {
    const range = { firstVersion: 8n, lastVersion: 15n, proofVersion: END };
    return { kind: "getTransactionDataWithProof", dataType, maxResponseBytes, ...range };
  }
  const EITHER: TransactionDataType = { kind: "transactionsOrOutputs", includeEvents: false };
  const OUTPUTS: TransactionDataType = { kind: "outputs" };

  /** The whole state: a canonical range, whatever the number of its items. */
  async function wholeState(): Promise<DataRequest> {
    const last = await world.reader.stateCount(END) - 1n;
    return { kind: "getStateValuesWithProof", version: END, firstIndex: 0n, lastIndex: last };
  }

  it("is cut by every server alike in answer to a GET, and immutable", async () => {
    const requests = [asked(`/v1/outputs/8-15@${END}`), v2(EITHER, GET_RESPONSE_BYTES), await wholeState()];
    const configs: Config[] = [
      {},
      { maxNetworkChunkBytesV2: GET_RESPONSE_BYTES },
      { maxNetworkChunkBytes: 10 * MEBIBYTE },
    ];
    for (const request of requests) {
      const answers = await Promise.all(configs.map((config) => answerOf(world, config, request)));
      for (const { bytes, lifetime } of answers) {
        expect(bytes.length).toBeLessThanOrEqual(GET_RESPONSE_BYTES);
        expect(bytes.length).toBeGreaterThan(GET_RESPONSE_BYTES / 3);
        expect(equalBytes(bytes, answers[0]?.bytes ?? ZERO_HASH)).toBe(true);
        expect(lifetime).toBe("immutable");
      }
    }
  });

  it("is kept for a minute where the largest answer of the server cut it, or made it another list", async () => {
    for (const dataType of [OUTPUTS, EITHER]) {
      const request = v2(dataType, MAX_RESPONSE_BYTES);
      const whole = await answerOf(world, {}, request);
      expect([whole.lifetime, whole.bytes.length > GET_RESPONSE_BYTES]).toEqual(["immutable", true]);
      const cut = await answerOf(world, { maxNetworkChunkBytesV2: GET_RESPONSE_BYTES }, request);
      expect([cut.lifetime, cut.bytes.length <= GET_RESPONSE_BYTES]).toEqual(["minute", true]);
    }
  });

  it("is kept for a minute where a server sends more than others to who cannot say how much it takes", async () => {
    const cut = await answerOf(world, {}, v1());
    expect([cut.lifetime, cut.bytes.length <= GET_RESPONSE_BYTES]).toEqual(["immutable", true]);
    const whole = await answerOf(world, { maxNetworkChunkBytes: 10 * MEBIBYTE }, v1());
    expect([whole.lifetime, whole.bytes.length > GET_RESPONSE_BYTES]).toEqual(["minute", true]);
  });
});
