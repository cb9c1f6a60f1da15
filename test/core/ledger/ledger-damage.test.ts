import { describe, expect, it } from "vitest";
import { createMemoryDisk, createMemoryKv, type MemoryDisk } from "../../../adapters/memory/memory-kv.ts";
import { isSyncError, SyncError } from "../../../core/errors.ts";
import { createLedger, openLedgerReader } from "../../../core/ledger/open-ledger.ts";
import { decodeStaleNodes, encodeStaleNodes } from "../../../core/ledger/stale-nodes.ts";
import { commitBlock, ledgerContext, readStates } from "../../helpers/ledger-checks.ts";
import { createSyntheticLedger, type SyntheticLedger } from "../../helpers/synthetic-ledger.ts";

const context = ledgerContext();

async function filledDisk(): Promise<{ disk: MemoryDisk; reference: SyntheticLedger }> {
  const disk = createMemoryDisk();
  const reference = createSyntheticLedger(context, 50);
  const genesis = reference.next({ count: 1 });
  const ledger = await createLedger(createMemoryKv(disk), { context, waypoint: reference.waypoint() });
  await commitBlock(ledger, reference, genesis);
  await commitBlock(ledger, reference, reference.next({ count: 4, endsEpoch: true }));
  await commitBlock(ledger, reference, reference.next({ count: 4 }));
  return { disk, reference };
}

/** Reads everything, one error after another. */
async function readAll(disk: MemoryDisk, reference: SyntheticLedger): Promise<unknown[]> {
  const errors: unknown[] = [];
  const attempt = async (run: () => Promise<unknown>): Promise<void> => {
    await run().catch((error) => errors.push(error));
  };
  await attempt(async () => {
    const reader = await openLedgerReader(createMemoryKv(disk), { context });
    await attempt(() => reader.progress());
    await attempt(() => reader.epochEndings(0n, 10));
    for (let version = 0n; version < 9n; version++) {
      await attempt(() => reader.readChunk({ firstVersion: version, count: 9, maxBytes: 1e9 }));
      await attempt(() => reader.epochEndingAt(version));
      await attempt(() => reader.inclusionProof(version, 8n));
      await attempt(() => reader.transactionVersion(reference.versions[Number(version)]!.transactionHash));
    }
    for (const [version, items] of reference.states) {
      await attempt(() => readStates(reader, { version, firstIndex: 0n, count: 100 }));
      await attempt(() => reader.stateRangeProof(version, items[0]!.keyHash));
      await attempt(() => reader.stateValue(version, items[0]!.keyHash));
    }
  });
  return errors;
}

const damages: [string, (value: Uint8Array) => Uint8Array | undefined][] = [
  ["missing", () => undefined],
  ["empty", () => new Uint8Array(0)],
  ["cut short", (value) => value.slice(0, value.length >> 1)],
  ["cut by a byte", (value) => value.slice(0, Math.max(0, value.length - 1))],
  ["full of ones", (value) => new Uint8Array(value.length).fill(255)],
];

describe("a damaged store", () => {
  it("is read without an error when it is not damaged", async () => {
    const { disk, reference } = await filledDisk();
    expect(await readAll(disk, reference)).toEqual([]);
  });

  it.each(damages)("with a value %s answers or refuses, and never fails in another way", async (_, damage) => {
    const { disk, reference } = await filledDisk();
    let refused = 0;
    for (const key of [...disk.keys]) {
      const value = disk.values.get(key)!;
      const damaged = damage(value);
      const broken = {
        keys: disk.keys.filter((other) => other !== key || damaged !== undefined),
        values: new Map(disk.values),
      };
      if (damaged === undefined) broken.values.delete(key);
      else broken.values.set(key, damaged);
      const errors = await readAll(broken, reference);
      for (const error of errors) {
        if (!(error instanceof SyncError)) throw error;
      }
      if (errors.length > 0) refused++;
    }
    expect(refused).toBeGreaterThan(disk.keys.length / 2);
  });

  it("has lists of stale nodes that are read back or refused", () => {
    const nodes = [
      { version: 3n, path: new Uint8Array(0) },
      { version: 2n ** 40n, path: new Uint8Array([1, 2, 3]) },
    ];
    const bytes = encodeStaleNodes(nodes);
    expect(decodeStaleNodes(bytes)).toEqual(nodes);
    expect(() => decodeStaleNodes(bytes.subarray(0, bytes.length - 1))).toThrow(SyncError);
    expect(() => decodeStaleNodes(new Uint8Array(0))).toThrow(
      expect.toSatisfy((error: unknown) => isSyncError(error, "STORAGE_CORRUPT")),
    );
  });
});
