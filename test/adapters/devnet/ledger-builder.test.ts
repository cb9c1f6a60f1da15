import { describe, expect, it } from "vitest";
import { continueDevnet } from "../../../adapters/devnet/devnet.ts";
import { buildDevnet, type BuildDevnetOptions, type BuildProgress } from "../../../adapters/devnet/ledger-builder.ts";
import { createNodeSigner } from "../../../adapters/devnet/node-ed25519-signer.ts";
import { createMemoryDisk, createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { encodeHex } from "../../../core/bytes/hex.ts";
import type { ChainContext } from "../../../core/chain/hash.ts";
import { createLedger, openLedgerWriter } from "../../../core/ledger/open-ledger.ts";
import { SyncError } from "../../../core/errors.ts";
import type { LedgerReader } from "../../../core/ledger/reader.ts";
import type { LedgerWriter } from "../../../core/ledger/writer.ts";
import { formatWaypoint } from "../../../core/trust/waypoint.ts";
import { APTOS, VELOR } from "../../helpers/trust-context.ts";

const TINY = { accounts: 5, blocks: 5, transactionsPerBlock: 4, epochBlocks: 2, validators: 3, seed: 42n };

/** What these arguments have always built. A change here is a change of every devnet. */
const PINNED: Readonly<Record<string, Pinned>> = {
  velor: {
    waypoint: "0:1cb4d1cbb6bb0d7ed03cb9f0b76746ea99fe61f0132a9ae9dbb94e4bba42948f",
    version: 39n,
    epoch: 3n,
    stateRootHash: "74008a28800586f16e89995cf6932cac91f41d378ad08161ff4140966ab71ebc",
    accumulatorRootHash: "b6a988dfa1b81b53c1ea6961bc93470dff5e95d0ea728b86fe4e8c2c70c6ff60",
  },
  aptos: {
    waypoint: "0:8a2908122187c1b22362606a414c1763bf0a5b4e860650d832205b14a880357e",
    version: 39n,
    epoch: 3n,
    stateRootHash: "33917c330bb7efadaf6a836b845b1b1615a8fc11efe416b170c9352bd0bd4a3e",
    accumulatorRootHash: "cc894ce5f34bef8a7822981f1b8c60ddf9446b1722a83a920b66fd3a08de240a",
  },
};

interface Pinned {
  readonly waypoint: string;
  readonly version: bigint;
  readonly epoch: bigint;
  readonly stateRootHash: string;
  readonly accumulatorRootHash: string;
}

describe.each([["velor", VELOR], ["aptos", APTOS]])("buildDevnet, profile %s", (name, context) => {
  it("builds what it has always built, on every runtime", async () => {
    const built = await buildDevnet({ context, ...TINY });
    expect({
      waypoint: formatWaypoint(built.waypoint),
      version: built.version,
      epoch: built.epoch,
      stateRootHash: encodeHex(built.stateRootHash),
      accumulatorRootHash: encodeHex(built.accumulatorRootHash),
    }).toEqual(PINNED[name]);
    expect(built.seed).toBe(42n);
  });

  it("builds the same bytes again, whoever signs", async () => {
    const first = await everything(context, TINY);
    expect(await everything(context, { ...TINY, signer: createNodeSigner() })).toEqual(first);
  });

  it.each<Partial<BuildDevnetOptions>>([
    { seed: 43n },
    { accounts: 6 },
    { transactionsPerBlock: 5 },
    { epochBlocks: 3 },
    { validators: 4 },
    { genesisTimeMs: 1_700_000_000_000 },
    { blockIntervalMs: 999 },
  ])("builds another chain from %o", async (change) => {
    const built = await buildDevnet({ context, ...TINY, ...change, blocks: 2 });
    const usual = await buildDevnet({ context, ...TINY, blocks: 2 });
    expect(built.waypoint).not.toEqual(usual.waypoint);
    expect(built.accumulatorRootHash).not.toEqual(usual.accumulatorRootHash);
  });
});

describe("buildDevnet", () => {
  it("goes on after a restart, block by block, as if it had never stopped", async () => {
    const straight = await buildDevnet({ context: VELOR, ...TINY, blocks: 6 });
    const disk = createMemoryDisk();
    const { ledger } = await buildDevnet({
      context: VELOR,
      ...TINY,
      blocks: 1,
      ledger: ({ waypoint }) => createLedger(createMemoryKv(disk), { context: VELOR, waypoint }),
    });
    await ledger.close();
    let head = "";
    for (let number = 2; number <= 6; number++) {
      const writer = await openLedgerWriter(createMemoryKv(disk), { context: VELOR });
      const devnet = await continueDevnet({ context: VELOR }, writer);
      expect(await devnet.blockNumber()).toBe(number - 1);
      expect(devnet.waypoint).toEqual(straight.waypoint);
      head = encodeHex((await devnet.produceBlock()).accumulatorRootHash);
      await writer.close();
    }
    expect(head).toBe(encodeHex(straight.accumulatorRootHash));
  });

  it("makes the same block at the second attempt, after a store that failed", async () => {
    const straight = await buildDevnet({ context: VELOR, ...TINY, blocks: 3 });
    let failures = 0;
    const { devnet } = await buildDevnet({
      context: VELOR,
      ...TINY,
      blocks: 2,
      ledger: async ({ waypoint }) => {
        const ledger = await createLedger(createMemoryKv(), { context: VELOR, waypoint });
        const commit: LedgerWriter["commit"] = async (input) => {
          if (failures-- > 0) throw new SyncError("STORAGE_FAILED", "Cannot commit: the disk is full");
          return await ledger.commit(input);
        };
        return { ...withMethodsOf(ledger), commit } as LedgerWriter;
      },
    });
    failures = 1;
    await expect(devnet.produceBlock()).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    expect(await devnet.blockNumber()).toBe(2);
    expect((await devnet.produceBlock()).accumulatorRootHash).toEqual(straight.accumulatorRootHash);
  });

  it("refuses to go on in a store without a devnet", async () => {
    const { waypoint } = await buildDevnet({ context: VELOR, ...TINY, blocks: 0 });
    const empty = await createLedger(createMemoryKv(), { context: VELOR, waypoint });
    await expect(continueDevnet({ context: VELOR }, empty)).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  it("refuses arguments out of range before it creates a store", async () => {
    const ledger = () => Promise.reject(new Error("a store was asked for"));
    const build = buildDevnet({ context: VELOR, ...TINY, validators: 0, ledger });
    await expect(build).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("reports every block, funding blocks first", async () => {
    const seen: BuildProgress[] = [];
    await buildDevnet({ context: VELOR, ...TINY, blocks: 3, onProgress: (progress) => seen.push(progress) });
    expect(seen.map(({ blocks }) => blocks)).toEqual([1, 2, 3, 4]);
    expect(seen.every(({ totalBlocks }) => totalBlocks === 4)).toBe(true);
  });

  it("stops when asked, at a block's end", async () => {
    const stop = new AbortController();
    const disk = createMemoryDisk();
    const build = buildDevnet({
      context: VELOR,
      ...TINY,
      ledger: ({ waypoint }) => createLedger(createMemoryKv(disk), { context: VELOR, waypoint }),
      onProgress: ({ blocks }) => {
        if (blocks === 2) stop.abort(new Error("enough"));
      },
      signal: stop.signal,
    });
    await expect(build).rejects.toThrow("enough");
    const writer = await openLedgerWriter(createMemoryKv(disk), { context: VELOR });
    expect(await (await continueDevnet({ context: VELOR }, writer)).blockNumber()).toBe(1);
  });

  it.each([
    ["no accounts", { accounts: 0, transactionsPerBlock: 3 }],
    ["no transfers", { accounts: 3, transactionsPerBlock: 0 }],
    ["one validator", { validators: 1 }],
    ["an epoch in every block", { epochBlocks: 1 }],
  ])("builds a chain with %s", async (_, change) => {
    const built = await buildDevnet({ context: VELOR, ...TINY, ...change, blocks: 4 });
    expect(await built.devnet.blockNumber()).toBe(4);
  });
});

/** The methods that block production calls, bound to the ledger they belong to. */
function withMethodsOf(ledger: LedgerWriter): Pick<LedgerWriter, "progress" | "stageState" | "stateValue"> {
  return {
    progress: () => ledger.progress(),
    stageState: (input) => ledger.stageState(input),
    stateValue: (version, keyHash) => ledger.stateValue(version, keyHash),
  };
}

/** Every byte of a chain that a reader can get. */
async function everything(context: ChainContext, options: Omit<BuildDevnetOptions, "context">): Promise<unknown> {
  const { ledger, ...built } = await buildDevnet({ context, ...options });
  const chunks = [];
  for (let firstVersion = 0n; firstVersion <= built.version;) {
    const chunk = await ledger.readChunk({ firstVersion, count: 1_000, maxBytes: 2 ** 30 });
    chunks.push([chunk.transactions, chunk.infos, chunk.events, chunk.writeSets, chunk.auxiliaryInfos].map(hexOf));
    firstVersion += BigInt(chunk.count);
  }
  return { chunks, endings: await endingsOf(ledger), genesis: encodeHex(built.genesisBlob) };
}

async function endingsOf(ledger: LedgerReader): Promise<string[]> {
  const { latestLedgerInfo } = await ledger.progress();
  const endings = await ledger.epochEndings(0n, 100);
  return [...endings, latestLedgerInfo].map((info) => (info === undefined ? "" : encodeHex(info.bytes)));
}

function hexOf({ bytes }: { readonly bytes: Uint8Array }): string {
  return encodeHex(bytes);
}
