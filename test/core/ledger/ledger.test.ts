import { describe, expect, it } from "vitest";
import { createMemoryDisk, createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { isSyncError, type SyncErrorCode } from "../../../core/errors.ts";
import { createLedger, openLedgerReader, openLedgerWriter } from "../../../core/ledger/open-ledger.ts";
import type { LedgerWriter } from "../../../core/ledger/writer.ts";
import { commitBlock, expectLedgerEquals, ledgerContext, readStates } from "../../helpers/ledger-checks.ts";
import { createSyntheticLedger, type SyntheticBlock, type SyntheticLedger } from "../../helpers/synthetic-ledger.ts";

const context = ledgerContext();

interface World {
  readonly disk: ReturnType<typeof createMemoryDisk>;
  readonly ledger: LedgerWriter;
  readonly reference: SyntheticLedger;
  readonly genesis: SyntheticBlock;
}

/** A store that holds genesis. */
async function world(seed = 1): Promise<World> {
  const disk = createMemoryDisk();
  const reference = createSyntheticLedger(context, seed);
  const genesis = reference.next({ count: 1 });
  const ledger = await createLedger(createMemoryKv(disk), { context, waypoint: reference.waypoint() });
  await commitBlock(ledger, reference, genesis);
  return { disk, ledger, reference, genesis };
}

async function expectCode(promise: Promise<unknown>, code: SyncErrorCode): Promise<void> {
  await expect(promise).rejects.toSatisfy((error) => {
    if (!isSyncError(error, code)) throw error;
    return true;
  });
}

describe("ledger store", () => {
  it("answers everything that was committed, block by block and epoch by epoch", async () => {
    const { ledger, reference } = await world();
    for (let block = 0; block < 12; block++) {
      const next = reference.next({ count: 1 + (block * 5) % 9, endsEpoch: block % 4 === 3 });
      const progress = await commitBlock(ledger, reference, next);
      expect(progress.committedVersion).toBe(BigInt(reference.versions.length) - 1n);
      expect(progress.latestLedgerInfo?.bytes).toEqual(next.ledgerInfo.bytes);
      expect(progress.epochState?.epoch).toBe(BigInt(reference.endings.length));
    }
    await expectLedgerEquals(ledger, reference, reference.versions.length, context);
  });

  it("is the same after it is opened again, and goes on from there", async () => {
    const { disk, ledger, reference } = await world(2);
    for (let block = 0; block < 3; block++) await commitBlock(ledger, reference, reference.next({ count: 4 }));
    await ledger.close();
    const reopened = await openLedgerWriter(createMemoryKv(disk), { context, waypoint: reference.waypoint() });
    await expectLedgerEquals(reopened, reference, reference.versions.length, context);
    await commitBlock(reopened, reference, reference.next({ count: 5, endsEpoch: true }));
    await expectLedgerEquals(reopened, reference, reference.versions.length, context);
  });

  it("keeps write sets after the last checkpoint pending, also across a restart", async () => {
    const { disk, ledger, reference } = await world(3);
    const first = reference.next({ count: 6, checkpoints: [2] });
    const progress = await commitBlock(ledger, reference, { chunk: first.chunk });
    expect([progress.preCommittedVersion, progress.checkpointVersion]).toEqual([6n, 3n]);
    await commitBlock(ledger, reference, { chunk: reference.next({ count: 3, checkpoints: [] }).chunk });
    await ledger.close();
    const reopened = await openLedgerWriter(createMemoryKv(disk), { context });
    const last = await commitBlock(reopened, reference, reference.next({ count: 4, checkpoints: [1, 3] }));
    expect([last.preCommittedVersion, last.checkpointVersion]).toEqual([13n, 13n]);
    await expectLedgerEquals(
      { ...view(reopened), checkpointAtOrBelow: skipping(reopened, [11n]) },
      {
        ...reference,
        states: new Map([...reference.states].filter(([version]) => version !== 11n)),
      },
      14,
      context,
    );
  });

  it("tells pre-committed from committed", async () => {
    const { ledger, reference } = await world(4);
    const block = reference.next({ count: 8, checkpoints: [3, 7] });
    const half = { chunk: reference.chunk(1n, 4) };
    const before = await commitBlock(ledger, reference, half);
    expect([before.preCommittedVersion, before.committedVersion]).toEqual([4n, 0n]);
    const rest = { chunk: reference.chunk(5n, 4), ledgerInfo: block.ledgerInfo };
    const after = await commitBlock(ledger, reference, rest);
    expect([after.preCommittedVersion, after.committedVersion]).toEqual([8n, 8n]);
  });

  it("answers chunks as prefixes within counts, bytes and epochs", async () => {
    const { ledger, reference } = await world(5);
    await commitBlock(ledger, reference, reference.next({ count: 10 }));
    await commitBlock(ledger, reference, reference.next({ count: 10, endsEpoch: true }));
    await commitBlock(ledger, reference, reference.next({ count: 10 }));
    const read = async (firstVersion: bigint, count: number, maxBytes: number) =>
      (await ledger.readChunk({ firstVersion, count, maxBytes })).count;
    const size = (version: number) => {
      const { transaction, info, events, writeSet, auxiliaryInfo } = reference.versions[version]!;
      return [transaction, info, events, writeSet, auxiliaryInfo].reduce((sum, bytes) => sum + bytes.length, 0);
    };
    expect(await read(0n, 50, 1e9)).toBe(1);
    expect(await read(1n, 50, 1e9)).toBe(20);
    expect(await read(5n, 12, 1e9)).toBe(12);
    expect(await read(21n, 50, 1e9)).toBe(10);
    expect(await read(30n, 50, 1e9)).toBe(1);
    expect(await read(5n, 12, 0)).toBe(1);
    const twelve = Array.from({ length: 12 }, (_, i) => size(5 + i)).reduce((sum, bytes) => sum + bytes, 0);
    expect(await read(5n, 13, twelve)).toBe(12);
    expect(await read(5n, 13, twelve - 1)).toBe(11);
    await expectCode(read(31n, 1, 1e9), "NOT_SERVICEABLE");
    await expectCode(read(1n, 0, 1e9), "INVALID_ARGUMENT");
  });

  it("answers epoch endings by epoch and by version", async () => {
    const { ledger, reference } = await world(6);
    await commitBlock(ledger, reference, reference.next({ count: 3, endsEpoch: true }));
    await commitBlock(ledger, reference, reference.next({ count: 3, endsEpoch: true }));
    await commitBlock(ledger, reference, reference.next({ count: 3 }));
    const bytes = reference.endings.map((ending) => ending.bytes);
    expect((await ledger.epochEndings(0n, 10)).map((ending) => ending.bytes)).toEqual(bytes);
    expect((await ledger.epochEndings(1n, 1)).map((ending) => ending.bytes)).toEqual(bytes.slice(1, 2));
    expect(await ledger.epochEndings(3n, 1)).toEqual([]);
    const at = async (version: bigint) => (await ledger.epochEndingAt(version))?.bytes;
    expect([await at(0n), await at(1n), await at(3n), await at(4n), await at(6n)]).toEqual([
      bytes[0],
      bytes[1],
      bytes[1],
      bytes[2],
      bytes[2],
    ]);
    expect(await at(7n)).toBeUndefined();
    expect((await ledger.progress()).epochEndings).toEqual({ firstEpoch: 0n, lastEpoch: 2n });
  });

  it("names the checkpoint at or below a version that is none", async () => {
    const { ledger, reference } = await world(7);
    await commitBlock(ledger, reference, reference.next({ count: 5 }));
    await expect(ledger.stateRoot(3n)).rejects.toMatchObject({ code: "NOT_A_CHECKPOINT", detail: { checkpoint: 0n } });
    await expectCode(ledger.stateValue(4n, new Uint8Array(32)), "NOT_A_CHECKPOINT");
    await expectCode(ledger.stateCount(6n), "NOT_SERVICEABLE");
    const range = { version: 5n, firstIndex: await ledger.stateCount(5n), count: 1 };
    await expectCode(readStates(ledger, range), "NOT_SERVICEABLE");
    await expectCode(readStates(ledger, { ...range, firstIndex: 0n, count: 0 }), "INVALID_ARGUMENT");
    await expectCode(readStates(ledger, { ...range, version: 4n, firstIndex: 0n }), "NOT_A_CHECKPOINT");
    await expectCode(ledger.stateRangeProof(5n, new Uint8Array(32)), "INVALID_ARGUMENT");
    await expectCode(ledger.stateRangeProof(4n, new Uint8Array(32)), "NOT_A_CHECKPOINT");
    expect(await ledger.checkpointAtOrBelow(4n)).toBe(0n);
    expect(await ledger.transactionVersion(new Uint8Array(32))).toBeUndefined();
  });

  it("refuses proofs beyond what is written", async () => {
    const { ledger } = await world(8);
    await expectCode(ledger.inclusionProof(0n, 1n), "NOT_SERVICEABLE");
    await expectCode(ledger.rangeProof({ firstVersion: 0n, count: 1, proofVersion: 1n }), "NOT_SERVICEABLE");
    await expectCode(ledger.rangeProof({ firstVersion: 0n, count: 2, proofVersion: 0n }), "INVALID_ARGUMENT");
    await expectCode(ledger.accumulatorAt(2n), "NOT_SERVICEABLE");
    expect((await ledger.accumulatorAt(0n)).leafCount).toBe(0n);
  });

  it("lets a reader follow a writer", async () => {
    const { disk, ledger, reference } = await world(9);
    const reader = await openLedgerReader(createMemoryKv(disk), { context });
    for (let block = 0; block < 4; block++) {
      await commitBlock(ledger, reference, reference.next({ count: 3, endsEpoch: block === 1 }));
      await expectLedgerEquals(reader, reference, reference.versions.length, context);
    }
  });

  it("merges sorted runs of transaction hashes without losing one", async () => {
    const { disk, ledger, reference } = await world(10);
    for (let block = 0; block < 300; block++) {
      await commitBlock(ledger, reference, reference.next({ count: 1, writes: 1, valueBytes: 1 }));
    }
    for (const [version, { transactionHash }] of reference.versions.entries()) {
      expect(await ledger.transactionVersion(transactionHash)).toBe(BigInt(version));
    }
    const runs = disk.keys.filter((key) => key.charAt(1) === "r");
    expect(runs.length).toBeLessThan(3 * 16);
  });

  it("stores a long chunk as several segments, and reads across them", async () => {
    const { disk, ledger, reference } = await world(11);
    await commitBlock(ledger, reference, reference.next({ count: 9, writes: 6, valueBytes: 150_000 }));
    expect(disk.keys.filter((key) => key.charAt(1) === "t").length).toBeGreaterThan(3);
    const chunk = await ledger.readChunk({ firstVersion: 1n, count: 9, maxBytes: 1e9 });
    expect(chunk.count).toBe(9);
    const limited = await ledger.readChunk({ firstVersion: 2n, count: 9, maxBytes: 3_000_000 });
    expect(limited.count).toBeGreaterThan(1);
    expect(limited.writeSets.data.length).toBeLessThanOrEqual(3_000_000);
    await expectLedgerEquals(ledger, reference, 10, context);
  });

  it("stores a transaction longer than the longest value", async () => {
    const { ledger, reference, disk } = await world(12);
    await commitBlock(ledger, reference, reference.next({ count: 1, writes: 2, valueBytes: 9_000_000 }));
    await commitBlock(ledger, reference, reference.next({ count: 2 }));
    const reopened = await openLedgerReader(createMemoryKv(disk), { context });
    const chunk = await reopened.readChunk({ firstVersion: 1n, count: 3, maxBytes: 1e9 });
    expect([chunk.count, chunk.writeSets.data.length > 9_000_000]).toEqual([3, true]);
    const items = reference.states.get(1n)!;
    const [large] = items.filter((item) => item.stateValue.length > 9_000_000);
    const found = await reopened.stateValue(1n, large!.keyHash);
    expect(found.stateValue?.length).toBe(large!.stateValue.length);
    expect((await reopened.readChunk({ firstVersion: 2n, count: 1, maxBytes: 1 })).count).toBe(1);
  });
});

/** A plain object with the methods of a reader, to replace one of them. */
function view(ledger: LedgerWriter): LedgerWriter {
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(Object.getPrototypeOf(ledger)));
  return Object.fromEntries(
    methods.map((name) => [name, (ledger as never as Record<string, () => unknown>)[name]!.bind(ledger)]),
  ) as never;
}

function skipping(ledger: LedgerWriter, versions: readonly bigint[]): LedgerWriter["checkpointAtOrBelow"] {
  return (version) => ledger.checkpointAtOrBelow(versions.includes(version) ? version - 1n : version);
}
