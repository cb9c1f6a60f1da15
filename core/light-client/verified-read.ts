/**
 * One verified read: from a trusted ledger info down to the value of one key.
 *
 * The chain of hashes: value → sparse Merkle root → transaction info → accumulator root → ledger info.
 * Source: formats §4.2, §5.3. Pure: no I/O, no clock, no randomness.
 *
 * @module
 */
import type { ChainContext } from "../chain/hash.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { decodeTransactionInfo } from "../chain/transaction-info.ts";
import { SyncError } from "../errors.ts";
import { verifyInclusion } from "../merkle/accumulator-proof.ts";
import { createNodeHash, createSparseHash } from "../merkle/node-hash.ts";
import type { SparseMerkleProof } from "../merkle/sparse.ts";
import { verifySparseProof } from "../merkle/sparse-proof.ts";
import { markVerified, type Verified } from "../trust/verified.ts";

/** That a key had a value, or none, as of one version. */
export interface StateRead {
  /** Version of the state that was read: one that ends a block. */
  readonly version: bigint;
  /** 32-byte hash of the state key: computed by whoever asks, never taken from the answer. */
  readonly keyHash: Uint8Array;
  /** 32-byte hash of the state value that was answered; `undefined` says that the key has none. */
  readonly valueHash: Uint8Array | undefined;
}

/** A read and the proof of it, as a peer sent them. */
export interface StateReadClaim extends StateRead {
  /** From the value to the state root at `version`. */
  readonly stateProof: SparseMerkleProof;
  /** BCS of the transaction info at `version`. */
  readonly transactionInfo: Uint8Array;
  /** From that info to the accumulator root of the ledger info: siblings from the leaf up, flat. */
  readonly infoSiblings: Uint8Array;
}

/**
 * Verifies one read against a ledger info that is trusted already.
 *
 * Proves what the state was at `claim.version`, not that this is recent: compare the ledger info's time with the clock.
 *
 * @param ledgerInfo From `verifyLedgerInfo` or the ratchet.
 * @returns What is proven: version, key hash and value hash of `claim`.
 * @throws {SyncError} `INVALID_ARGUMENT` if `keyHash` has not 32 bytes.
 * @throws {SyncError} `PROOF_MISMATCH` if the version lies beyond the ledger info or ends no block, or a hash does not lead to the next.
 * @throws {SyncError} `MALFORMED_BCS` if the transaction info is proven, but is not one.
 * @throws {SyncError} `UNSUPPORTED` if the transaction info is proven, but of a layout that this build does not know.
 */
export function verifyStateRead(
  context: ChainContext,
  ledgerInfo: Verified<LedgerInfoWithSignatures>,
  claim: StateReadClaim,
): Verified<StateRead> {
  const { hasher, seeds } = context;
  const { version: ledgerVersion, executedStateId } = ledgerInfo.ledgerInfo.commitInfo;
  const { version, keyHash, valueHash } = claim;
  if (version > ledgerVersion) {
    throw mismatch(`the ledger info ends at version ${ledgerVersion}, current value is ${version}`);
  }
  verifyInclusion({
    leafHash: hasher.hash(seeds.transactionInfo, claim.transactionInfo),
    leafIndex: version,
    leafCount: ledgerVersion + 1n,
    siblings: claim.infoSiblings,
    root: executedStateId,
  }, createNodeHash(hasher, seeds.transactionAccumulator));
  // Decoded only now that it is proven: an unknown layout then blames nobody.
  const { stateCheckpointHash } = decodeTransactionInfo(claim.transactionInfo);
  if (stateCheckpointHash === undefined) throw mismatch(`version ${version} ends no block`);
  verifySparseProof(
    { key: keyHash, valueHash, proof: claim.stateProof, root: stateCheckpointHash },
    createSparseHash(hasher, seeds),
  );
  return markVerified({ version, keyHash, valueHash });
}

function mismatch(reason: string): SyncError {
  return new SyncError("PROOF_MISMATCH", `Cannot verify read: ${reason}`);
}
