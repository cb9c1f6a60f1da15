/**
 * Keyless accounts: keys and signatures that stand for a login with an OpenID provider.
 *
 * @module
 */
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";
import { readWebAuthnAssertion, type WebAuthnAssertion, writeWebAuthnAssertion } from "./web-authn.ts";

/** Who may sign for a keyless account. */
export interface KeylessPublicKey {
  /** Issuer of the login. */
  readonly issuer: string;
  /** Commitment to the identity. */
  readonly identityCommitment: Uint8Array;
}

/** A signature of a keyless account. */
export interface KeylessSignature {
  readonly certificate: EphemeralCertificate;
  readonly jwtHeaderJson: string;
  /** Seconds since 1970 at which the ephemeral key expires. */
  readonly expirySecs: bigint;
  readonly ephemeralPublicKey: EphemeralPublicKey;
  readonly ephemeralSignature: EphemeralSignature;
}

/** Ties an ephemeral key to a login. */
type EphemeralCertificate =
  | {
    readonly kind: "zeroKnowledge";
    /** 128 bytes of a Groth16 proof: a (32), b (64), c (32). */
    readonly proof: Uint8Array;
    readonly expiryHorizonSecs: bigint;
    readonly extraField?: string | undefined;
    readonly overrideAudience?: string | undefined;
    readonly trainingWheelsSignature?: EphemeralSignature | undefined;
  }
  | {
    readonly kind: "openId";
    readonly jwtSignature: Uint8Array;
    readonly jwtPayloadJson: string;
    readonly uidKey: string;
    readonly ephemeralKeyBlinder: Uint8Array;
    /** 31 bytes. */
    readonly pepper: Uint8Array;
    readonly identityAudience?: string | undefined;
  };

/** A key made for one login. */
interface EphemeralPublicKey {
  readonly kind: "ed25519" | "secp256r1Ecdsa";
  readonly publicKey: Uint8Array;
}

/** A signature by an ephemeral key. */
export type EphemeralSignature =
  | { readonly kind: "ed25519"; readonly signature: Uint8Array }
  | { readonly kind: "webAuthn"; readonly assertion: WebAuthnAssertion };

const GROTH16_BYTES = 128;
const PEPPER_BYTES = 31;

/**
 * Reads a `KeylessPublicKey`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one.
 */
export function readKeylessPublicKey(cursor: BcsCursor): KeylessPublicKey {
  return { issuer: cursor.text(), identityCommitment: cursor.byteString() };
}

/** Writes a `KeylessPublicKey`. */
export function writeKeylessPublicKey(writer: BcsWriter, key: KeylessPublicKey): void {
  writer.text(key.issuer).byteString(key.identityCommitment);
}

/**
 * Reads a `KeylessSignature`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know a variant in it.
 */
export function readKeylessSignature(cursor: BcsCursor): KeylessSignature {
  return {
    certificate: readCertificate(cursor),
    jwtHeaderJson: cursor.text(),
    expirySecs: cursor.u64(),
    ephemeralPublicKey: readEphemeralPublicKey(cursor),
    ephemeralSignature: readEphemeralSignature(cursor),
  };
}

/** Writes a `KeylessSignature`. */
export function writeKeylessSignature(writer: BcsWriter, signature: KeylessSignature): void {
  writeCertificate(writer, signature.certificate);
  writer.text(signature.jwtHeaderJson).u64(signature.expirySecs);
  const { kind, publicKey } = signature.ephemeralPublicKey;
  writer.uleb128(kind === "ed25519" ? 0 : 1).byteString(publicKey);
  writeEphemeralSignature(writer, signature.ephemeralSignature);
}

function readCertificate(cursor: BcsCursor): EphemeralCertificate {
  const variant = cursor.uleb128();
  if (variant > 1) throw unsupportedVariant("EphemeralCertificate", variant);
  if (variant === 1) {
    return {
      kind: "openId",
      jwtSignature: cursor.byteString(),
      jwtPayloadJson: cursor.text(),
      uidKey: cursor.text(),
      ephemeralKeyBlinder: cursor.byteString(),
      pepper: cursor.raw(PEPPER_BYTES),
      identityAudience: cursor.option((inner) => inner.text()),
    };
  }
  const system = cursor.uleb128();
  if (system !== 0) throw unsupportedVariant("ZKP", system);
  return {
    kind: "zeroKnowledge",
    proof: cursor.raw(GROTH16_BYTES),
    expiryHorizonSecs: cursor.u64(),
    extraField: cursor.option((inner) => inner.text()),
    overrideAudience: cursor.option((inner) => inner.text()),
    trainingWheelsSignature: cursor.option(readEphemeralSignature),
  };
}

function writeCertificate(writer: BcsWriter, certificate: EphemeralCertificate): void {
  if (certificate.kind === "openId") {
    writer.uleb128(1).byteString(certificate.jwtSignature).text(certificate.jwtPayloadJson).text(certificate.uidKey);
    writer.byteString(certificate.ephemeralKeyBlinder).raw(certificate.pepper);
    writer.option(certificate.identityAudience, writeText);
    return;
  }
  writer.uleb128(0).uleb128(0).raw(certificate.proof).u64(certificate.expiryHorizonSecs);
  writer.option(certificate.extraField, writeText).option(certificate.overrideAudience, writeText);
  writer.option(certificate.trainingWheelsSignature, writeEphemeralSignature);
}

function readEphemeralPublicKey(cursor: BcsCursor): EphemeralPublicKey {
  const variant = cursor.uleb128();
  if (variant > 1) throw unsupportedVariant("EphemeralPublicKey", variant);
  return { kind: variant === 0 ? "ed25519" : "secp256r1Ecdsa", publicKey: cursor.byteString() };
}

function readEphemeralSignature(cursor: BcsCursor): EphemeralSignature {
  const variant = cursor.uleb128();
  if (variant > 1) throw unsupportedVariant("EphemeralSignature", variant);
  if (variant === 0) return { kind: "ed25519", signature: cursor.byteString() };
  return { kind: "webAuthn", assertion: readWebAuthnAssertion(cursor) };
}

function writeEphemeralSignature(writer: BcsWriter, signature: EphemeralSignature): void {
  if (signature.kind === "ed25519") writer.uleb128(0).byteString(signature.signature);
  else writeWebAuthnAssertion(writer.uleb128(1), signature.assertion);
}

function writeText(writer: BcsWriter, text: string): void {
  writer.text(text);
}
