/**
 * Filling a ledger store from a synthetic ledger, and comparing every answer of a store with it.
 *
 * @module
 */
import { expect } from "vitest";
import { equalBytes } from "../../core/bytes/bytes.ts";
import { columnItem } from "../../core/bytes/column.ts";
import { type ChainContext, createChainContext } from "../../core/chain/hash.ts";
import { createNobleHasher } from "../../core/chain/noble-hasher.ts";
import { VELOR_PROFILE } from "../../core/chain/profile.ts";
import type { ChunkColumn } from "../../core/ledger/segment.ts";
import type { LedgerProgress, LedgerReader, StateRunsRequest } from "../../core/ledger/reader.ts";
import type { LedgerWriter } from "../../core/ledger/writer.ts";
import { accumulatorRoot } from "../../core/merkle/accumulator.ts";
import { verifyInclusion } from "../../core/merkle/accumulator-proof.ts";
import { verifyRange } from "../../core/merkle/accumulator-range.ts";
import { createNodeHash, createSparseHash } from "../../core/merkle/node-hash.ts";
import { verifySparseProof } from "../../core/merkle/sparse-proof.ts";
import { emptyFrontier } from "../../core/merkle/sparse-frontier.ts";
import { isLastRange, verifyStateRange } from "../../core/merkle/sparse-range.ts";
import { createRandom, type SyntheticBlock, type SyntheticLedger } from "./synthetic-ledger.ts";

/** The context of all ledger tests. */
export function ledgerContext(): ChainContext {
  return createChainContext(VELOR_PROFILE, createNobleHasher());
}

/** Stages and commits a block as a driver does. */
export async function commitBlock(
  ledger: LedgerWriter,
  reference: SyntheticLedger,
  block: Pick<SyntheticBlock, "chunk"> & Partial<SyntheticBlock>,
): Promise<LedgerProgress> {
  const { chunk, ledgerInfo } = block;
  const last = chunk.firstVersion + BigInt(chunk.count) - 1n;
  const checkpoint = [...reference.states.keys()].filter((version) => version >= chunk.firstVersion && version <= last)
    .at(-1);
  const state = checkpoint === undefined
    ? undefined
    : await ledger.stageState({ version: checkpoint, writeSets: [chunk.writeSets] });
  return await ledger.commit({
    chunk,
    ...(state === undefined ? {} : { state }),
    ...(ledgerInfo === undefined ? {} : { ledgerInfo }),
  });
}

/** One state item as a store has it. */
export interface ReadItem {
  readonly keyHash: Uint8Array;
  readonly stateKey: Uint8Array;
  readonly stateValue: Uint8Array;
}

/** All items of a range, run after run. */
export async function readStates(reader: LedgerReader, request: StateRunsRequest): Promise<ReadItem[]> {
  const items: ReadItem[] = [];
  for await (const { keyHashes, stateKeys, stateValues } of reader.stateRuns(request)) {
    for (let i = 0; i < stateKeys.count; i++) {
      const [stateKey, stateValue] = [columnItem(stateKeys, i), columnItem(stateValues, i)];
      items.push({ keyHash: keyHashes.subarray(i * 32, (i + 1) * 32), stateKey, stateValue });
    }
  }
  return items;
}

/** Compares everything that a store answers with the first `count` versions of the reference. */
export async function expectLedgerEquals(
  reader: LedgerReader,
  reference: SyntheticLedger,
  count: number,
  context: ChainContext,
): Promise<void> {
  const progress = await reader.progress();
  expect(progress.preCommittedVersion).toBe(count === 0 ? undefined : BigInt(count) - 1n);
  expect(progress.accumulator.leafCount).toBe(BigInt(count));
  if (count === 0) return;
  const nodeHash = createNodeHash(context.hasher, context.seeds.transactionAccumulator);
  expect(accumulatorRoot(progress.accumulator, nodeHash)).toEqual(reference.rootAt(count));
  await expectTransactions(reader, reference, count);
  await expectProofs(reader, reference, count, context);
  await expectStates(reader, reference, count, context);
}

async function expectTransactions(reader: LedgerReader, reference: SyntheticLedger, count: number): Promise<void> {
  for (let version = 0; version < count;) {
    const chunk = await reader.readChunk({ firstVersion: BigInt(version), count: 7, maxBytes: 1_000_000 });
    expect([chunk.firstVersion, chunk.count > 0]).toEqual([BigInt(version), true]);
    const columns: [ChunkColumn, "transaction" | "info" | "events" | "writeSet" | "auxiliaryInfo"][] = [
      ["transactions", "transaction"],
      ["infos", "info"],
      ["events", "events"],
      ["writeSets", "writeSet"],
      ["auxiliaryInfos", "auxiliaryInfo"],
    ];
    for (let i = 0; i < chunk.count; i++) {
      const expected = reference.versions[version + i]!;
      for (const [column, field] of columns) {
        expect(equalBytes(columnItem(chunk[column], i), expected[field]), `${field} of ${version + i}`).toBe(true);
      }
      expect(await reader.transactionVersion(expected.transactionHash)).toBe(BigInt(version + i));
    }
    version += chunk.count;
  }
}

