import { beforeAll, describe, expect, it } from "vitest";
import { concatColumns } from "../../../core/bytes/column.ts";
import { hashStateKeys } from "../../../core/chain/state-key.ts";
import type { StorageService } from "../../../core/storage-service/service.ts";
import { encodeResponse, type StateValueChunkWithProof } from "../../../core/wire/response.ts";
import { buildDevnetWorld, type DevnetWorld, serveWorld } from "../../helpers/devnet-world.ts";
import { expectSyncErrorFrom } from "../../helpers/expect-sync-error.ts";
import { serviceOf } from "../../helpers/range-world.ts";
import { withReaderCounts } from "../../helpers/reader-counts.ts";
import { referenceCut } from "../../helpers/reference-cut.ts";
import { expectWholeState } from "../../helpers/wire-proofs.ts";

let world: DevnetWorld;
/** Last version of epoch 1, and the newest version: both are checkpoints. */
let end: bigint;
let head: bigint;
/** Number of state items at `end`. */
let total: bigint;

beforeAll(async () => {
  const parameters = { accounts: 160, transactionsPerBlock: 5, epochBlocks: 2, validators: 1 };
  world = await buildDevnetWorld({ blocks: 3, parameters });
  end = (await world.ledger.epochEndings(1n, 1))[0]?.ledgerInfo.commitInfo.version ?? 0n;
  head = (await world.ledger.progress()).committedVersion ?? 0n;
  total = await world.ledger.stateCount(end);
  expect(total).toBeGreaterThanOrEqual(320n);
});

interface GivenChunk {
  readonly chunk: StateValueChunkWithProof;
  readonly lifetime: string;
  readonly frameBytes: number;
}

async function ask(service: StorageService, first: bigint, last: bigint, version = end): Promise<GivenChunk> {
  const request = { kind: "getStateValuesWithProof", version, firstIndex: first, lastIndex: last } as const;
  const { response, lifetime } = await service.answer(request);
  if (response.kind !== "stateValueChunkWithProof") throw new Error(`The answer is ${response.kind}`);
  expect(response).toMatchObject({ version, firstIndex: first, lastIndex: last });
  return { chunk: response, lifetime, frameBytes: encodeResponse(await service.chain(), response).length };
}

/** All chunks of the state, each as large as the service makes it. */
async function whole(service: StorageService, size: bigint): Promise<GivenChunk[]> {
  const given: GivenChunk[] = [];
  for (let next = 0n; next < total;) {
    const answer = await ask(service, next, next + size - 1n);
    given.push(answer);
    next += BigInt(answer.chunk.stateKeys.count);
  }
  expectWholeState(world.context, given.map(({ chunk }) => chunk), await world.ledger.stateRoot(end));
  return given;
}

describe("state_values", () => {
  it("get_states_with_proof: 1, 100 and as many as the cap, proven next to each other", async () => {
    for (const size of [1n, 100n, 256n]) {
      const given = await whole(serveWorld(world, { maxStateChunkSize: 256 }), size);
      const counts = given.map(({ chunk }) => chunk.stateKeys.count);
      expect(counts.slice(0, -1).every((count) => BigInt(count) === size)).toBe(true);
      for (const { chunk } of given) {
        const keys = hashStateKeys(world.context, chunk.stateKeys);
        expect([chunk.firstKey, chunk.lastKey]).toEqual([keys.slice(0, 32), keys.slice(-32)]);
      }
    }
  });

  it("get_states_with_proof_chunk_limit: ten times the cap gives the cap, with the proof up to there", async () => {
    const given = await whole(serveWorld(world, { maxStateChunkSize: 32 }), 320n);
    expect(given[0]?.chunk.stateKeys.count).toBe(32);
    expect(given.length).toBe(Math.ceil(Number(total) / 32));
  });

  it("get_states_with_proof_invalid: the wrong way round", async () => {
    const service = serveWorld(world);
    for (const [first, last] of [[10n, 0n], [10n, 9n], [0n, 0xffff_ffff_ffff_ffffn]] as const) {
      await expectSyncErrorFrom(ask(service, first, last), "INVALID_REQUEST");
    }
  });

  it("get_states_with_proof_network_limit: as many as fit, at least one, asked for more than the cap", async () => {
    const all = (await whole(serveWorld(world), 4_096n)).map(({ chunk }) => chunk);
    const columns = [concatColumns(all.map((c) => c.stateKeys)), concatColumns(all.map((c) => c.stateValues))];
    const counts: number[] = [];
    for (const limit of [1, 5_000, 7_000, 12_000, 30_000]) {
      const service = serveWorld(world, { maxNetworkChunkBytes: limit, maxStateChunkSize: 300 });
      const { chunk, frameBytes } = await ask(service, 0n, 5_000n);
      const limits = { first: 0n, wanted: Number(total), maxItems: 300, maxBytes: limit };
      expect([limit, chunk.stateKeys.count]).toEqual([limit, referenceCut(columns, limits)]);
      if (chunk.stateKeys.count > 1) expect(frameBytes).toBeLessThanOrEqual(limit);
      counts.push(chunk.stateKeys.count);
    }
    expect(counts[0]).toBe(1);
    expect(counts[4]).toBeGreaterThan(counts[2] as number);
    for (const { frameBytes } of await whole(serveWorld(world, { maxNetworkChunkBytes: 12_000 }), 4_096n)) {
      expect(frameBytes).toBeLessThanOrEqual(12_000);
    }
  });

  it("get_states_with_proof_not_serviceable: one version ahead, one that is no checkpoint, and no such index", async () => {
    const { reader, dataReads } = withReaderCounts(world.ledger);
    const service = serviceOf({ ...world, reader });
    await expectSyncErrorFrom(ask(service, 0n, 0n, head + 1n), "NOT_SERVICEABLE");
    expect(dataReads()).toBe(0);
    expect((await ask(service, 0n, 0n, head)).chunk.stateKeys.count).toBe(1);
    const error = await expectSyncErrorFrom(ask(service, 0n, 0n, end - 1n), "NOT_A_CHECKPOINT");
    expect(error.detail["checkpoint"]).toBe(await world.ledger.checkpointAtOrBelow(end - 1n));
    await expectSyncErrorFrom(ask(service, total, total), "NOT_SERVICEABLE");
    expect((await ask(service, total - 1n, total + 7n)).chunk.stateKeys.count).toBe(1);
  });
});

describe("a checkpoint's chunk of state", () => {
  it("is immutable exactly where it is canonical", async () => {
    const service = serveWorld(world);
    const lifetime = async (first: bigint, last: bigint) => (await ask(service, first, last)).lifetime;
    expect(await lifetime(8n, 15n)).toBe("immutable");
    expect(await lifetime(256n, total - 1n)).toBe("immutable");
    expect(await lifetime(8n, 16n)).toBe("minute");
    expect(await lifetime(256n, total)).toBe("minute");
  });
});
