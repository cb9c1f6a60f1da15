/**
 * Makes exhaustive tests of what signatures cover affordable: one BLS verification costs as much as a thousand hashes.
 *
 * @module
 */
import { equalBytes } from "../../core/bytes/bytes.ts";
import type { SignatureVerifier } from "../../core/ports/signatures.ts";

/** Remembers what a real verifier accepted, and then accepts exactly that and nothing else. */
export interface AcceptedSignatures {
  /** Asks the real verifier, and remembers what it accepts. */
  readonly learning: SignatureVerifier;
  /**
   * Accepts what was remembered, and refuses all else without asking. So a change that gets past *this* verifier asks for a
   * signature over the very same message by the very same keys: nothing that the signature covers has changed.
   */
  readonly only: SignatureVerifier;
}

/** @param verifier The real verifier, which is tested for its own part elsewhere. */
export function acceptedSignatures(verifier: SignatureVerifier): AcceptedSignatures {
  const accepted: Uint8Array[][] = [];
  const isKnown = (parts: readonly Uint8Array[]) =>
    accepted.some((known) => known.length === parts.length && known.every((part, i) => equalBytes(part, parts[i]!)));
  const learn = (verdict: boolean, parts: readonly Uint8Array[]) => {
    if (verdict) accepted.push(parts.map((part) => part.slice()));
    return verdict;
  };
  return {
    learning: {
      verifyEd25519: async (message, claims) =>
        learn(
          await verifier.verifyEd25519(message, claims),
          [message, ...claims.flatMap(({ publicKey, signature }) => [publicKey, signature])],
        ),
      verifyBls12381: async (message, publicKeys, signature) =>
        learn(await verifier.verifyBls12381(message, publicKeys, signature), [message, signature, ...publicKeys]),
    },
    only: {
      verifyEd25519: async (message, claims) =>
        isKnown([message, ...claims.flatMap(({ publicKey, signature }) => [publicKey, signature])]),
      verifyBls12381: async (message, publicKeys, signature) => isKnown([message, signature, ...publicKeys]),
    },
  };
}
