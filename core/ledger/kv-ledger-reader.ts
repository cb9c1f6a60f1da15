/**
 * The ledger reader over an ordered key-value store.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { columnItem } from "../bytes/column.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import type { TransactionChunk } from "../chain/transaction-chunk.ts";
import { decodeTransactionInfo } from "../chain/transaction-info.ts";
import { SyncError } from "../errors.ts";
import type { Accumulator } from "../merkle/accumulator.ts";
import { proveInclusion, proveRange, readAccumulator } from "../merkle/accumulator-prover.ts";
import type { AccumulatorRangeProof } from "../merkle/accumulator-range.ts";
import type { SparseMerkleRangeProof } from "../merkle/sparse.ts";
import { epochEndAtOrAbove, readEpochEnding, readEpochEndings } from "./epoch-endings.ts";
import { findHash } from "./hash-runs.ts";
import type { LedgerParts } from "./ledger-parts.ts";
import { createProgressReader } from "./progress.ts";
import type {
  ChunkRequest,
  LedgerProgress,
  LedgerReader,
  StateRun,
  StateRunsRequest,
  StateValueWithProof,
} from "./reader.ts";
import { readSegments, segmentRuns } from "./segment-reader.ts";
import {
  readStateRangeProof,
  readStateRuns,
  readStateValue,
  requireTree,
  treeVersionAtOrBelow,
} from "./state-reader.ts";

/** How often a hash is looked up while the store changes under the search. */
const LOOKUP_ATTEMPTS = 3;

/** Reads a ledger. Made by `openLedgerReader`; the writer is one too. */
export class KvLedgerReader implements LedgerReader {
  /** The store and what is bound to it. */
  protected readonly parts: LedgerParts;
  readonly #progress: () => Promise<LedgerProgress>;

  /** @param parts Kept. */
  constructor(parts: LedgerParts) {
    this.parts = parts;
    this.#progress = createProgressReader(parts);
  }

  progress(): Promise<LedgerProgress> {
    return this.#progress();
  }

  async epochEndings(firstEpoch: bigint, count: number): Promise<LedgerInfoWithSignatures[]> {
    assertCount(count);
    const { kv, keys, context } = this.parts;
    return await readEpochEndings(kv, keys, { firstEpoch, count, profile: context.profile });
  }

  async epochEndingAt(version: bigint): Promise<LedgerInfoWithSignatures | undefined> {
    const { kv, keys, context } = this.parts;
    const end = await epochEndAtOrAbove(kv, keys, version);
    if (end?.epoch === undefined) return undefined;
    const { profile } = context;
    const ending = await readEpochEnding(kv, keys, { epoch: end.epoch, profile });
    if (end.version === version || end.epoch === 0n) return ending;
    // Without the ending before, `version` could belong to an earlier epoch.
    const before = await readEpochEnding(kv, keys, { epoch: end.epoch - 1n, profile });
    return before === undefined ? undefined : ending;
  }

  async readChunk(request: ChunkRequest): Promise<TransactionChunk> {
    const count = await this.#countInEpoch(request);
    const chunk = await readSegments(this.parts.kv, this.parts.keys, { ...request, count });
    return chunk ?? await this.#throwMissing(request.firstVersion);
  }

  async *transactionRuns(request: Omit<ChunkRequest, "maxBytes">): AsyncGenerator<TransactionChunk> {
    const { firstVersion } = request;
    const count = await this.#countInEpoch(request);
    let isEmpty = true;
    for await (const run of segmentRuns(this.parts.kv, this.parts.keys, { firstVersion, count })) {
      isEmpty = false;
      yield run;
    }
    if (isEmpty) await this.#throwMissing(firstVersion);
  }

  async rangeProof(
    request: { firstVersion: bigint; count: number; proofVersion: bigint },
  ): Promise<AccumulatorRangeProof> {
    await this.#requireVersion(request.proofVersion);
    const { firstVersion, count, proofVersion } = request;
    return await proveRange(this.parts.prover, { firstIndex: firstVersion, count, leafCount: proofVersion + 1n });
  }

