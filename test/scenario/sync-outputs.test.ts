import { beforeAll, describe, expect, it } from "vitest";
import { createDirectTransport } from "../../adapters/memory/direct-transport.ts";
import { createMemoryKv } from "../../adapters/memory/memory-kv.ts";
import type { SyncProgress } from "../../core/driver/report.ts";
import { SyncError } from "../../core/errors.ts";
import { createLedger } from "../../core/ledger/open-ledger.ts";
import { createStorageServiceChannel } from "../../core/notifications/storage-service.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { type Log, SILENT_LOG } from "../../core/ports/log.ts";
import type { Transport } from "../../core/ports/transport.ts";
import { waypointOf } from "../../core/trust/waypoint.ts";
import { isCanonicalRange } from "../../core/wire/ranges.ts";
import { MAX_OUTPUT_CHUNK } from "../../core/wire/limits.ts";
import type { DataRequest } from "../../core/wire/request-types.ts";
import { buildDevnetWorld, type DevnetWorld, ledgerSummary, serveWorld, setUpSync } from "../helpers/devnet-world.ts";
import { withMemory } from "../helpers/memoized-verifier.ts";
import { APTOS, VERIFIER } from "../helpers/trust-context.ts";
import { createVirtualClock } from "../helpers/virtual-clock.ts";

const PEER = "http://a";