async function expectProofs(
  reader: LedgerReader,
  reference: SyntheticLedger,
  count: number,
  context: ChainContext,
): Promise<void> {
  const nodeHash = createNodeHash(context.hasher, context.seeds.transactionAccumulator);
  const random = createRandom(count);
  for (let i = 0; i < 12; i++) {
    const leafCount = 1 + Math.floor(random() * count);
    const first = Math.floor(random() * leafCount);
    const length = 1 + Math.floor(random() * (leafCount - first));
    const root = reference.rootAt(leafCount);
    const proofVersion = BigInt(leafCount) - 1n;
    const proof = await reader.rangeProof({ firstVersion: BigInt(first), count: length, proofVersion });
    const hashes = reference.versions.slice(first, first + length).map((version) => version.infoHash);
    const leafHashes = new Uint8Array(length * 32);
    hashes.forEach((hash, at) => {
      leafHashes.set(hash, at * 32);
    });
    verifyRange({ leafHashes, firstIndex: BigInt(first), proof, root }, nodeHash);
    const siblings = await reader.inclusionProof(BigInt(first), proofVersion);
    verifyInclusion({ leafHash: hashes[0]!, leafIndex: BigInt(first), siblings, root }, nodeHash);
    expect(accumulatorRoot(await reader.accumulatorAt(BigInt(leafCount)), nodeHash)).toEqual(root);
  }
}

/** Every tree version of the store is a checkpoint of the reference with the same items, values and proofs. */
async function expectStates(
  reader: LedgerReader,
  reference: SyntheticLedger,
  count: number,
  context: ChainContext,
): Promise<void> {
  const hash = createSparseHash(context.hasher, context.seeds);
  const newest = await reader.checkpointAtOrBelow(BigInt(count) - 1n);
  expect(newest).toBe([...reference.states.keys()].filter((version) => version < BigInt(count)).at(-1));
  for (let version = newest; version !== undefined;) {
    const items = reference.states.get(version)!;
    const root = reference.stateRootAt(version);
    expect(await reader.stateRoot(version)).toEqual(root);
    expect(await reader.stateCount(version)).toBe(BigInt(items.length));
    for (let index = 0; index < items.length; index += 23) {
      const wanted = items.slice(index, index + 23);
      expect(await readStates(reader, { version, firstIndex: BigInt(index), count: 23 })).toEqual(
        wanted.map(({ keyHash, stateKey, stateValue }) => ({ keyHash, stateKey, stateValue })),
      );
    }
    await expectWholeRange(reader, { version, root }, items, hash);
    for (const item of items.slice(0, 5)) {
      const found = await reader.stateValue(version, item.keyHash);
      expect([found.stateKey, found.stateValue]).toEqual([item.stateKey, item.stateValue]);
      verifySparseProof({ key: item.keyHash, valueHash: item.valueHash, proof: found.proof, root }, hash);
      const absent = item.keyHash.map((byte, i) => (i === 31 ? byte ^ 1 : byte));
      const missing = await reader.stateValue(version, absent);
      expect([missing.stateKey, missing.stateValue]).toEqual([undefined, undefined]);
      verifySparseProof({ key: absent, valueHash: undefined, proof: missing.proof, root }, hash);
    }
    version = version === 0n ? undefined : await reader.checkpointAtOrBelow(version - 1n);
  }
}

async function expectWholeRange(
  reader: LedgerReader,
  at: { readonly version: bigint; readonly root: Uint8Array },
  items: readonly { readonly keyHash: Uint8Array; readonly valueHash: Uint8Array }[],
  hash: ReturnType<typeof createSparseHash>,
): Promise<void> {
  if (items.length === 0) return;
  expect(await readStates(reader, { version: at.version, firstIndex: 0n, count: 1_000 })).toHaveLength(items.length);
  const flat = (field: "keyHash" | "valueHash") => {
    const bytes = new Uint8Array(items.length * 32);
    items.forEach((item, i) => {
      bytes.set(item[field], i * 32);
    });
    return bytes;
  };
  const leaves = { keys: flat("keyHash"), valueHashes: flat("valueHash") };
  const proof = await reader.stateRangeProof(at.version, leaves.keys.slice(-32));
  const claim = { frontier: emptyFrontier(), leaves, proof, root: at.root };
  expect(isLastRange(proof) && verifyStateRange(claim, hash).last !== undefined).toBe(true);
}
