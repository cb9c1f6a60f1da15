/**
 * The signature verifier that core's verifiers are given: acceptance rules in front of whichever backends there are.
 *
 * A light client that follows a `velor` chain leaves BLS out, and with it 30 KiB of code.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import type { SignatureVerifier } from "../ports/signatures.ts";
import type { Bls12381MultiSignature } from "./bls12381-noble.ts";
import { type Ed25519Equation, isEd25519Acceptable } from "./ed25519-acceptance.ts";

/** Backends of a signature verifier; at least the one that the profile needs. */
export interface SignatureBackends {
  /** For `velor`. */
  readonly ed25519?: Ed25519Equation;
  /** For `aptos`. */
  readonly bls12381?: Bls12381MultiSignature;
}

/**
 * Creates a signature verifier.
 *
 * @param backends Kept.
 */
export function createSignatureVerifier({ ed25519, bls12381 }: SignatureBackends): SignatureVerifier {
  return {
    async verifyEd25519(message, signatures) {
      if (ed25519 === undefined) throw unsupported("Ed25519");
      if (!signatures.every(({ publicKey, signature }) => isEd25519Acceptable(publicKey, signature))) return false;
      // All at once: WebCrypto works on several threads.
      const verdicts = await Promise.all(
        signatures.map(({ publicKey, signature }) => ed25519.holds(publicKey, signature, message)),
      );
      return verdicts.every((verdict) => verdict);
    },
    async verifyBls12381(message, publicKeys, signature) {
      if (bls12381 === undefined) throw unsupported("BLS12-381");
      return bls12381.holds(message, publicKeys, signature);
    },
  };
}

function unsupported(scheme: string): SyncError {
  return new SyncError("UNSUPPORTED", `Cannot verify ${scheme} signatures: this verifier was built without them`);
}
