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
 * @example One value, proven from the waypoint
 * ```ts
 * import { buildDevnet } from "@velor/state-sync/adapters/devnet";
 * import { createStorageServiceApp } from "@velor/state-sync/adapters/http";
 * import { createWebClock } from "@velor/state-sync/adapters/web";
 * import {
 *   createChainContext,
 *   createNobleEd25519,
 *   createNobleHasher,
 *   createSignatureVerifier,
 *   decodeEpochEndings,
 *   decodeHex,
 *   decodeStateAnswer,
 *   decodeStateValue,
 *   encodeHex,
 *   encodeStateKey,
 *   hashStateKey,
 *   ratchet,
 *   resourceStateKey,
 *   VELOR_PROFILE,
 *   verifyStateRead,
 * } from "@velor/state-sync/light-client";
 * import { createStorageServer, DEFAULT_STORAGE_SERVICE_CONFIG, SILENT_LOG } from "@velor/state-sync/storage-service";
 *
 * const context = createChainContext(VELOR_PROFILE, createNobleHasher());
 * const verifier = createSignatureVerifier({ ed25519: createNobleEd25519() });
 *
 * // A chain, and a peer that serves it: here both in the same process.
 * const { ledger: reader, waypoint } = await buildDevnet({ context, blocks: 3, accounts: 4, epochBlocks: 2 });
 * const [clock, log] = [createWebClock(), SILENT_LOG];
 * const server = createStorageServer({ reader, context, config: DEFAULT_STORAGE_SERVICE_CONFIG, clock, log });
 * const sha3 = (bytes: Uint8Array) => context.hasher.hash(new Uint8Array(0), bytes);
 * const peer = createStorageServiceApp({ server, sha3, nowMs: clock.nowMs, log });
 * // On a page: `fetch(PEER + path)`.
 * const get = async (path: string) => new Uint8Array(await (await peer.request(path)).arrayBuffer());
 *
 * // The chain's own clock: a resource at 0x1.
 * const address = decodeHex("1".padStart(64, "0"));
 * const type = { address, module: "timestamp", name: "CurrentTimeMicroseconds", typeArguments: [] };
 * const keyHash = hashStateKey(context, encodeStateKey(resourceStateKey(address, type)));
 *
 * // Ask, and take the answers apart: claims.
 * const state = await get(`/v1/state/latest/${encodeHex(keyHash)}`);
 * const { value, claim, ledgerInfo: latest } = decodeStateAnswer(context, state, keyHash);
 * const epochs = await get(`/v1/epochs/0-${latest.ledgerInfo.commitInfo.epoch - 1n}`);
 * const epochChangeProof = decodeEpochEndings(epochs, context.profile);
 *
 * // Prove: the waypoint vouches for the first validators, these for the next, the last for the ledger info, that for the
 * // value. Where more epochs have passed than a server sends at once, `epochChangeProof.more` says so: ask for the rest.
 * const trusted = { kind: "epochWaypoint", waypoint } as const;
 * const { ledgerInfo } = await ratchet(context, trusted, { latest, epochChangeProof }, verifier);
 * if (ledgerInfo === undefined || value === undefined) throw new Error("nothing to prove");
 * verifyStateRead(context, ledgerInfo, claim);
 * const { data } = decodeStateValue(value);
 * const timeUsecs = new DataView(data.buffer, data.byteOffset).getBigUint64(0, true);
 * if (timeUsecs !== latest.ledgerInfo.commitInfo.timestampUsecs) throw new Error("the clock stands elsewhere");
 * ```
 *
 * @module
 */

export { decodeHex, encodeHex } from "../bytes/hex.ts";
export { type ChainContext, createChainContext } from "../chain/hash.ts";
export { createNobleHasher } from "../chain/noble-hasher.ts";
export type { EpochState } from "../chain/epoch-state.ts";
export { decodeLedgerInfoWithSignatures, type LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
export { APTOS_PROFILE, type ChainProfile, VELOR_PROFILE } from "../chain/profile.ts";
export { decodeStateKey, encodeStateKey, hashStateKey, resourceStateKey, type StateKey } from "../chain/state-key.ts";
export { decodeStateValue, hashStateValue, type StateValue } from "../chain/state-value.ts";
export { decodeTransactionInfo, type TransactionInfo } from "../chain/transaction-info.ts";
export type { StructTag, TypeTag } from "../chain/type-tag.ts";
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
export { decodeEpochEndings, decodeStateAnswer, type StateAnswer } from "./answers.ts";
export { type StateRead, type StateReadClaim, verifyStateRead } from "./verified-read.ts";