  async inclusionProof(version: bigint, proofVersion: bigint): Promise<Uint8Array> {
    await this.#requireVersion(proofVersion);
    return await proveInclusion(this.parts.prover, { leafIndex: version, leafCount: proofVersion + 1n });
  }

  async accumulatorAt(leafCount: bigint): Promise<Accumulator> {
    if (leafCount > 0n) await this.#requireVersion(leafCount - 1n);
    return await readAccumulator(this.parts.prover, leafCount);
  }

  async checkpointAtOrBelow(version: bigint): Promise<bigint | undefined> {
    return await treeVersionAtOrBelow(this.parts, version);
  }

  async stateRoot(version: bigint): Promise<Uint8Array> {
    return (await requireTree(this.parts, version, this.#progress)).rootHash;
  }

  async stateCount(version: bigint): Promise<bigint> {
    return (await requireTree(this.parts, version, this.#progress)).leafCount;
  }

  async *stateRuns(request: StateRunsRequest): AsyncGenerator<StateRun> {
    const record = await requireTree(this.parts, request.version, this.#progress);
    yield* readStateRuns(this.parts, request, record);
  }

  async stateRangeProof(version: bigint, lastKey: Uint8Array): Promise<SparseMerkleRangeProof> {
    await requireTree(this.parts, version, this.#progress);
    return await readStateRangeProof(this.parts, version, lastKey);
  }

  async stateValue(version: bigint, keyHash: Uint8Array): Promise<StateValueWithProof> {
    await requireTree(this.parts, version, this.#progress);
    return await readStateValue(this.parts, version, keyHash);
  }

  async transactionVersion(hash: Uint8Array): Promise<bigint | undefined> {
    for (let attempt = 1;; attempt++) {
      const before = await this.#progress();
      const version = await this.#findTransaction(hash);
      // A writer that merges runs meanwhile can hide one from us.
      if (version !== undefined || attempt === LOOKUP_ATTEMPTS || (await this.#progress()) === before) return version;
    }
  }

  async #findTransaction(hash: Uint8Array): Promise<bigint | undefined> {
    const { kv, keys } = this.parts;
    for await (const version of findHash(kv, keys, hash)) {
      const chunk = await readSegments(kv, keys, { firstVersion: version, count: 1, maxBytes: 0 });
      if (chunk === undefined) continue;
      if (equalBytes(decodeTransactionInfo(columnItem(chunk.infos, 0)).transactionHash, hash)) return version;
    }
    return undefined;
  }

  async close(): Promise<void> {
    await this.parts.kv.close();
  }

  /** The count of a request, cut at the end of the epoch of its first version. */
  async #countInEpoch({ firstVersion, count }: Omit<ChunkRequest, "maxBytes">): Promise<number> {
    assertCount(count);
    const end = await epochEndAtOrAbove(this.parts.kv, this.parts.keys, firstVersion);
    const left = end === undefined ? undefined : end.version - firstVersion + 1n;
    return left !== undefined && left < BigInt(count) ? Number(left) : count;
  }

  /** Why `version` was not found. */
  async #throwMissing(version: bigint): Promise<never> {
    const { firstVersion } = await this.#requireVersion(version);
    if (version < firstVersion) {
      throw new SyncError("PRUNED", `Cannot read transactions: versions below ${firstVersion} are not kept`, {
        detail: { lowest: firstVersion, version },
      });
    }
    throw new SyncError("STORAGE_CORRUPT", `Cannot read transactions: version ${version} is missing`);
  }

  /** The progress, if `version` is written. */
  async #requireVersion(version: bigint): Promise<LedgerProgress> {
    const progress = await this.#progress();
    const { preCommittedVersion } = progress;
    if (preCommittedVersion !== undefined && version <= preCommittedVersion) return progress;
    throw new SyncError("NOT_SERVICEABLE", `Cannot read ledger: version ${version} is not here yet`, {
      detail: { version, preCommittedVersion },
    });
  }
}

function assertCount(count: number): void {
  if (Number.isSafeInteger(count) && count >= 1) return;
  throw new SyncError("INVALID_ARGUMENT", `Cannot read ledger: count is at least 1, current value is ${count}`);
}
