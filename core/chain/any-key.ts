/**
 * Public keys and signatures of any scheme, as accounts with one or several keys use them.
 *
 * Layout only: whether a key is a point or a signature holds is the chain's business, which has executed the transaction.
 *
 * @module
 */
import { ADDRESS_BYTES } from "./address.ts";
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import {
  type KeylessPublicKey,
  type KeylessSignature,
  readKeylessPublicKey,
  readKeylessSignature,
  writeKeylessPublicKey,
  writeKeylessSignature,
} from "./keyless.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";
import { readWebAuthnAssertion, type WebAuthnAssertion, writeWebAuthnAssertion } from "./web-authn.ts";

/** A public key of any scheme. */
export type AnyPublicKey =
  | {
    readonly kind: "ed25519" | "secp256k1Ecdsa" | "secp256r1Ecdsa" | "slhDsaSha2128s";
    readonly publicKey: Uint8Array;
  }
  | { readonly kind: "keyless"; readonly keyless: KeylessPublicKey }
  | {
    readonly kind: "federatedKeyless";
    /** 32-byte address that lists the issuer's keys. */
    readonly jwkAddress: Uint8Array;
    readonly keyless: KeylessPublicKey;
  };

/** A signature of any scheme. */
export type AnySignature =
  | { readonly kind: "ed25519" | "secp256k1Ecdsa" | "slhDsaSha2128s"; readonly signature: Uint8Array }
  | { readonly kind: "webAuthn"; readonly assertion: WebAuthnAssertion }
  | { readonly kind: "keyless"; readonly keyless: KeylessSignature };

const KEY_KINDS = [
  "ed25519",
  "secp256k1Ecdsa",
  "secp256r1Ecdsa",
  "keyless",
  "federatedKeyless",
  "slhDsaSha2128s",
] as const;
const SIGNATURE_KINDS = ["ed25519", "secp256k1Ecdsa", "webAuthn", "keyless", "slhDsaSha2128s"] as const;

/**
 * Reads an `AnyPublicKey`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know its scheme.
 */
export function readAnyPublicKey(cursor: BcsCursor): AnyPublicKey {
  const variant = cursor.uleb128();
  const kind = KEY_KINDS[variant];
  switch (kind) {
    case undefined:
      throw unsupportedVariant("AnyPublicKey", variant);
    case "keyless":
      return { kind, keyless: readKeylessPublicKey(cursor) };
    case "federatedKeyless":
      return { kind, jwkAddress: cursor.raw(ADDRESS_BYTES), keyless: readKeylessPublicKey(cursor) };
    default:
      return { kind, publicKey: cursor.byteString() };
  }
}

/** Writes an `AnyPublicKey`. */
export function writeAnyPublicKey(writer: BcsWriter, key: AnyPublicKey): void {
  writer.uleb128(KEY_KINDS.indexOf(key.kind));
  if (key.kind === "federatedKeyless") writer.raw(key.jwkAddress);
  if (key.kind === "keyless" || key.kind === "federatedKeyless") writeKeylessPublicKey(writer, key.keyless);
  else writer.byteString(key.publicKey);
}

/**
 * Reads an `AnySignature`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know its scheme.
 */
export function readAnySignature(cursor: BcsCursor): AnySignature {
  const variant = cursor.uleb128();
  const kind = SIGNATURE_KINDS[variant];
  switch (kind) {
    case undefined:
      throw unsupportedVariant("AnySignature", variant);
    case "webAuthn":
      return { kind, assertion: readWebAuthnAssertion(cursor) };
    case "keyless":
      return { kind, keyless: readKeylessSignature(cursor) };
    default:
      return { kind, signature: cursor.byteString() };
  }
}

/** Writes an `AnySignature`. */
export function writeAnySignature(writer: BcsWriter, signature: AnySignature): void {
  writer.uleb128(SIGNATURE_KINDS.indexOf(signature.kind));
  if (signature.kind === "webAuthn") writeWebAuthnAssertion(writer, signature.assertion);
  else if (signature.kind === "keyless") writeKeylessSignature(writer, signature.keyless);
  else writer.byteString(signature.signature);
}
