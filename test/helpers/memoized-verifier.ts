/**
 * A signature verifier that remembers its verdicts, for tests that verify the same chain hundreds of times.
 *
 * @module
 */
import { encodeHex } from "../../core/bytes/hex.ts";
import type { SignatureVerifier } from "../../core/ports/signatures.ts";

/** Remembers what `verifier` decides. The verdict on any input is a function of that input, so nothing changes. */
export function withMemory(verifier: SignatureVerifier): SignatureVerifier {
  const verdicts = new Map<string, Promise<boolean>>();
  const remember = (key: string, decide: () => Promise<boolean>): Promise<boolean> => {
    const verdict = verdicts.get(key) ?? decide();
    verdicts.set(key, verdict);
    return verdict;
  };
  return {
    async verifyEd25519(message, signatures) {
      const decided = await Promise.all(signatures.map((one) => {
        const key = [message, one.publicKey, one.signature].map(encodeHex).join(":");
        return remember(key, () => verifier.verifyEd25519(message, [one]));
      }));
      return decided.every((verdict) => verdict);
    },
    verifyBls12381(message, publicKeys, signature) {
      const key = [message, ...publicKeys, signature].map(encodeHex).join(":");
      return remember(key, () => verifier.verifyBls12381(message, publicKeys, signature));
    },
  };
}
