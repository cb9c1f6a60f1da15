/**
 * Signatures on any runtime with web globals: Ed25519 in WebCrypto, the rest in plain TypeScript.
 *
 * @module
 */
import type { SignatureVerifier } from "../../core/ports/signatures.ts";
import { createNobleBls12381 } from "../../core/trust/bls12381-noble.ts";
import { createNobleEd25519 } from "../../core/trust/ed25519-noble.ts";
import { createWebCryptoEd25519 } from "../../core/trust/ed25519-webcrypto.ts";
import { createSignatureVerifier } from "../../core/trust/signature-verifier.ts";

/** Creates a verifier for both validator schemes. Keep it: parsed BLS keys are cached in it. */
export function createWebSignatureVerifier(): SignatureVerifier {
  return createSignatureVerifier({
    ed25519: createWebCryptoEd25519(crypto.subtle, createNobleEd25519()),
    bls12381: createNobleBls12381(),
  });
}
