import { beforeAll, describe, expect, it } from "vitest";
import { createDirectTransport } from "../../adapters/memory/direct-transport.ts";
import { createMemoryDisk, createMemoryKv, type MemoryDisk } from "../../adapters/memory/memory-kv.ts";
import { openLedgerReader } from "../../core/ledger/open-ledger.ts";
import type { LedgerProgress } from "../../core/ledger/reader.ts";
import type { OrderedKv } from "../../core/ports/ordered-kv.ts";
import type { Transport } from "../../core/ports/transport.ts";
import type { DataRequest } from "../../core/wire/request-types.ts";
import { type CommitFault, withCommitFault } from "../helpers/commit-fault.ts";
import { buildDevnetWorld, type DevnetWorld, ledgerSummary, serveWorld, setUpSync } from "../helpers/devnet-world.ts";
import { withMemory } from "../helpers/memoized-verifier.ts";
import { VERIFIER } from "../helpers/trust-context.ts";

const PEER = "http://a";

describe("a sync that is killed", () => {
  const signatureVerifier = withMemory(VERIFIER);
  const requests: DataRequest[] = [];
  let world: DevnetWorld;
  let transport: Transport;
  let expected: Record<string, unknown>;
  let commits = 0;

  beforeAll(async () => {
    world = await buildDevnetWorld({
      blocks: 9,
      parameters: { accounts: 3, transactionsPerBlock: 2, epochBlocks: 2 },
    });
    transport = createDirectTransport(new Map([[PEER, serveWorld(world)]]), (_, request) => requests.push(request));
    expected = await ledgerSummary(world.context, world.ledger);
    const kv = createMemoryKv();
    const counting: OrderedKv = {
      get: (key) => kv.get(key),
      getMany: (keys) => kv.getMany(keys),
      scan: (range, options) => kv.scan(range, options),
      close: () => kv.close(),
      commit(batch, options) {
        commits++;
        return kv.commit(batch, options);
      },
    };
    const { ledger } = await run(counting);
    expect(await ledgerSummary(world.context, ledger)).toEqual(expected);
  });

  async function run(kv: OrderedKv, onProgress?: () => void, signal?: AbortSignal) {
    const driver = { signatureVerifier, ...(onProgress === undefined ? {} : { onProgress }) };
    const setup = await setUpSync({ world, transport, peers: [PEER], kv, driver });
    const report = await setup.driver.run(signal === undefined ? {} : { signal });
    return { ...setup, report };
  }

  async function progressOf(disk: MemoryDisk): Promise<LedgerProgress> {
    return await (await openLedgerReader(createMemoryKv(disk), { context: world.context })).progress();
  }

  /** Nothing that the store held when the process died is asked for again. */
  function expectNothingAskedTwice({ preCommittedVersion, epochEndings }: LedgerProgress) {
    for (const request of requests) {
      if (request.kind === "getTransactionDataWithProof") {
        expect(request.firstVersion).toBeGreaterThan(preCommittedVersion ?? -1n);
      }
      if (request.kind === "getEpochEndingLedgerInfos") {
        expect(request.firstEpoch).toBeGreaterThan(epochEndings?.lastEpoch ?? -1n);
      }
    }
  }

  it.each<CommitFault>(["lost", "unacknowledged"])(
    "at any commit, which is %s, ends with the same ledger after a restart, and asks for nothing twice",
    async (fault) => {
      expect(commits).toBeGreaterThan(10);
      // Commit 0 creates the store.
      for (let failAt = 1; failAt < commits; failAt++) {
        const disk = createMemoryDisk();
        await expect(run(withCommitFault(createMemoryKv(disk), failAt, fault))).rejects.toMatchObject({
          code: "STORAGE_FAILED",
          fault: "storage",
        });
        const before = await progressOf(disk);
        requests.length = 0;
        const { ledger, report } = await run(createMemoryKv(disk));
        expectNothingAskedTwice(before);
        expect(await ledgerSummary(world.context, ledger)).toEqual(expected);
        expect(report.transactions).toBe((report.version as bigint) - (before.preCommittedVersion ?? -1n));
      }
    },
  );

  it("stops between two commits when aborted, wherever that is, and goes on from there", async () => {
    for (let stopAt = 1; stopAt < commits; stopAt++) {
      const disk = createMemoryDisk();
      const controller = new AbortController();
      const reason = new Error(`stop at ${stopAt}`);
      let steps = 0;
      const stop = () => {
        if (++steps === stopAt) controller.abort(reason);
      };
      const outcome = await run(createMemoryKv(disk), stop, controller.signal).then(() => undefined, (error) => error);
      if (outcome !== undefined) expect(outcome).toBe(reason);
      const before = await progressOf(disk);
      requests.length = 0;
      const { ledger } = await run(createMemoryKv(disk));
      expectNothingAskedTwice(before);
      expect(await ledgerSummary(world.context, ledger)).toEqual(expected);
    }
  });

  it("leaves the store to whoever opens it next: the writer before commits nothing more", async () => {
    const disk = createMemoryDisk();
    const stopped = await setUpSync({
      world,
      transport,
      peers: [PEER],
      kv: createMemoryKv(disk),
      driver: { signatureVerifier },
    });
    await stopped.driver.run({ untilVersion: 3n });
    const next = await setUpSync({
      world,
      transport,
      peers: [PEER],
      kv: createMemoryKv(disk),
      driver: { signatureVerifier },
    });
    await next.driver.run({ untilVersion: 6n });
    await expect(stopped.driver.run()).rejects.toMatchObject({ code: "STORAGE_CONFLICT", fault: "storage" });
    expect((await progressOf(disk)).preCommittedVersion).toBe(6n);
    await next.driver.run();
    expect(await ledgerSummary(world.context, next.ledger)).toEqual(expected);
  });
});
