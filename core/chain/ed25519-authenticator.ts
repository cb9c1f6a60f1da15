/**
 * Ed25519 keys that vouch, one or several: the two variants that account and transaction authenticators both begin with.
 *
 * @module
 */
import type { BcsCursor, BcsWriter } from "./bcs.ts";

/** An Ed25519 key and its signature, or several of both in the chain's own packing. */
export interface Ed25519Authenticator {
  /** `ed25519`: one key (32 bytes) and one signature (64 bytes); `multiEd25519`: several of each. */
  readonly kind: "ed25519" | "multiEd25519";
  /** The key or keys. */
  readonly publicKey: Uint8Array;
  /** The signature or signatures. */
  readonly signature: Uint8Array;
}

/** Variant of one key, in both enums. */
export const ED25519 = 0;
/** Variant of several keys, in both enums. */
export const MULTI_ED25519 = 1;

const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/**
 * Reads what follows the variant. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not canonical, or one key or signature has another length.
 */
export function readEd25519Authenticator(
  cursor: BcsCursor,
  variant: typeof ED25519 | typeof MULTI_ED25519,
): Ed25519Authenticator {
  if (variant === MULTI_ED25519) {
    return { kind: "multiEd25519", publicKey: cursor.byteString(), signature: cursor.byteString() };
  }
  const publicKey = cursor.byteString(PUBLIC_KEY_BYTES);
  return { kind: "ed25519", publicKey, signature: cursor.byteString(SIGNATURE_BYTES) };
}

/** Writes the variant and what follows it. */
export function writeEd25519Authenticator(writer: BcsWriter, authenticator: Ed25519Authenticator): void {
  writer.uleb128(authenticator.kind === "ed25519" ? ED25519 : MULTI_ED25519);
  writer.byteString(authenticator.publicKey).byteString(authenticator.signature);
}