describe("sync of outputs from genesis", () => {
  const signatureVerifier = withMemory(VERIFIER);
  const requests: DataRequest[] = [];
  let world: DevnetWorld;
  let transport: Transport;

  beforeAll(async () => {
    world = await buildDevnetWorld({ blocks: 8 });
    transport = createDirectTransport(new Map([[PEER, serveWorld(world)]]), (_, request) => requests.push(request));
  });

  const setUp = (options: Partial<Parameters<typeof setUpSync>[0]> = {}) =>
    setUpSync({
      world,
      transport,
      peers: [PEER],
      kv: createMemoryKv(),
      ...options,
      driver: { signatureVerifier, ...options.driver },
    });

  const endingOf = async (epoch: bigint) => (await world.ledger.epochEndings(epoch, 1))[0]!;

  it("ends with the ledger of its peer, and reports it", async () => {
    const { driver, ledger } = await setUp();
    const report = await driver.run();
    const summary = await ledgerSummary(world.context, ledger);
    expect(summary).toEqual(await ledgerSummary(world.context, world.ledger));
    expect(report).toMatchObject({
      version: summary["committedVersion"],
      epoch: summary["epoch"],
      stateRootHash: summary["stateRootHash"],
      accumulatorRootHash: summary["accumulatorRootHash"],
      transactions: (summary["committedVersion"] as bigint) + 1n,
      peers: [{ url: PEER, failures: 0 }],
    });
    expect(report.bytes).toBeGreaterThan(10_000);
  });

  it("asks for canonical ranges of ended epochs, and at the open head for all that is left", async () => {
    requests.length = 0;
    const { driver } = await setUp();
    await driver.run();
    const ends = (await world.ledger.epochEndings(0n, 100)).map(({ ledgerInfo }) => ledgerInfo.commitInfo.version);
    const ranges = requests.filter((request) => request.kind === "getTransactionDataWithProof");
    const open = ranges.filter(({ proofVersion }) => !ends.includes(proofVersion));
    for (const { firstVersion, lastVersion, proofVersion } of ranges) {
      if (!ends.includes(proofVersion)) continue;
      const range = { first: firstVersion, last: lastVersion };
      expect(isCanonicalRange(range, { maximum: MAX_OUTPUT_CHUNK, last: proofVersion })).toBe(true);
    }
    expect(open).toHaveLength(1);
    expect(open[0]?.lastVersion).toBe(open[0]?.proofVersion);
  });

  it("has nothing to do a second time", async () => {
    const { driver } = await setUp();
    await driver.run();
    requests.length = 0;
    const report = await driver.run();
    expect(report.transactions).toBe(0n);
    expect(new Set(requests.map(({ kind }) => kind))).toEqual(new Set(["getStorageServerSummary"]));
  });

  it("stops exactly at the version that was asked for, and goes on later", async () => {
    const head = (await world.ledger.progress()).committedVersion as bigint;
    const kv = createMemoryKv();
    for (const untilVersion of [0n, 1n, 5n, 5n, 17n, head - 1n, head]) {
      const { driver, ledger } = await setUp({ kv });
      expect((await driver.run({ untilVersion })).version).toBe(untilVersion);
      const { accumulator } = await ledger.progress();
      expect(accumulator).toEqual(await world.ledger.accumulatorAt(untilVersion + 1n));
    }
    const { driver, ledger } = await setUp({ kv });
    await driver.run({ untilVersion: head + 1000n });
    expect((await ledger.progress()).preCommittedVersion).toBe(head);
  });

  it("tells its progress, which never goes back, and whoever serves the store", async () => {
    const seen: SyncProgress[] = [];
    const { sender, listener } = createStorageServiceChannel();
    const { driver } = await setUp({
      driver: { onProgress: (progress) => seen.push(progress), notifications: sender },
    });
    expect(driver.status()).toBeUndefined();
    const report = await driver.run();
    expect(await listener.next()).toEqual({ highestSyncedVersion: report.version });
    const versions = seen.map(({ version }) => version ?? -1n);
    expect(versions).toEqual([...versions].sort((left, right) => Number(left - right)));
    expect(seen[0]).toMatchObject({ phase: "epochs", epoch: 0n });
    expect(seen.at(-1)).toMatchObject({ version: report.version, targetVersion: report.version });
    expect(driver.status()).toEqual(seen.at(-1));
  });

  it("syncs a chain with BLS signatures all the same", async () => {
    const aptos = await buildDevnetWorld({
      blocks: 3,
      parameters: { accounts: 2, transactionsPerBlock: 1, epochBlocks: 2, validators: 3 },
      context: APTOS,
    });
    const through = createDirectTransport(new Map([[PEER, serveWorld(aptos)]]));
    const { driver, ledger } = await setUp({ world: aptos, transport: through });
    await driver.run();
    expect(await ledgerSummary(APTOS, ledger)).toEqual(await ledgerSummary(APTOS, aptos.ledger));
  });

  it("follows a chain that grows, across the end of an epoch, until it is aborted", async () => {
    const live = await buildDevnetWorld({ blocks: 1 });
    const controller = new AbortController();
    const virtual = createVirtualClock();
    let produced = 0;
    /** Every time the driver waits for something new, there is. */
    const clock: Clock = {
      ...virtual,
      async sleep(delayMs, signal) {
        if (++produced > 12) controller.abort(new Error("seen enough"));
        else await live.devnet.produceBlock();
        await virtual.sleep(delayMs, signal);
      },
    };
    const phases = new Set<string>();
    const { driver, ledger } = await setUp({
      world: live,
      transport: createDirectTransport(new Map([[PEER, serveWorld(live)]])),
      driver: { clock, onProgress: ({ phase }) => phases.add(phase) },
    });
    await expect(driver.run({ follow: true, signal: controller.signal })).rejects.toThrow("seen enough");
    expect(await ledgerSummary(live.context, ledger)).toEqual(await ledgerSummary(live.context, live.ledger));
    expect((await ledger.progress()).epochState?.epoch).toBeGreaterThan(3n);
    expect(phases).toContain("following");
  });

  it.each(["PROOF_MISMATCH", "CONNECTION_FAILED"] as const)(
    "ends when it is aborted with a reason that could be a peer's failure (%s), and blames nobody",
    async (code) => {
      const reason = new SyncError(code, "Cannot go on: the operator says so");
      const controller = new AbortController();
      const onProgress = ({ phase }: SyncProgress) => phase === "outputs" && controller.abort(reason);
      const warnings: string[] = [];
      const log: Log = { ...SILENT_LOG, warn: (message) => warnings.push(message) };
      const { driver, client } = await setUp({ driver: { onProgress, log } });
      await expect(driver.run({ follow: true, signal: controller.signal })).rejects.toBe(reason);
      expect(client.peers()).toMatchObject([{ failures: 0 }]);
      expect(warnings).toEqual([]);
    },
  );

  it("follows until a version, and ends there", async () => {
    const { driver } = await setUp();
    expect((await driver.run({ follow: true, untilVersion: 9n })).version).toBe(9n);
  });

  describe("with another waypoint", () => {
    it("refuses one that is not of genesis for an empty store, because older epochs cannot be verified from it", async () => {
      const waypoint = waypointOf(world.context, (await endingOf(1n)).ledgerInfo);
      const { driver } = await setUp({ waypoint });
      await expect(driver.run()).rejects.toMatchObject({ code: "UNSUPPORTED", fault: "caller" });
    });

    it.each([1n, 2n])("checks a later one as the chain passes it: at the end of epoch %i", async (epoch) => {
      const kv = await genesisOnly();
      const ending = await endingOf(epoch);
      const waypoint = waypointOf(world.context, ending.ledgerInfo);
      const { driver, ledger } = await setUp({ kv, waypoint });
      expect((await ledger.progress()).epochEndings).toEqual({ firstEpoch: 0n, lastEpoch: 0n });
      await driver.run();
      expect(await ledgerSummary(world.context, ledger)).toEqual(await ledgerSummary(world.context, world.ledger));
      expect((await ledger.epochEndingAt(waypoint.version))?.bytes).toEqual(ending.bytes);
    });

    it.each([0n, 1n, 2n])("finds a later one in what is stored: the end of epoch %i", async (epoch) => {
      const kv = createMemoryKv();
      await (await setUp({ kv })).driver.run();
      requests.length = 0;
      const waypoint = waypointOf(world.context, (await endingOf(epoch)).ledgerInfo);
      expect((await (await setUp({ kv, waypoint })).driver.run()).transactions).toBe(0n);
      expect(requests.filter(({ kind }) => kind === "getEpochEndingLedgerInfos")).toEqual([]);
    });

    it("stops for good where the chain has another ledger info at the waypoint's version, or none", async () => {
      const { version, value } = waypointOf(world.context, (await endingOf(1n)).ledgerInfo);
      const wrong = [{ version, value: value.map((byte) => byte ^ 1) }, { version: version + 1n, value }];
      const stored = createMemoryKv();
      await (await setUp({ kv: stored })).driver.run();
      for (const waypoint of wrong) {
        for (const kv of [await genesisOnly(), stored]) {
          const { driver } = await setUp({ kv, waypoint });
          await expect(driver.run({ follow: true })).rejects.toMatchObject({ code: "WAYPOINT_MISMATCH" });
        }
      }
    });

    it("waits for one that no peer's chain has reached, and applies nothing before", async () => {
      const kv = await genesisOnly();
      const waypoint = { version: 1_000_000n, value: new Uint8Array(32) };
      const { driver, ledger } = await setUp({ kv, waypoint });
      await expect(driver.run()).rejects.toMatchObject({ code: "NO_PEERS", fault: "transient" });
      expect((await ledger.progress()).preCommittedVersion).toBe(0n);
    });

    it("blames the peer for a genesis that is not the waypoint's, and ends with that when there is no other", async () => {
      const waypoint = { version: 0n, value: new Uint8Array(32).fill(7) };
      const unknownChain: Transport = {
        async send(peer, message, options) {
          const frame = await transport.send(peer, message, options);
          // The peer says that it does not know its chain, so the name cannot give it away.
          return frame.fill(0, 4, 36);
        },
      };
      const { driver, client } = await setUp({ waypoint, transport: unknownChain });
      await expect(driver.run()).rejects.toMatchObject({ code: "WAYPOINT_MISMATCH", fault: "peer" });
      expect(client.hasUsablePeers()).toBe(false);
    });

    /** A store that began at the world's genesis and holds no epoch ending after it. */
    async function genesisOnly() {
      const kv = createMemoryKv();
      const small = await buildDevnetWorld({ blocks: 0 });
      const service = createDirectTransport(new Map([[PEER, serveWorld(small)]]));
      const { driver } = await setUp({ kv, world: small, transport: service });
      await driver.run({ untilVersion: 0n });
      return kv;
    }
  });

  it("refuses a store of another profile", async () => {
    const ledger = await createLedger(createMemoryKv(), { context: APTOS, waypoint: world.waypoint });
    const { driver } = await setUp({ driver: { ledger } });
    await expect(driver.run()).rejects.toMatchObject({ code: "NETWORK_MISMATCH", fault: "caller" });
  });
});
