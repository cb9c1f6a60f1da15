/**
 * Signing with Ed25519 private keys, for the devnet's accounts. Every implementation gives the same bytes (RFC 8032 is
 * deterministic), so which one is used decides the speed only.
 *
 * @module
 */
import { ed25519 } from "@noble/curves/ed25519.js";

/** Derives public keys and signs. Synchronous. */
export interface Ed25519Signer {
  /** 32-byte public key of a 32-byte private key (the RFC 8032 seed). */
  publicKey(privateKey: Uint8Array): Uint8Array;
  /** 64-byte signature over `message`. */
  sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
}

/** Creates the portable signer, on `@noble/curves`: about 1,000 signatures a second. */
export function createNobleSigner(): Ed25519Signer {
  return {
    publicKey: (privateKey) => ed25519.getPublicKey(privateKey),
    sign: (privateKey, message) => ed25519.sign(message, privateKey),
  };
}
