/**
 * Port: signatures of validators.
 *
 * @module
 */

/** One Ed25519 signature over a message that the caller knows. */
export interface Ed25519Signature {
  /** 32 bytes in a valid claim; any length is accepted and refused as invalid. */
  readonly publicKey: Uint8Array;
  /** 64 bytes in a valid claim; any length is accepted and refused as invalid. */
  readonly signature: Uint8Array;
}

/**
 * Decides whether signatures hold. Messages are the exact signed bytes, not hashes of them.
 *
 * Guarantees every implementation must keep:
 * - a wrong signature, key or length is `false`, never an error; errors are for a backend that is broken or missing;
 * - the verdict on any input is the same in every runtime; for Ed25519 it is that of `core/trust/ed25519-acceptance.ts`;
 * - arguments are neither kept nor changed.
 */
export interface SignatureVerifier {
  /**
   * Tells whether every one of `signatures` is a valid Ed25519 signature over `message`. True for none.
   *
   * @throws {SyncError} `UNSUPPORTED` if this verifier was built without Ed25519.
   */
  verifyEd25519(message: Uint8Array, signatures: readonly Ed25519Signature[]): Promise<boolean>;
  /**
   * Tells whether `signature` is the BLS12-381 multi-signature (min-pk, proof-of-possession scheme) of all `publicKeys` over
   * `message`. Proves something only over keys that are trusted already: an untrusted one may cancel the others out.
   *
   * @param publicKeys 48-byte compressed keys. None is `false`.
   * @param signature 96-byte compressed signature.
   * @throws {SyncError} `UNSUPPORTED` if this verifier was built without BLS12-381.
   */
  verifyBls12381(message: Uint8Array, publicKeys: readonly Uint8Array[], signature: Uint8Array): Promise<boolean>;
}

/**
 * The part of the web's `SubtleCrypto` that Ed25519 needs. A runtime's `crypto.subtle` fits as it is; core has no `crypto`
 * of its own.
 */
export interface Ed25519Subtle {
  /** Imports a raw public key. */
  importKey(
    format: "raw",
    keyData: Uint8Array<ArrayBuffer>,
    algorithm: "Ed25519",
    extractable: boolean,
    keyUsages: "verify"[],
  ): Promise<unknown>;
  /** Verifies one signature. */
  verify(
    algorithm: "Ed25519",
    key: unknown,
    signature: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}
