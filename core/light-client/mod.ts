/**
 * What a light client verifies with: from a waypoint or a trusted state to a trusted ledger info, and from there to
 * transactions and state values with their proofs.
 *
 * Nothing here fetches; whoever supplies the bytes is not trusted. Leave {@link createNobleBls12381} out where the chain's
 * validators sign with Ed25519: a bundler then drops BLS12-381, half of the code.
 *
 * @example What is trusted at the start: one waypoint
 * ```ts
 * import { formatWaypoint, isSyncError, parseWaypoint } from "@velor/state-sync/light-client";
 *
 * const text = `0:${"6072b68a942aace147e0655c5704beaa255c84a7829baa4e72a500f1516584c4"}`;
 * const waypoint = parseWaypoint(text);
 * if (waypoint.version !== 0n || formatWaypoint(waypoint) !== text) throw new Error("not what was said");
 *
 * try {
 *   parseWaypoint("0:6072");
 * } catch (error) {
 *   if (!isSyncError(error, "INVALID_ARGUMENT")) throw error;
 * }
 * ```
 *
 * @module
 */

export { type ChainContext, createChainContext } from "../chain/hash.ts";
export { createNobleHasher } from "../chain/noble-hasher.ts";
export {
  decodeLedgerInfoWithSignatures,
  type EpochState,
  type LedgerInfoWithSignatures,
} from "../chain/ledger-info.ts";
export { APTOS_PROFILE, type ChainProfile, VELOR_PROFILE } from "../chain/profile.ts";
export { decodeStateKey, encodeStateKey, hashStateKey, type StateKey } from "../chain/state-key.ts";
export { decodeStateValue, type StateValue } from "../chain/state-value.ts";
export { decodeTransactionInfo, type TransactionInfo } from "../chain/transaction-info.ts";
export { isSyncError, SyncError, type SyncErrorCode, type SyncFault } from "../errors.ts";
export type { SparseMerkleProof } from "../merkle/sparse.ts";
export type { Hasher } from "../ports/hasher.ts";
export type { Ed25519Subtle, SignatureVerifier } from "../ports/signatures.ts";
export { type Bls12381MultiSignature, createNobleBls12381 } from "../trust/bls12381-noble.ts";
export type { Ed25519Equation } from "../trust/ed25519-acceptance.ts";
export { createNobleEd25519 } from "../trust/ed25519-noble.ts";
export { createWebCryptoEd25519 } from "../trust/ed25519-webcrypto.ts";
export { decodeEpochChangeProof, type EpochChangeProof } from "../trust/epoch-change.ts";
export { type LedgerProgressClaim, ratchet, type RatchetResult } from "../trust/ratchet.ts";
export { createSignatureVerifier, type SignatureBackends } from "../trust/signature-verifier.ts";
export { decodeTrustedState, encodeTrustedState, type TrustedState } from "../trust/trusted-state.ts";
export { type SignerTally, verifyLedgerInfo } from "../trust/validator-verifier.ts";
export type { Verified } from "../trust/verified.ts";
export { formatWaypoint, parseWaypoint, type Waypoint } from "../trust/waypoint.ts";
export { type StateRead, type StateReadClaim, verifyStateRead } from "./verified-read.ts";
