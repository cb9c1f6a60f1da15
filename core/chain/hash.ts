/**
 * Domain-separated hashing: every hashed type has a seed of its own.
 *
 * `hash(x: T) = SHA3-256(seed(T) ‖ preimage)` with `seed(T) = SHA3-256(prefix ‖ T)`. Accumulator leaves are the hashes of
 * transaction infos and events as they are; placeholders are ASCII, padded with zeros, and never hashed.
 *
 * @module
 */
import { utf8Bytes } from "../bytes/bytes.ts";
import type { Hasher } from "../ports/hasher.ts";
import type { ChainProfile } from "./profile.ts";

/** Length of every hash of this family, in bytes. */
export const HASH_BYTES = 32;

/** 32 zero bytes: "no hash". */
export const ZERO_HASH: Uint8Array = /* @__PURE__ */ new Uint8Array(HASH_BYTES);

/** 32 bytes that stand for an absent subtree of any height in an accumulator. */
export const ACCUMULATOR_PLACEHOLDER_HASH: Uint8Array = /* @__PURE__ */ paddedAscii("ACCUMULATOR_PLACEHOLDER_HASH");

/** 32 bytes that stand for an empty subtree of the sparse Merkle tree. */
export const SPARSE_MERKLE_PLACEHOLDER_HASH: Uint8Array = /* @__PURE__ */ paddedAscii("SPARSE_MERKLE_PLACEHOLDER_HASH");

const NO_SEED = new Uint8Array(0);

/** 32-byte seed of each hashed type. */
export interface Seeds {
  readonly ledgerInfo: Uint8Array;
  readonly transaction: Uint8Array;
  readonly transactionInfo: Uint8Array;
  readonly contractEvent: Uint8Array;
  readonly writeSet: Uint8Array;
  readonly stateKey: Uint8Array;
  readonly stateValue: Uint8Array;
  readonly sparseMerkleLeafNode: Uint8Array;
  readonly sparseMerkleInternal: Uint8Array;
  readonly transactionAccumulator: Uint8Array;
  readonly eventAccumulator: Uint8Array;
  readonly waypoint: Uint8Array;
  readonly persistedAuxiliaryInfo: Uint8Array;
  readonly rawTransaction: Uint8Array;
}

/** A chain's rules bound to a hasher: what every verifier and builder is given. */
export interface ChainContext {
  readonly profile: ChainProfile;
  readonly hasher: Hasher;
  readonly seeds: Seeds;
}

/**
 * Binds a profile to a hasher. Hashes the seeds once; share the result.
 *
 * @param hasher Kept.
 */
export function createChainContext(profile: ChainProfile, hasher: Hasher): ChainContext {
  const seed = (typeName: string) => hasher.hash(NO_SEED, utf8Bytes(profile.seedPrefix + typeName));
  return {
    profile,
    hasher,
    seeds: {
      ledgerInfo: seed("LedgerInfo"),
      transaction: seed("Transaction"),
      transactionInfo: seed("TransactionInfo"),
      contractEvent: seed("ContractEvent"),
      writeSet: seed("WriteSet"),
      stateKey: seed("StateKey"),
      stateValue: seed("StateValue"),
      sparseMerkleLeafNode: seed("SparseMerkleLeafNode"),
      sparseMerkleInternal: seed("SparseMerkleInternal"),
      transactionAccumulator: seed("TransactionAccumulator"),
      eventAccumulator: seed("EventAccumulator"),
      waypoint: seed("Ledger2WaypointConverter"),
      persistedAuxiliaryInfo: seed("PersistedAuxiliaryInfo"),
      rawTransaction: seed("RawTransaction"),
    },
  };
}

function paddedAscii(text: string): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTES);
  bytes.set(utf8Bytes(text));
  return bytes;
}
