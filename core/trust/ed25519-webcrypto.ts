/**
 * The Ed25519 equation in WebCrypto: about ten times the speed of plain bigints.
 *
 * @module
 */
import type { Ed25519Subtle } from "../ports/signatures.ts";
import type { Ed25519Equation } from "./ed25519-acceptance.ts";

/**
 * Creates a backend over WebCrypto.
 *
 * @param subtle The runtime's `crypto.subtle`. Kept.
 * @param fallback Decides whenever WebCrypto throws instead of answering: where the runtime has no Ed25519, and where it
 *   refuses to import a key that is no point of the curve. So the verdict never depends on which of the two a runtime does.
 */
export function createWebCryptoEd25519(subtle: Ed25519Subtle, fallback: Ed25519Equation): Ed25519Equation {
  return {
    async holds(publicKey, signature, message) {
      try {
        // WebCrypto takes no views of shared memory; slices are always plain.
        const key = await subtle.importKey("raw", publicKey.slice(), "Ed25519", false, ["verify"]);
        return await subtle.verify("Ed25519", key, signature.slice(), message.slice());
      } catch {
        return fallback.holds(publicKey, signature, message);
      }
    },
  };
}
