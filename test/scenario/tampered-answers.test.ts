/**
 * A lone peer changes one field of one kind of answer. Either the driver refuses the answer and the run ends with a fault
 * of the peer, or the field stands in the table below, with the worst that a lie in it can do.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { createDirectTransport } from "../../adapters/memory/direct-transport.ts";
import { createMemoryKv } from "../../adapters/memory/memory-kv.ts";
import { isSyncError } from "../../core/errors.ts";
import type { LedgerWriter } from "../../core/ledger/writer.ts";
import type { Transport } from "../../core/ports/transport.ts";
import type { DataRequest } from "../../core/wire/request-types.ts";
import { buildDevnetWorld, type DevnetWorld, ledgerSummary, serveWorld, setUpSync } from "../helpers/devnet-world.ts";
import { type FieldMutation, fieldMutations, type FieldNames, namesFit } from "../helpers/frame-mutations.ts";
import { withLiar } from "../helpers/lying-transport.ts";
import { withMemory } from "../helpers/memoized-verifier.ts";
import { VERIFIER } from "../helpers/trust-context.ts";

/** What can come of a lie that is not refused. */
interface Uncovered {
  readonly field: RegExp;
  readonly change: RegExp;
  /** The worst that a lie here can do. */
  readonly worst: string;
}

const CHAIN_UNKNOWN: Uncovered = {
  field: /^chain$/,
  change: /^all zeros$/,
  worst:
    "Nothing: it says that the peer does not know its chain's name. The name guards against mix-ups, not against lies.",
};

const UNCOVERED: Readonly<Record<string, readonly Uncovered[]>> = {
  getEpochEndingLedgerInfos: [
    CHAIN_UNKNOWN,
    {
      field: /^ledgerInfos$/,
      change: /^last item left out$/,
      worst: "One more request: a prefix is a legitimate answer, and the rest is asked for.",
    },
  ],
  getTransactionDataWithProof: [CHAIN_UNKNOWN],
  getStorageServerSummary: [
    CHAIN_UNKNOWN,
    {
      field: /^max(Epoch|State|Transaction|TransactionOutput)ChunkSize$/,
      change: /^([+-] 1|= 0|bit 7|\+ 1 at the (start|end)|opposite order)$/,
      worst: "Nothing: ranges are planned by the protocol's own sizes.",
    },
    {
      field: /^syncedLedgerInfo$/,
      change: /^null$/,
      worst: "This peer is asked for nothing that needs a proof: it withholds itself.",
    },
    {
      field: /^epochEndings\.lowest$/,
      change: /./,
      worst: "This peer is not asked for the epochs below: it withholds itself.",
    },
    {
      field: /^epochEndings\.highest$/,
      change: /./,
      worst:
        "Too low: the sync ends at an older epoch of this peer. Too high: a request that the peer refuses, and a pause.",
    },
    {
      field: /^epochEndings$/,
      change: /./,
      worst: "As for its two ends; without it this peer is not asked for epochs: it withholds itself.",
    },
    {
      field: /^(states|transactions)(\.(lowest|highest))?$/,
      change: /./,
      worst:
        "Nothing while outputs are synced: this peer is not asked for states or bare transactions, or refuses them.",
    },
    {
      field: /^outputs(\.(lowest|highest))?$/,
      change: /./,
      worst: "Too narrow: this peer is not asked. Too wide: a request that it refuses, and a pause.",
    },
    {
      field: /^snapshots$/,
      change: /./,
      worst: "Nothing while outputs are synced: snapshots are for fast sync.",
    },
  ],
};

const NAMES: Readonly<Record<string, FieldNames>> = {
  getEpochEndingLedgerInfos: ["protocol", "chain", "variant", "firstEpoch", "lastEpoch", "ledgerInfos"],
  getTransactionDataWithProof: [
    "protocol",
    "chain",
    "variant",
    [
      "firstVersion",
      "lastVersion",
      "proofVersion",
      "transactions",
      "infos",
      "events",
      "writeSets",
      "auxiliaryInfos",
      "leftSiblings",
      "rightSiblings",
    ],
  ],
  getStorageServerSummary: [
    "protocol",
    "chain",
    "variant",
    ["maxEpochChunkSize", "maxStateChunkSize", "maxTransactionChunkSize", "maxTransactionOutputChunkSize"],
    "syncedLedgerInfo",
    ["epochEndings.lowest", "epochEndings.highest"],
    ["states.lowest", "states.highest"],
    ["transactions.lowest", "transactions.highest"],
    ["outputs.lowest", "outputs.highest"],
    "snapshots",
  ],
};

