/**
 * Answers to requests for state: chunks by index, values by key hash, counts.
 *
 * @module
 */
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { LedgerReader, StateRun } from "../ledger/reader.ts";
import { WIRE_HASH_BYTES } from "../wire/fields.ts";
import { ANSWER_OVERHEAD_BYTES, GET_RESPONSE_BYTES, MAX_STATE_CHUNK } from "../wire/limits.ts";
import type { GetNumberOfStatesAtVersion, GetStateValuesByKeyHash, GetStateValuesWithProof } from "../wire/request.ts";
import type {
  NumberOfStatesAtVersion,
  StateValueChunkWithProof,
  StateValuesByKeyHash,
  StateValueWithProof,
} from "../wire/response.ts";
import { cutList, leadingItems } from "./chunker.ts";
import type { StorageServiceConfig } from "./config.ts";
import { listAnswer, pathByteLimit, type ReadAnswer, type ReadParts } from "./read-parts.ts";
import { type ColumnRun, RunSource } from "./run-source.ts";

const KEYS = 0;
const VALUES = 1;

/**
 * Reads state items: a prefix of the indexes asked for, at least one. One pass: the proof is made when the last key is known.
 *
 * @throws {SyncError} `NOT_A_CHECKPOINT` if the version is none; `NOT_SERVICEABLE` if there is no item at the first index;
 *   `TOO_LARGE` if the first item alone is above the server's limit.
 */
export async function readStateChunk(
  { reader, config, budget }: ReadParts,
  request: GetStateValuesWithProof,
): Promise<ReadAnswer<StateValueChunkWithProof>> {
  const { version, firstIndex, lastIndex } = request;
  const stateCount = await reader.stateCount(version);
  const wanted = availableItems(request, stateCount);
  const maxItems = Math.min(wanted, config.maxStateChunkSize);
  const maxBytes = pathByteLimit(config);
  const keyHashes: Uint8Array[] = [];
  const source = new RunSource(
    columnRuns(reader.stateRuns({ version, firstIndex, count: maxItems }), keyHashes),
    budget,
  );
  try {
    const { count, truncation } = await cutList(source, {
      first: firstIndex,
      wanted,
      maxItems,
      maxBytes,
      hardMaxBytes: config.maxNetworkChunkBytesV2,
      width: 2,
    }, budget);
    const lastKey = hashAt(keyHashes, count - 1);
    const response: StateValueChunkWithProof = {
      kind: "stateValueChunkWithProof",
      version,
      firstIndex,
      lastIndex,
      firstKey: hashAt(keyHashes, 0),
      lastKey,
      stateKeys: leadingItems(source, KEYS, count),
      stateValues: leadingItems(source, VALUES, count),
      proof: await reader.stateRangeProof(version, lastKey),
      rootHash: await reader.stateRoot(version),
    };
    return listAnswer(response, {
      range: { first: firstIndex, last: lastIndex },
      clip: stateCount - 1n,
      sharedMaxItems: MAX_STATE_CHUNK,
      count,
      truncation,
      maxBytes,
      sharedMaxBytes: GET_RESPONSE_BYTES,
    });
  } finally {
    await source.close();
  }
}

/** Reads the number of state items. */
export async function readStateCount(
  { reader }: ReadParts,
  { version }: GetNumberOfStatesAtVersion,
): Promise<ReadAnswer<NumberOfStatesAtVersion>> {
  const count = await reader.stateCount(version);
  return { response: { kind: "numberOfStatesAtVersion", version, count }, lifetime: "immutable" };
}

/** Number of the indexes asked for that are there. */
function availableItems({ version, firstIndex, lastIndex }: GetStateValuesWithProof, stateCount: bigint): number {
  if (firstIndex >= stateCount) {
    throw new SyncError(
      "NOT_SERVICEABLE",
      `Cannot read state values from index ${firstIndex}: there are ${stateCount} at version ${version}`,
      { detail: { stateCount } },
    );
  }
  const lastThere = lastIndex < stateCount ? lastIndex : stateCount - 1n;
  return Number(lastThere - firstIndex + 1n);
}

