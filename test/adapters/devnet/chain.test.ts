/**
 * A devnet as a stranger sees it: everything that it committed is verified from its genesis waypoint, with core's own
 * verifiers and with a naive account of the state.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { ProducedBlock } from "../../../adapters/devnet/block-producer.ts";
import { createDevnetGenesis, type DevnetGenesis, startDevnet } from "../../../adapters/devnet/devnet.ts";
import { createTransferExecutor } from "../../../adapters/devnet/transfer-executor.ts";
import { createMemoryKv } from "../../../adapters/memory/memory-kv.ts";
import { compareBytes } from "../../../core/bytes/bytes.ts";
import { columnItem, columnItems } from "../../../core/bytes/column.ts";
import { decodeHex, encodeHex } from "../../../core/bytes/hex.ts";
import { decodeAuxiliaryInfo } from "../../../core/chain/auxiliary-info.ts";
import { isNewEpochEvent } from "../../../core/chain/event.ts";
import { splitEvents } from "../../../core/chain/event-lists.ts";
import type { EpochState } from "../../../core/chain/epoch-state.ts";
import { readNextEpochState } from "../../../core/chain/reconfiguration.ts";
import { hashStateKey } from "../../../core/chain/state-key.ts";
import { decodeTransaction, type Transaction } from "../../../core/chain/transaction.ts";
import type { TransactionChunk } from "../../../core/chain/transaction-chunk.ts";
import { decodeTransactionInfo, type TransactionInfo } from "../../../core/chain/transaction-info.ts";
import { decodeWriteSet } from "../../../core/chain/write-set.ts";
import { verifyOutputs } from "../../../core/driver/verify-outputs.ts";
import { createLedger } from "../../../core/ledger/open-ledger.ts";
import type { LedgerWriter } from "../../../core/ledger/writer.ts";
import { appendLeaves, emptyAccumulator } from "../../../core/merkle/accumulator.ts";
import { createNodeHash, createSparseHash } from "../../../core/merkle/node-hash.ts";
import { canonicalRoot } from "../../../core/merkle/sparse-root.ts";
import { verifyGenesis } from "../../../core/trust/genesis.ts";
import { tallySigners, verifyLedgerInfo } from "../../../core/trust/validator-verifier.ts";
import { applyWrites } from "../../helpers/devnet-executor.ts";
import { flatLeaves } from "../../helpers/reference-sparse.ts";
import { APTOS, VELOR, VERIFIER } from "../../helpers/trust-context.ts";

const PARAMETERS = { accounts: 30, transactionsPerBlock: 15, epochBlocks: 2, validators: 4, seed: 11n };
/** Six epochs end: two rounds of joining, a new key and leaving. The last block stands in an open epoch. */
const BLOCKS = 13;

interface Item {
  readonly version: bigint;
  readonly transaction: Transaction;
  readonly info: TransactionInfo;
  readonly writeSet: Uint8Array;
  readonly startsEpoch: boolean;
  readonly auxiliaryInfo: ReturnType<typeof decodeAuxiliaryInfo>;
}

