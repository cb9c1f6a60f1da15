/**
 * A lone peer changes one bit of a ledger info, wherever it is: the driver refuses it.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { createDirectTransport } from "../../adapters/memory/direct-transport.ts";
import { createMemoryKv } from "../../adapters/memory/memory-kv.ts";
import { columnItem } from "../../core/bytes/column.ts";
import { isSyncError } from "../../core/errors.ts";
import type { DataRequest } from "../../core/wire/request-types.ts";
import { decodeResponse } from "../../core/wire/response.ts";
import { buildDevnetWorld, type DevnetWorld, serveWorld, setUpSync } from "../helpers/devnet-world.ts";
import { withLiar } from "../helpers/lying-transport.ts";
import { withMemory } from "../helpers/memoized-verifier.ts";
import { VERIFIER } from "../helpers/trust-context.ts";

const LIAR = "http://liar";

describe("a ledger info with one bit changed", () => {
  const signatureVerifier = withMemory(VERIFIER);
  let world: DevnetWorld;

  beforeAll(async () => {
    world = await buildDevnetWorld({
      blocks: 3,
      parameters: { accounts: 1, transactionsPerBlock: 0, epochBlocks: 2, validators: 2 },
    });
  });

  /** The outcome of a run whose peer passes the ledger infos of `kind` through `change`. */
  async function errorWith(kind: DataRequest["kind"], change: (ledgerInfo: Uint8Array) => void): Promise<unknown> {
    const honest = createDirectTransport(new Map([[LIAR, serveWorld(world)]]));
    const transport = withLiar(honest, LIAR, (frame, request) => {
      if (request.kind !== kind) return frame;
      const ledgerInfo = ledgerInfoIn(frame);
      change(ledgerInfo);
      return frame;
    });
    const { driver } = await setUpSync({
      world,
      transport,
      peers: [LIAR],
      kv: createMemoryKv(),
      driver: { signatureVerifier },
    });
    return await driver.run().then(() => undefined, (error: unknown) => error);
  }

  /** The last epoch ending in an answer, or the head in a summary, as a view of the frame. */
  function ledgerInfoIn(frame: Uint8Array): Uint8Array {
    const { response } = decodeResponse(frame, { maxBytes: frame.length });
    if (response?.kind === "epochEndingLedgerInfos") {
      return columnItem(response.ledgerInfos, response.ledgerInfos.count - 1);
    }
    if (response?.kind !== "storageServerSummary") throw new Error("no ledger info in this answer");
    return response.summary.dataSummary.syncedLedgerInfo as Uint8Array;
  }

  async function acceptedBytes(kind: DataRequest["kind"]): Promise<number[]> {
    let length = 0;
    const measure = (ledgerInfo: Uint8Array) => {
      length = ledgerInfo.length;
    };
    expect(await errorWith(kind, measure)).toBeUndefined();
    const accepted: number[] = [];
    for (let i = 0; i < length; i++) {
      const error = await errorWith(kind, (ledgerInfo) => {
        ledgerInfo[i] = (ledgerInfo[i] as number) ^ (1 << (i % 8));
      });
      if (!isSyncError(error) || error.fault !== "peer") accepted.push(i);
    }
    return accepted;
  }

  it("is refused with fault peer as an epoch ending, whichever bit it is", async () => {
    expect(await acceptedBytes("getEpochEndingLedgerInfos")).toEqual([]);
  });

  it("is refused with fault peer as a head, but for the epoch: an offer of another epoch is not judged, and not used", async () => {
    const epochBytes = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(await acceptedBytes("getStorageServerSummary")).toEqual(epochBytes);
  });
});
