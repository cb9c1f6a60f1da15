/**
 * State in answers: chunks by index and values by key hash, as fields. `velor-sync.cddl` has their order.
 *
 * @module
 */
import type { SparseMerkleProof } from "../merkle/sparse.ts";
import { asU64, type CborValue } from "./cbor.ts";
import type { FieldReader } from "./fields.ts";
import { MAX_ACCUMULATOR_SIBLINGS, MAX_KEY_HASHES, MAX_STATE_CHUNK, MAX_STATE_SIBLINGS } from "./limits.ts";
import type { StateValueChunkWithProof, StateValuesByKeyHash, StateValueWithProof } from "./response-types.ts";

/** The fields of a chunk of state. */
export function stateChunkFields(chunk: StateValueChunkWithProof): CborValue[] {
  return [
    asU64(chunk.version),
    asU64(chunk.firstIndex),
    asU64(chunk.lastIndex),
    chunk.firstKey,
    chunk.lastKey,
    chunk.stateKeys.bytes,
    chunk.stateValues.bytes,
    chunk.proof.rightSiblings,
    chunk.rootHash,
  ];
}

/** The fields of state values by key hash. */
export function stateValuesFields(answer: StateValuesByKeyHash): CborValue[] {
  return [
    asU64(answer.checkpoint),
    asU64(answer.proofVersion),
    answer.values.map(({ keyHash, stateKey, stateValue, proof }) => [
      keyHash,
      stateKey ?? null,
      stateValue ?? null,
      proof.leaf === undefined ? null : [proof.leaf.key, proof.leaf.valueHash],
      proof.siblings,
    ]),
    answer.transactionInfo,
    answer.accumulatorSiblings,
    answer.ledgerInfo,
  ];
}

/**
 * Reads a chunk of state.
 *
 * @throws {SyncError} `MALFORMED_FRAME` or `LIMIT_EXCEEDED` if the fields are not those of one.
 */
export function readStateChunk(fields: FieldReader): StateValueChunkWithProof {
  const version = fields.u64();
  const firstIndex = fields.u64();
  const lastIndex = fields.u64();
  const firstKey = fields.hash();
  const lastKey = fields.hash();
  const stateKeys = fields.column({ atMost: MAX_STATE_CHUNK });
  if (stateKeys.count === 0 || BigInt(stateKeys.count) > lastIndex - firstIndex + 1n) {
    throw fields.malformed("has at least one item, and no more than the range");
  }
  const stateValues = fields.column({ exactly: stateKeys.count });
  const proof = { rightSiblings: fields.hashes(MAX_STATE_SIBLINGS) };
  const range = { version, firstIndex, lastIndex, firstKey, lastKey };
  return { kind: "stateValueChunkWithProof", ...range, stateKeys, stateValues, proof, rootHash: fields.hash() };
}

/**
 * Reads state values by key hash.
 *
 * @throws {SyncError} `MALFORMED_FRAME` or `LIMIT_EXCEEDED` if the fields are not those of one.
 */
export function readStateValues(fields: FieldReader): StateValuesByKeyHash {
  return {
    kind: "stateValuesByKeyHash",
    checkpoint: fields.u64(),
    proofVersion: fields.u64(),
    values: fields.list(MAX_KEY_HASHES, "state value", readStateValue),
    transactionInfo: fields.bytes(),
    accumulatorSiblings: fields.hashes(MAX_ACCUMULATOR_SIBLINGS),
    ledgerInfo: fields.bytes(),
  };
}

function readStateValue(fields: FieldReader): StateValueWithProof {
  const keyHash = fields.hash();
  const stateKey = fields.optional((field) => field.bytes());
  const stateValue = fields.optional((field) => field.bytes());
  if ((stateKey === undefined) !== (stateValue === undefined)) throw fields.malformed("comes with its key");
  const leaf = fields.optional((field) =>
    field.array("leaf", (parts) => ({ key: parts.hash(), valueHash: parts.hash() }))
  );
  const siblings = fields.hashes(MAX_STATE_SIBLINGS);
  const proof: SparseMerkleProof = leaf === undefined ? { siblings } : { leaf, siblings };
  return {
    keyHash,
    ...(stateKey === undefined ? {} : { stateKey }),
    ...(stateValue === undefined ? {} : { stateValue }),
    proof,
  };
}
