/**
 * Contexts and a signature verifier for tests, made once.
 *
 * @module
 */
import { type ChainContext, createChainContext } from "../../core/chain/hash.ts";
import { createNobleHasher } from "../../core/chain/noble-hasher.ts";
import { APTOS_PROFILE, VELOR_PROFILE } from "../../core/chain/profile.ts";
import type { SyncErrorCode } from "../../core/errors.ts";
import type { SignatureVerifier } from "../../core/ports/signatures.ts";
import { createNobleBls12381 } from "../../core/trust/bls12381-noble.ts";
import { createNobleEd25519 } from "../../core/trust/ed25519-noble.ts";
import { createSignatureVerifier } from "../../core/trust/signature-verifier.ts";

/** BLS12-381 multi-signatures, `APTOS::`. */
export const APTOS: ChainContext = createChainContext(APTOS_PROFILE, createNobleHasher());
/** Ed25519 signatures, `VELOR::`. */
export const VELOR: ChainContext = createChainContext(VELOR_PROFILE, createNobleHasher());
/** Verifies both schemes without any help of the runtime. */
export const VERIFIER: SignatureVerifier = createSignatureVerifier({
  ed25519: createNobleEd25519(),
  bls12381: createNobleBls12381(),
});

/** What `expect(…).toThrow` and `rejects.toMatchObject` compare a refusal with. */
export function refusal(code: SyncErrorCode): { readonly name: "SyncError"; readonly code: SyncErrorCode } {
  return { name: "SyncError", code };
}

/** The error that `action` throws or rejects with, or `undefined` if it does neither. */
export async function errorOf(action: () => unknown): Promise<unknown> {
  try {
    await action();
    return undefined;
  } catch (error) {
    return error;
  }
}
