/**
 * Signatures made by passkeys.
 *
 * @module
 */
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";

/** What a passkey signed, as far as the chain cannot work it out. */
export interface WebAuthnAssertion {
  /** Signature over the P-256 curve. */
  readonly signature: Uint8Array;
  readonly authenticatorData: Uint8Array;
  readonly clientDataJson: Uint8Array;
}

/**
 * Reads a `PartialAuthenticatorAssertionResponse`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know its scheme.
 */
export function readWebAuthnAssertion(cursor: BcsCursor): WebAuthnAssertion {
  const variant = cursor.uleb128();
  if (variant !== 0) throw unsupportedVariant("AssertionSignature", variant);
  return {
    signature: cursor.byteString(),
    authenticatorData: cursor.byteString(),
    clientDataJson: cursor.byteString(),
  };
}

/** Writes a `PartialAuthenticatorAssertionResponse`. */
export function writeWebAuthnAssertion(writer: BcsWriter, assertion: WebAuthnAssertion): void {
  writer.uleb128(0).byteString(assertion.signature);
  writer.byteString(assertion.authenticatorData).byteString(assertion.clientDataJson);
}