describe.each([["velor", VELOR], ["aptos", APTOS]])("a devnet of profile %s", (_, context) => {
  let genesis: DevnetGenesis;
  let ledger: LedgerWriter;
  const blocks: ProducedBlock[] = [];
  const chunks: TransactionChunk[] = [];
  const items: Item[] = [];

  beforeAll(async () => {
    genesis = createDevnetGenesis({ context }, PARAMETERS);
    ledger = await createLedger(createMemoryKv(), { context, waypoint: genesis.waypoint });
    const devnet = await startDevnet({ context }, { genesis, ledger });
    while (await devnet.blockNumber() < BLOCKS) blocks.push(await devnet.produceBlock());
    for (const { firstVersion, count } of blocks) {
      const chunk = await ledger.readChunk({ firstVersion, count, maxBytes: 2 ** 30 });
      chunks.push(chunk);
      items.push(...itemsOf(chunk));
    }
  });

  it("has every ledger info signed by a quorum of its epoch, not always by everyone", async () => {
    let epochState: EpochState = verifyGenesis(context, genesis.blob, genesis.waypoint).nextEpochState;
    const silent: number[] = [];
    for (const { ledgerInfo } of blocks) {
      await verifyLedgerInfo(context, epochState, ledgerInfo, VERIFIER);
      const tally = tallySigners(epochState, ledgerInfo.signatures);
      silent.push(tally.validators - tally.signers);
      epochState = ledgerInfo.ledgerInfo.commitInfo.nextEpochState ?? epochState;
    }
    expect(new Set(silent).size).toBeGreaterThan(1);
  });

  it("proves every transaction, event, write set and auxiliary info against its block's ledger info", async () => {
    const nodeHash = createNodeHash(context.hasher, context.seeds.transactionAccumulator);
    let accumulator = appendLeaves(
      { accumulator: emptyAccumulator(), leafHashes: genesis.transactionInfoHash },
      nodeHash,
    );
    let epochState = genesis.nextEpochState;
    for (const [i, { firstVersion, count, ledgerInfo }] of blocks.entries()) {
      const proofVersion = ledgerInfo.ledgerInfo.commitInfo.version;
      const proof = await ledger.rangeProof({ firstVersion, count, proofVersion });
      const verified = await verifyLedgerInfo(context, epochState, ledgerInfo, VERIFIER);
      const outputs = {
        ...(chunks[i] as TransactionChunk),
        proof,
        proofVersion,
        lastVersion: firstVersion + BigInt(count) - 1n,
        list: "outputs" as const,
      };
      accumulator = verifyOutputs(context, { outputs, ledgerInfo: verified, accumulator }).accumulator;
      epochState = ledgerInfo.ledgerInfo.commitInfo.nextEpochState ?? epochState;
    }
    expect(accumulator.leafCount).toBe(blocks.at(-1)?.ledgerInfo.ledgerInfo.commitInfo.version as bigint + 1n);
  });

  it("names the state's root at the end of each block, and nowhere else", () => {
    const hash = createSparseHash(context.hasher, context.seeds);
    const values = new Map<string, Uint8Array>();
    applyWrites(values, decodeWriteSet(columnItem(genesis.chunk.writeSets, 0)).entries);
    const ends = new Map(blocks.map((block) => [block.ledgerInfo.ledgerInfo.commitInfo.version, block]));
    for (const { version, writeSet, info } of items) {
      applyWrites(values, decodeWriteSet(writeSet).entries);
      const block = ends.get(version);
      expect(info.stateCheckpointHash !== undefined).toBe(block !== undefined);
      if (block === undefined) continue;
      const root = canonicalRoot(flatLeaves(leavesOf(values)), hash);
      expect(info.stateCheckpointHash).toEqual(root);
      expect(block.stateRootHash).toEqual(root);
    }

    function leavesOf(state: ReadonlyMap<string, Uint8Array>) {
      const { hasher, seeds } = context;
      return Array.from(state, ([name, value]) => ({
        key: hashStateKey(context, decodeHex(name)),
        valueHash: hasher.hash(seeds.stateValue, value),
      })).sort((left, right) => compareBytes(left.key, right.key));
    }
  });

  it("begins each block with its metadata, and ends it with an epilogue or with a new epoch", () => {
    for (const [i, { ledgerInfo, firstVersion, count, number }] of blocks.entries()) {
      const own = items.filter(({ version }) => version >= firstVersion && version < firstVersion + BigInt(count));
      const [first, last] = [own[0], own.at(-1)];
      expect(own).toHaveLength(count);
      expect(first?.transaction).toMatchObject({
        kind: "blockMetadata",
        metadata: {
          id: ledgerInfo.ledgerInfo.commitInfo.id,
          epoch: ledgerInfo.ledgerInfo.commitInfo.epoch,
          round: ledgerInfo.ledgerInfo.commitInfo.round,
          timestampUsecs: ledgerInfo.ledgerInfo.commitInfo.timestampUsecs,
        },
      });
      const endsEpoch = number >= 1 && number % PARAMETERS.epochBlocks === 0;
      expect(last?.transaction.kind).toBe(endsEpoch ? "user" : "blockEpilogue");
      expect(own.map(({ startsEpoch }) => startsEpoch)).toEqual(own.map((item) => endsEpoch && item === last));
      expect(ledgerInfo.ledgerInfo.commitInfo.nextEpochState !== undefined).toBe(endsEpoch);
      const fees = last?.transaction.kind === "blockEpilogue" ? last.transaction.epilogue.fees : [];
      expect(fees?.length).toBe(endsEpoch ? 0 : 1);
      expect(i === 0 || firstVersion === endOf(blocks[i - 1]) + 1n).toBe(true);
    }
  });

  it("has the next epoch's validators in the ledger info and in the write set of the same version", async () => {
    const epochs = new Set<string>();
    for (const { ledgerInfo } of blocks) {
      const { nextEpochState, version, epoch } = ledgerInfo.ledgerInfo.commitInfo;
      if (nextEpochState === undefined) continue;
      const item = items.find((candidate) => candidate.version === version) as Item;
      expect(readNextEpochState(item.writeSet, context.profile)).toEqual(nextEpochState);
      expect(nextEpochState.epoch).toBe(epoch + 1n);
      const [stored] = await ledger.epochEndings(epoch, 1);
      expect(stored?.bytes).toEqual(ledgerInfo.bytes);
      epochs.add(epoch.toString());
    }
    expect([...epochs]).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  it("changes its validators: they join, leave, take new keys and gain power", () => {
    const sets = [
      genesis.nextEpochState,
      ...blocks.flatMap(({ ledgerInfo }) => ledgerInfo.ledgerInfo.commitInfo.nextEpochState ?? []),
    ];
    const sizes = sets.map(({ validators }) => validators.length);
    expect(sizes).toEqual([4, 5, 5, 4, 5, 5, 4]);
    const seen = (field: "publicKey" | "votingPower") => {
      const byAddress = new Map<string, Set<string>>();
      for (const { validators } of sets) {
        for (const validator of validators) {
          const address = encodeHex(validator.address);
          const value = validator[field];
          const values = byAddress.get(address) ?? new Set();
          byAddress.set(address, values.add(typeof value === "bigint" ? `${value}` : encodeHex(value)));
        }
      }
      return [...byAddress.values()].filter((values) => values.size > 1).length;
    };
    expect(seen("publicKey")).toBeGreaterThan(0);
    expect(seen("votingPower")).toBeGreaterThan(0);
  });

  it("holds failing transactions of both kinds, and none out of turn", () => {
    const kinds = new Set(items.map(({ info }) => info.status.kind));
    expect([...kinds].sort()).toEqual(["moveAbort", "outOfGas", "success"]);
    expect(blocks.reduce((sum, { discarded }) => sum + discarded, 0)).toBeGreaterThan(0);
    const next = new Map<string, bigint>();
    for (const { transaction } of items) {
      if (transaction.kind !== "user") continue;
      const { sender, sequenceNumber } = transaction.transaction.raw;
      expect(sequenceNumber).toBe(next.get(encodeHex(sender)) ?? 0n);
      next.set(encodeHex(sender), sequenceNumber + 1n);
    }
  });

  it("tells each transaction its place in its block; genesis has none", () => {
    for (const { firstVersion, count } of blocks) {
      const own = items.filter(({ version }) => version >= firstVersion && version < firstVersion + BigInt(count));
      const places = own.map(({ auxiliaryInfo }) => auxiliaryInfo.kind === "v1" ? auxiliaryInfo.transactionIndex : -1);
      expect(places[0]).toBe(0);
      for (let i = 1; i < places.length; i++) expect(places[i]).toBeGreaterThan(places[i - 1] as number);
      for (const { info } of own) expect(info.auxiliaryInfoHash).toBeDefined();
    }
    expect(decodeAuxiliaryInfo(columnItem(genesis.chunk.auxiliaryInfos, 0)).kind).toBe("none");
  });

  it("creates its accounts in batches of at most 250 recipients and 128 KiB of write set", () => {
    const batches = items.filter(({ transaction }) => functionOf(transaction) === "batch_transfer");
    expect(batches).toHaveLength(1);
    for (const { writeSet } of batches) expect(writeSet.length).toBeLessThanOrEqual(128 * 1024);
  });

  it("comes out the same when its transactions are executed again, an epoch at a time", async () => {
    const executor = createTransferExecutor(context, VERIFIER);
    const values = new Map<string, Uint8Array>();
    applyWrites(values, decodeWriteSet(columnItem(genesis.chunk.writeSets, 0)).entries);
    const read = (keys: readonly Uint8Array[]) => Promise.resolve(keys.map((key) => values.get(encodeHex(key))));
    const last = endOf(blocks.at(-1));
    for (let firstVersion = 1n; firstVersion <= last;) {
      const chunk = await ledger.readChunk({ firstVersion, count: 1_000, maxBytes: 2 ** 30 });
      const output = await executor.execute(chunk, { read });
      expect(output.writeSets.bytes).toEqual(chunk.writeSets.bytes);
      expect(output.events.bytes).toEqual(chunk.events.bytes);
      const infos = columnItems(chunk.infos).map(decodeTransactionInfo);
      expect(output.gasUsed).toEqual(infos.map(({ gasUsed }) => gasUsed));
      expect(output.statuses).toEqual(infos.map(({ status }) => ({ kind: "keep", status })));
      for (const writeSet of columnItems(chunk.writeSets)) applyWrites(values, decodeWriteSet(writeSet).entries);
      firstVersion += BigInt(chunk.count);
    }
  });

  it("removes state, too", () => {
    const kinds = items.flatMap(({ writeSet }) => decodeWriteSet(writeSet).entries.map(({ op }) => op.kind));
    expect(kinds.filter((kind) => kind === "deletion").length).toBeGreaterThan(0);
  });
});

function itemsOf(chunk: TransactionChunk): Item[] {
  return columnItems(chunk.transactions).map((transaction, i) => {
    const { events } = splitEvents({
      ...chunk.events,
      count: 1,
      offsets: Uint32Array.of(0, columnItem(chunk.events, i).length),
      data: columnItem(chunk.events, i),
    });
    return {
      version: chunk.firstVersion + BigInt(i),
      transaction: decodeTransaction(transaction),
      info: decodeTransactionInfo(columnItem(chunk.infos, i)),
      writeSet: columnItem(chunk.writeSets, i),
      startsEpoch: columnItems(events).some(isNewEpochEvent),
      auxiliaryInfo: decodeAuxiliaryInfo(columnItem(chunk.auxiliaryInfos, i)),
    };
  });
}

function functionOf(transaction: Transaction): string | undefined {
  if (transaction.kind !== "user") return undefined;
  const { payload } = transaction.transaction.raw;
  return payload.kind === "entryFunction" ? payload.entryFunction.function : undefined;
}

function endOf(block: ProducedBlock | undefined): bigint {
  return block?.ledgerInfo.ledgerInfo.commitInfo.version ?? 0n;
}
