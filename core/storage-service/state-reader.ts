/**
 * Answers to requests for state: chunks by index, values by key hash, counts.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { LedgerReader, StateChunk } from "../ledger/reader.ts";
import { WIRE_HASH_BYTES } from "../wire/fields.ts";
import { isCanonicalRange } from "../wire/ranges.ts";
import type { GetStateValuesByKeyHash, GetStateValuesWithProof } from "../wire/request.ts";
import type { StateValueChunkWithProof, StateValuesByKeyHash } from "../wire/response.ts";
import { answerCount } from "./chunker.ts";
import type { StorageServiceConfig } from "./config.ts";
import type { AnswerLifetime } from "./lifetime.ts";

/** A chunk of state, and how long it stays true. */
export interface StateChunkAnswer {
  /** The chunk. */
  readonly response: StateValueChunkWithProof;
  /** For caches. */
  readonly lifetime: AnswerLifetime;
}

/**
 * Reads state items: a prefix of the indexes asked for, at least one.
 *
 * @throws {SyncError} `NOT_A_CHECKPOINT` if the version is none; `NOT_SERVICEABLE` if there is no item at the first index.
 */
export async function readStateChunk(
  reader: LedgerReader,
  config: StorageServiceConfig,
  request: GetStateValuesWithProof,
): Promise<StateChunkAnswer> {
  const { version, firstIndex, lastIndex } = request;
  const stateCount = await reader.stateCount(version);
  if (firstIndex >= stateCount) {
    throw new SyncError(
      "NOT_SERVICEABLE",
      `Cannot read state values from index ${firstIndex}: there are ${stateCount} at version ${version}`,
    );
  }
  const lastThere = lastIndex < stateCount ? lastIndex : stateCount - 1n;
  const available = Number(lastThere - firstIndex + 1n);
  const cap = Math.min(available, config.maxStateChunkSize);
  const read = await readItems(reader, request, cap, config);
  const count = answerCount([read.stateKeys, read.stateValues], {
    first: firstIndex,
    wanted: available,
    maxBytes: config.maxNetworkChunkBytes,
    hardMaxBytes: config.maxNetworkChunkBytesV2,
  });
  // The proof ends at the last key, so a chunk that is cut is read again up to where it is cut.
  const chunk = count === read.stateKeys.count ? read : await readItems(reader, request, count, config);
  const range = { first: firstIndex, last: lastIndex };
  const canonical = isCanonicalRange(range, { maximum: config.maxStateChunkSize, last: stateCount - 1n });
  return { response: chunkResponse(request, chunk), lifetime: canonical ? "immutable" : "minute" };
}

/** Which checkpoint to read and the ledger info to prove it in. */
export interface StateValuesTarget {
  /** A tree version. */
  readonly checkpoint: bigint;
  /** At or above the checkpoint. */
  readonly ledgerInfo: LedgerInfoWithSignatures;
}

/** Reads one value, or proves its absence, for each key hash. */
export async function readStateValues(
  reader: LedgerReader,
  request: GetStateValuesByKeyHash,
  target: StateValuesTarget,
): Promise<StateValuesByKeyHash> {
  const { checkpoint, ledgerInfo } = target;
  const proofVersion = ledgerInfo.ledgerInfo.commitInfo.version;
  const values = [];
  for (let at = 0; at < request.keyHashes.length; at += WIRE_HASH_BYTES) {
    const keyHash = request.keyHashes.subarray(at, at + WIRE_HASH_BYTES);
    values.push({ keyHash, ...await reader.stateValue(checkpoint, keyHash) });
  }
  const chunk = await reader.readChunk({ firstVersion: checkpoint, count: 1, maxBytes: 1 });
  return {
    kind: "stateValuesByKeyHash",
    checkpoint,
    proofVersion,
    values,
    transactionInfo: chunk.infos.data,
    accumulatorSiblings: await reader.inclusionProof(checkpoint, proofVersion),
    ledgerInfo: ledgerInfo.bytes,
  };
}

function readItems(
  reader: LedgerReader,
  { version, firstIndex }: GetStateValuesWithProof,
  count: number,
  config: StorageServiceConfig,
): Promise<StateChunk> {
  return reader.stateChunk({ version, firstIndex, count, maxBytes: config.maxNetworkChunkBytes });
}

function chunkResponse(request: GetStateValuesWithProof, chunk: StateChunk): StateValueChunkWithProof {
  return {
    kind: "stateValueChunkWithProof",
    version: request.version,
    firstIndex: request.firstIndex,
    lastIndex: request.lastIndex,
    firstKey: chunk.firstKey,
    lastKey: chunk.lastKey,
    stateKeys: chunk.stateKeys,
    stateValues: chunk.stateValues,
    proof: chunk.proof,
    rootHash: chunk.rootHash,
  };
}
