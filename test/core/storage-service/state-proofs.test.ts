import { describe, expect, it } from "vitest";
import { createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { concatBytes } from "../../../core/bytes/bytes.ts";
import { createLedger } from "../../../core/ledger/open-ledger.ts";
import { DEFAULT_STORAGE_SERVICE_CONFIG } from "../../../core/storage-service/config.ts";
import { createLedgerViews } from "../../../core/storage-service/ledger-view.ts";
import type { StorageService } from "../../../core/storage-service/service.ts";
import { GET_RESPONSE_BYTES } from "../../../core/wire/limits.ts";
import { encodeResponse } from "../../../core/wire/response.ts";
import { buildDevnetWorld, serveWorld } from "../../helpers/devnet-world.ts";
import { expectSyncErrorFrom } from "../../helpers/expect-sync-error.ts";
import { commitBlock, ledgerContext } from "../../helpers/ledger-checks.ts";
import { buildSizedWorld, serviceOf } from "../../helpers/range-world.ts";
import { createSyntheticLedger } from "../../helpers/synthetic-ledger.ts";
import { createVirtualClock } from "../../helpers/virtual-clock.ts";
import { expectValuesProven } from "../../helpers/wire-proofs.ts";

const ABSENT = new Uint8Array(32).fill(0x5a);

async function ask(
  service: StorageService,
  keyHashes: Uint8Array,
  target: { readonly checkpoint?: bigint; readonly proofVersion?: bigint },
) {
  const { response } = await service.answer({ kind: "getStateValuesByKeyHash", keyHashes, ...target });
  if (response.kind !== "stateValuesByKeyHash") throw new Error(`The answer is ${response.kind}`);
  return { answer: response, frameBytes: encodeResponse(await service.chain(), response).length };
}

describe("a state proof while its epoch is open", () => {
  it("is given in the newest ledger info and in those that were it lately, as far as this process saw them", async () => {
    const world = await buildDevnetWorld({ blocks: 1, parameters: { epochBlocks: 100 } });
    const service = serveWorld(world);
    const heads: bigint[] = [];
    for (let block = 0; block < 3; block++) {
      heads.push((await world.ledger.progress()).committedVersion ?? 0n);
      if (block !== 1) await service.view();
      await world.devnet.produceBlock();
    }
    const [first, unseen, third] = heads as [bigint, bigint, bigint];
    for (const proofVersion of [first, third]) {
      const { answer } = await ask(service, ABSENT, { checkpoint: first, proofVersion });
      expect(answer.proofVersion).toBe(proofVersion);
      expect(expectValuesProven(world.context, answer)).toEqual([false]);
    }
    for (
      const [from, proofVersion] of [[service, unseen], [service, third - 1n], [serveWorld(world), first]] as const
    ) {
      await expectSyncErrorFrom(ask(from, ABSENT, { checkpoint: first, proofVersion }), "NOT_SERVICEABLE");
    }
    const { answer } = await ask(service, ABSENT, { checkpoint: first });
    expect(answer.proofVersion).toBe((await world.ledger.progress()).committedVersion);
  });

  it("is of the newest checkpoint that the ledger info proves, where no checkpoint is named", async () => {
    const world = await buildDevnetWorld({ blocks: 7 });
    const service = serveWorld(world);
    const seen = (await service.view()).progress.committedVersion ?? 0n;
    await world.devnet.produceBlock();
    const end = (await world.ledger.epochEndings(1n, 1))[0]?.ledgerInfo.commitInfo.version ?? 0n;
    for (const proofVersion of [end, seen]) {
      const { answer } = await ask(service, ABSENT, { proofVersion });
      expect(answer).toMatchObject({ checkpoint: proofVersion, proofVersion });
      expect(expectValuesProven(world.context, answer)).toEqual([false]);
    }
    await expectSyncErrorFrom(ask(service, ABSENT, { proofVersion: end - 1n }), "NOT_SERVICEABLE");
  });

  it("needs one of the last 300 heads", async () => {
    const context = ledgerContext();
    const reference = createSyntheticLedger(context, 9);
    const genesis = reference.next({ count: 1 });
    const ledger = await createLedger(createMemoryKv(), { context, waypoint: reference.waypoint() });
    await commitBlock(ledger, reference, genesis);
    const clock = createVirtualClock();
    const views = createLedgerViews({ reader: ledger, context, clock, config: DEFAULT_STORAGE_SERVICE_CONFIG });
    for (let version = 1; version <= 301; version++) {
      await commitBlock(ledger, reference, reference.next({ count: 1, writes: 0, checkpoints: [] }));
      await views.refreshed();
    }
    const known = (version: bigint) => views.recentLedgerInfo(version)?.ledgerInfo.commitInfo.version;
    expect([known(0n), known(1n), known(2n), known(301n)]).toEqual([undefined, undefined, 2n, 301n]);
  });
});

describe("state values by key hash", () => {
  it("are refused above the byte limit together, where each alone is not", async () => {
    const sized = await buildSizedWorld([{ count: 10, valueBytes: 300_000 }]);
    const items = sized.reference.states.get(10n) ?? [];
    const large = items.filter(({ stateValue }) => stateValue.length > 100_000).map(({ keyHash }) => keyHash);
    expect(large.length).toBeGreaterThan(8);
    const service = serviceOf(sized, { config: { maxNetworkChunkBytes: 2_000_000 } });
    const target = { checkpoint: 10n, proofVersion: 10n };
    const six = await ask(service, concatBytes(...large.slice(0, 6)), target);
    expect(six.frameBytes).toBeGreaterThan(1_800_000);
    expect(six.frameBytes).toBeLessThanOrEqual(2_000_000);
    expect(expectValuesProven(sized.context, six.answer)).toEqual(Array.from({ length: 6 }, () => true));
    const error = await expectSyncErrorFrom(ask(service, concatBytes(...large.slice(0, 7)), target), "TOO_LARGE");
    expect(Number(error.detail["limit"])).toBeLessThan(2_000_000);
  });

  it("are together never above 4 MiB, whatever the server may send to those who ask for lists", async () => {
    const sized = await buildSizedWorld([{ count: 10, valueBytes: 300_000 }]);
    const items = sized.reference.states.get(10n) ?? [];
    const large = items.filter(({ stateValue }) => stateValue.length > 100_000).map(({ keyHash }) => keyHash);
    const sizeOf = async (keyHashes: readonly Uint8Array[]) => {
      const service = serviceOf(sized, { config: { maxNetworkChunkBytes: 10_485_760 } });
      const target = { checkpoint: 10n, proofVersion: 10n };
      return (await ask(service, concatBytes(...keyHashes), target)).frameBytes;
    };
    const most = large.slice(0, 13);
    expect(await sizeOf(most)).toBeGreaterThan(3_500_000);
    expect(await sizeOf(most)).toBeLessThanOrEqual(GET_RESPONSE_BYTES);
    const error = await expectSyncErrorFrom(sizeOf(large.slice(0, 14)), "TOO_LARGE");
    expect(Number(error.detail["limit"])).toBeLessThan(GET_RESPONSE_BYTES);
  });

  it("have for one key the server's own limit; so has the first item of a chunk", async () => {
    const sized = await buildSizedWorld([{ count: 1, writes: 1, valueBytes: 4_500_000 }]);
    const items = sized.reference.states.get(1n) ?? [];
    const index = items.findIndex(({ stateValue }) => stateValue.length > 4_000_000);
    const keyHash = items[index]?.keyHash ?? ABSENT;
    const chunk = (service: StorageService) =>
      service.answer({
        kind: "getStateValuesWithProof",
        version: 1n,
        firstIndex: BigInt(index),
        lastIndex: BigInt(index),
      });
    const large = serviceOf(sized);
    expect((await ask(large, keyHash, { checkpoint: 1n })).frameBytes).toBeGreaterThan(4_500_000);
    expect((await chunk(large)).response.kind).toBe("stateValueChunkWithProof");
    const small = serviceOf(sized, { config: { maxNetworkChunkBytesV2: 4_194_304 } });
    await expectSyncErrorFrom(ask(small, keyHash, { checkpoint: 1n }), "TOO_LARGE");
    await expectSyncErrorFrom(chunk(small), "TOO_LARGE");
    expect((await ask(small, ABSENT, { checkpoint: 1n })).answer.values).toHaveLength(1);
  });
});