/** The columns of runs; their key hashes, which do not travel, are added to a list. */
async function* columnRuns(runs: AsyncIterable<StateRun>, keyHashes: Uint8Array[]): AsyncGenerator<ColumnRun> {
  for await (const run of runs) {
    keyHashes.push(run.keyHashes);
    yield [run.stateKeys, run.stateValues];
  }
}

/** Hash number `index` of flat lists of hashes that follow each other. */
function hashAt(lists: readonly Uint8Array[], index: number): Uint8Array {
  let offset = index * WIRE_HASH_BYTES;
  for (const list of lists) {
    if (offset < list.length) return list.slice(offset, offset + WIRE_HASH_BYTES);
    offset -= list.length;
  }
  throw new SyncError("INTERNAL", `Cannot answer: the store gave no key ${index}`);
}

/** Which checkpoint to read and the ledger info to prove it in. */
export interface StateValuesTarget {
  /** A tree version. */
  readonly checkpoint: bigint;
  /** At or above the checkpoint. */
  readonly ledgerInfo: LedgerInfoWithSignatures;
}

/**
 * Reads one value, or proves its absence, for each key hash. All of them or none: such an answer has no shorter form.
 *
 * @throws {SyncError} `NOT_A_CHECKPOINT` if the version is none; `TOO_LARGE` if the answer is above the byte limit; that of
 *   one key has the server's own.
 */
export async function readStateValues(
  { reader, config }: ReadParts,
  request: GetStateValuesByKeyHash,
  target: StateValuesTarget,
): Promise<StateValuesByKeyHash> {
  const { checkpoint, ledgerInfo } = target;
  const proofVersion = ledgerInfo.ledgerInfo.commitInfo.version;
  const limit = valuesLimit(request, config) - ANSWER_OVERHEAD_BYTES - ledgerInfo.bytes.length;
  const chunk = await reader.readChunk({ firstVersion: checkpoint, count: 1, maxBytes: 1 });
  return {
    kind: "stateValuesByKeyHash",
    checkpoint,
    proofVersion,
    values: await readValues(reader, { checkpoint, keyHashes: request.keyHashes, maxBytes: limit }),
    transactionInfo: chunk.infos.data,
    accumulatorSiblings: await reader.inclusionProof(checkpoint, proofVersion),
    ledgerInfo: ledgerInfo.bytes,
  };
}

/** Head of an array and those of its six byte strings, at most. */
const VALUE_OVERHEAD_BYTES = 1 + 6 * 5;

async function readValues(
  reader: LedgerReader,
  { checkpoint, keyHashes, maxBytes }: { checkpoint: bigint; keyHashes: Uint8Array; maxBytes: number },
): Promise<StateValueWithProof[]> {
  const values: StateValueWithProof[] = [];
  let bytes = 0;
  for (let at = 0; at < keyHashes.length; at += WIRE_HASH_BYTES) {
    const keyHash = keyHashes.subarray(at, at + WIRE_HASH_BYTES);
    const value = { keyHash, ...await reader.stateValue(checkpoint, keyHash) };
    bytes += valueBytes(value);
    if (bytes > maxBytes) {
      throw new SyncError(
        "TOO_LARGE",
        `Cannot answer with the values of ${keyHashes.length / WIRE_HASH_BYTES} keys: at most ${maxBytes} bytes, ` +
          `current value is at least ${bytes}`,
        { detail: { limit: maxBytes, value: bytes } },
      );
    }
    values.push(value);
  }
  return values;
}

function valueBytes({ stateKey, stateValue, proof }: StateValueWithProof): number {
  const item = (stateKey?.length ?? 0) + (stateValue?.length ?? 0);
  const leaf = proof.leaf === undefined ? 0 : 2 * WIRE_HASH_BYTES;
  return VALUE_OVERHEAD_BYTES + WIRE_HASH_BYTES + item + leaf + proof.siblings.length;
}

/** As for every answer without a limit of its client's: one item may have more. */
function valuesLimit({ keyHashes }: GetStateValuesByKeyHash, config: StorageServiceConfig): number {
  return keyHashes.length > WIRE_HASH_BYTES ? pathByteLimit(config) : config.maxNetworkChunkBytesV2;
}