const LIAR = "http://liar";
const HONEST = "http://honest";

/** Which answers are changed: of outputs those in the middle of the chain, with several items and siblings on both sides. */
function isTarget(kind: string, request: DataRequest): boolean {
  if (request.kind !== kind) return false;
  return request.kind !== "getTransactionDataWithProof" || request.lastVersion - request.firstVersion >= 3n;
}

describe.each(Object.keys(NAMES))("an answer to %s with one field changed", (kind) => {
  const verifier = withMemory(VERIFIER);
  let world: DevnetWorld;
  let transport: Transport;
  let sample: Uint8Array;
  let mutations: FieldMutation[];

  beforeAll(async () => {
    world = await buildDevnetWorld({
      blocks: 5,
      parameters: { accounts: 3, transactionsPerBlock: 2, epochBlocks: 2, validators: 4 },
    });
    transport = createDirectTransport(new Map([LIAR, HONEST].map((url) => [url, serveWorld(world)])));
    const seen: Uint8Array[] = [];
    const listening = withLiar(transport, LIAR, (frame, request) => {
      if (isTarget(kind, request)) seen.push(frame);
      return frame;
    });
    await sync(listening, [LIAR]);
    sample = seen[0] as Uint8Array;
    mutations = fieldMutations(sample, NAMES[kind] as FieldNames);
  });

  async function sync(through: Transport, peers: readonly string[]) {
    const { driver, ledger } = await setUpSync({
      world,
      transport: through,
      peers,
      kv: createMemoryKv(),
      driver: { signatureVerifier: verifier },
    });
    const outcome = await driver.run().then((report) => ({ report, error: undefined }), (error: unknown) => ({
      report: undefined,
      error,
    }));
    return { ...outcome, ledger };
  }

  /** Whatever was written is the beginning of the chain. */
  async function expectTruePrefix(ledger: LedgerWriter) {
    const { accumulator, checkpointVersion } = await ledger.progress();
    expect(accumulator).toEqual(await world.ledger.accumulatorAt(accumulator.leafCount));
    if (checkpointVersion === undefined) return;
    expect(await ledger.stateRoot(checkpointVersion)).toEqual(await world.ledger.stateRoot(checkpointVersion));
  }

  const lieOf = (mutation: FieldMutation) => (frame: Uint8Array, request: DataRequest) =>
    isTarget(kind, request) ? mutation.apply(frame) ?? frame : frame;

  const uncoveredBy = ({ field, change }: FieldMutation) =>
    UNCOVERED[kind]?.find((row) => row.field.test(field) && row.change.test(change));

  it("has a name for every field", () => {
    expect(namesFit(sample, NAMES[kind] as FieldNames)).toBe(true);
    expect(mutations.length).toBeGreaterThan(30);
  });

  it("is refused with fault peer, or stands in the table of what no proof covers", async () => {
    const accepted: string[] = [];
    const unused = new Set(UNCOVERED[kind]);
    for (const mutation of mutations) {
      if (mutation.apply(sample) === undefined) continue;
      const { error, ledger } = await sync(withLiar(transport, LIAR, lieOf(mutation)), [LIAR]);
      await expectTruePrefix(ledger);
      const isRefused = isSyncError(error) && error.fault === "peer";
      const name = `${mutation.field} ${mutation.change}`;
      if (isRefused) continue;
      expect(error === undefined || (isSyncError(error) && error.fault === "transient"), `${name}: ${error}`).toBe(
        true,
      );
      const row = uncoveredBy(mutation);
      if (row === undefined) accepted.push(name);
      else unused.delete(row);
    }
    expect(accepted).toEqual([]);
    expect([...unused].map(({ field }) => field)).toEqual([]);
  });

  it("does not keep the driver from the head while another peer is honest", async () => {
    const expected = await ledgerSummary(world.context, world.ledger);
    const firstOfField = new Map(mutations.map((mutation) => [mutation.field, mutation] as const).reverse());
    for (const mutation of firstOfField.values()) {
      const { error, ledger } = await sync(withLiar(transport, LIAR, lieOf(mutation)), [LIAR, HONEST]);
      expect(error, `${mutation.field} ${mutation.change}`).toBeUndefined();
      expect(await ledgerSummary(world.context, ledger)).toEqual(expected);
    }
  });
});
