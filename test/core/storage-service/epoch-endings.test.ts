import { beforeAll, describe, expect, it } from "vitest";
import { columnItems } from "../../../core/bytes/column.ts";
import type { StorageService } from "../../../core/storage-service/service.ts";
import { encodeResponse } from "../../../core/wire/response.ts";
import { buildDevnetWorld, type DevnetWorld, serveWorld } from "../../helpers/devnet-world.ts";
import { expectSyncErrorFrom } from "../../helpers/expect-sync-error.ts";
import { serviceOf } from "../../helpers/range-world.ts";
import { referenceCut } from "../../helpers/reference-cut.ts";
import { withReaderCounts } from "../../helpers/reader-counts.ts";
import { withSlowRuns } from "../../helpers/slow-reader.ts";
import { createVirtualClock } from "../../helpers/virtual-clock.ts";

const U64_MAX = 0xffff_ffff_ffff_ffffn;
/** Epochs that end: 0 (genesis) to 131. */
const LAST_EPOCH = 131n;

let world: DevnetWorld;
/** Every ending there is, as bytes, by epoch. */
let endings: readonly Uint8Array[];

beforeAll(async () => {
  const parameters = { accounts: 1, transactionsPerBlock: 0, epochBlocks: 1, validators: 1 };
  world = await buildDevnetWorld({ blocks: Number(LAST_EPOCH), parameters });
  endings = (await world.ledger.epochEndings(0n, 1_000)).map(({ bytes }) => bytes);
  expect(endings).toHaveLength(Number(LAST_EPOCH) + 1);
});

async function ask(service: StorageService, firstEpoch: bigint, lastEpoch: bigint) {
  const request = { kind: "getEpochEndingLedgerInfos", firstEpoch, lastEpoch } as const;
  const { response, lifetime } = await service.answer(request);
  if (response.kind !== "epochEndingLedgerInfos") throw new Error(`The answer is ${response.kind}`);
  expect(response).toMatchObject({ firstEpoch, lastEpoch });
  const frameBytes = encodeResponse(await service.chain(), response).length;
  return { ledgerInfos: response.ledgerInfos, lifetime, frameBytes };
}

describe("epoch_ending", () => {
  it("get_epoch_ending_ledger_infos: 1, 100 and as many as the cap, each the ending of its epoch", async () => {
    const service = serveWorld(world);
    const canonical = [[0n, 1], [131n, 1], [0n, 128], [96n, 32]] as const;
    for (const [first, count] of [...canonical, [7n, 100], [3n, 128]] as const) {
      const { ledgerInfos, lifetime } = await ask(service, first, first + BigInt(count) - 1n);
      expect(columnItems(ledgerInfos)).toEqual(endings.slice(Number(first), Number(first) + count));
      expect(lifetime).toBe(
        canonical.some(([start, size]) => start === first && size === count) ? "immutable" : "minute",
      );
    }
    // Cut where epochs end for now: there will be more.
    expect((await ask(service, 128n, LAST_EPOCH - 1n)).lifetime).toBe("minute");
  });

  it("get_epoch_ending_ledger_infos_chunk_limit: ten times the cap gives the cap", async () => {
    const { ledgerInfos } = await ask(serveWorld(world, { maxEpochChunkSize: 8 }), 16n, 95n);
    expect(columnItems(ledgerInfos)).toEqual(endings.slice(16, 24));
    const whole = await ask(serveWorld(world), 0n, LAST_EPOCH);
    expect(whole.ledgerInfos.count).toBe(128);
  });

  it("get_epoch_ending_ledger_infos_invalid: the wrong way round, and all epochs of a u64", async () => {
    const service = serveWorld(world);
    for (const [first, last] of [[11n, 0n], [11n, 10n], [0n, U64_MAX]] as const) {
      await expectSyncErrorFrom(ask(service, first, last), "INVALID_REQUEST");
    }
  });

  it("get_epoch_ending_ledger_infos_network_limit: as many as fit, at least one", async () => {
    const { ledgerInfos: all } = await ask(serveWorld(world), 3n, 130n);
    const counts: number[] = [];
    for (const limit of [1, 5_000, 6_000, 10_000, 20_000, 30_000]) {
      const { ledgerInfos, frameBytes } = await ask(serveWorld(world, { maxNetworkChunkBytes: limit }), 3n, 130n);
      const expected = referenceCut([all], { first: 3n, wanted: 128, maxItems: 128, maxBytes: limit });
      expect([limit, ledgerInfos.count]).toEqual([limit, expected]);
      if (expected > 1) expect(frameBytes).toBeLessThanOrEqual(limit);
      counts.push(expected);
    }
    expect(counts[0]).toBe(1);
    expect(new Set(counts).size).toBeGreaterThan(3);
  });

  it("get_epoch_ending_ledger_infos_not_serviceable: one epoch ahead, refused before anything is read", async () => {
    const { reader, dataReads } = withReaderCounts(world.ledger);
    const service = serviceOf({ ...world, reader });
    await expectSyncErrorFrom(ask(service, 120n, LAST_EPOCH + 1n), "NOT_SERVICEABLE");
    await expectSyncErrorFrom(ask(service, LAST_EPOCH + 1n, LAST_EPOCH + 1n), "NOT_SERVICEABLE");
    expect(dataReads()).toBe(0);
    expect((await ask(service, 120n, LAST_EPOCH)).ledgerInfos.count).toBe(12);
  });
});

describe("a list of epoch endings", () => {
  it("ends where the time is up, on an aligned boundary, and is then not to be kept", async () => {
    const clock = createVirtualClock();
    const reader = withSlowRuns(world.ledger, clock, 40);
    const service = serviceOf({ ...world, reader }, { clock, config: { maxStorageReadWaitTimeMs: 100 } });
    const { ledgerInfos, lifetime } = await ask(service, 64n, 127n);
    // Three reads of 16 each; 64 + 48 is less aligned than 64 + 32.
    expect(columnItems(ledgerInfos)).toEqual(endings.slice(64, 96));
    expect(lifetime).toBe("none");
    const whole = await ask(service, 64n, 95n);
    expect([whole.ledgerInfos.count, whole.lifetime]).toEqual([32, "immutable"]);
  });
});
