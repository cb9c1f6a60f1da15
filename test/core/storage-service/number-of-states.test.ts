import { beforeAll, describe, expect, it } from "vitest";
import { createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { isSyncError } from "../../../core/errors.ts";
import { openLedgerReader } from "../../../core/ledger/open-ledger.ts";
import type { StorageService } from "../../../core/storage-service/service.ts";
import { encodeError } from "../../../core/wire/error-frame.ts";
import { decodeResponse } from "../../../core/wire/response.ts";
import { expectSyncErrorFrom } from "../../helpers/expect-sync-error.ts";
import { buildSizedWorld, serviceOf, type SizedWorld } from "../../helpers/range-world.ts";
import { withReaderCounts } from "../../helpers/reader-counts.ts";

let world: SizedWorld;

beforeAll(async () => {
  // Versions 0, 12 and 22 end an epoch; 5, 12, 22 and 23 are checkpoints.
  world = await buildSizedWorld([{ count: 5 }, { count: 7 }, { count: 10 }]);
});

function count(service: StorageService, version: bigint) {
  return service.answer({ kind: "getNumberOfStatesAtVersion", version });
}

describe("number_of_states", () => {
  it("at_version: the number of items at that checkpoint, for ever", async () => {
    const numbers = new Set<number>();
    for (const version of [5n, 12n, 22n, 23n]) {
      const expected = world.reference.states.get(version)?.length ?? 0;
      const response = { kind: "numberOfStatesAtVersion", version, count: BigInt(expected) };
      expect(await count(serviceOf(world), version)).toMatchObject({ response, lifetime: "immutable" });
      numbers.add(expected);
    }
    expect(numbers.size).toBeGreaterThan(1);
  });

  it("not_serviceable: one version ahead of the ledger, refused before anything is read", async () => {
    const { reader, dataReads } = withReaderCounts(world.reader);
    const service = serviceOf({ ...world, reader });
    await expectSyncErrorFrom(count(service, 24n), "NOT_SERVICEABLE");
    expect(dataReads()).toBe(0);
    expect((await count(service, 23n)).response.kind).toBe("numberOfStatesAtVersion");
  });

  it("invalid: a version that is no checkpoint is refused with the one below, a broken store is our own affair", async () => {
    const error = await expectSyncErrorFrom(count(serviceOf(world), 11n), "NOT_A_CHECKPOINT");
    expect(error.detail).toEqual({ version: 11n, checkpoint: 5n });
    const kv = createMemoryKv();
    const { context } = await buildSizedWorld([{ count: 5 }], kv);
    const reader = await openLedgerReader(kv, { context });
    const service = serviceOf({ reader, context }, { config: { storageSummaryRefreshIntervalMs: 60_000 } });
    await service.view();
    await kv.close();
    const failure = await count(service, 5n).catch((reason: unknown) => reason);
    if (!isSyncError(failure, "STORAGE_FAILED")) throw failure;
    expect(decodeResponse(encodeError(new Uint8Array(32), failure), { maxBytes: 10_000 }).error?.code).toBe("INTERNAL");
  });
});
