/**
 * Account authenticators: how one account vouches for a transaction.
 *
 * @module
 */
import { ADDRESS_BYTES } from "./address.ts";
import {
  type AnyPublicKey,
  type AnySignature,
  readAnyPublicKey,
  readAnySignature,
  writeAnyPublicKey,
  writeAnySignature,
} from "./any-key.ts";
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import {
  ED25519,
  type Ed25519Authenticator,
  MULTI_ED25519,
  readEd25519Authenticator,
  writeEd25519Authenticator,
} from "./ed25519-authenticator.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";

/** How one account vouches for a transaction. */
export type AccountAuthenticator =
  | Ed25519Authenticator
  | { readonly kind: "singleKey"; readonly publicKey: AnyPublicKey; readonly signature: AnySignature }
  | {
    readonly kind: "multiKey";
    readonly publicKeys: readonly AnyPublicKey[];
    /** 0 to 255. */
    readonly signaturesRequired: number;
    readonly signatures: readonly AnySignature[];
    /** Which keys signed. */
    readonly bitmap: Uint8Array;
  }
  | { readonly kind: "none" }
  | {
    readonly kind: "abstract";
    readonly function: FunctionInfo;
    readonly signingMessageDigest: Uint8Array;
    readonly signature: Uint8Array;
    /** Present if the account derives from it. */
    readonly accountIdentity?: Uint8Array | undefined;
  };

/** The function that decides whether an account vouches. */
interface FunctionInfo {
  /** 32-byte address of the module. */
  readonly address: Uint8Array;
  readonly module: string;
  readonly name: string;
}

const SINGLE_KEY = 2;
const MULTI_KEY = 3;
const NONE = 4;
const ABSTRACT = 5;

/**
 * Reads an `AccountAuthenticator`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know a variant in it.
 */
export function readAccountAuthenticator(cursor: BcsCursor): AccountAuthenticator {
  const variant = cursor.uleb128();
  switch (variant) {
    case ED25519:
    case MULTI_ED25519:
      return readEd25519Authenticator(cursor, variant);
    case SINGLE_KEY:
      return { kind: "singleKey", publicKey: readAnyPublicKey(cursor), signature: readAnySignature(cursor) };
    case MULTI_KEY:
      return {
        kind: "multiKey",
        publicKeys: cursor.sequence(readAnyPublicKey, 2),
        signaturesRequired: cursor.u8(),
        signatures: cursor.sequence(readAnySignature, 2),
        bitmap: cursor.byteString(),
      };
    case NONE:
      return { kind: "none" };
    case ABSTRACT:
      return readAbstract(cursor);
    default:
      throw unsupportedVariant("AccountAuthenticator", variant);
  }
}

/** Writes an `AccountAuthenticator`. */
export function writeAccountAuthenticator(writer: BcsWriter, authenticator: AccountAuthenticator): void {
  switch (authenticator.kind) {
    case "ed25519":
    case "multiEd25519":
      writeEd25519Authenticator(writer, authenticator);
      return;
    case "singleKey":
      writeAnyPublicKey(writer.uleb128(SINGLE_KEY), authenticator.publicKey);
      writeAnySignature(writer, authenticator.signature);
      return;
    case "multiKey":
      writer.uleb128(MULTI_KEY).sequence(authenticator.publicKeys, writeAnyPublicKey);
      writer.u8(authenticator.signaturesRequired).sequence(authenticator.signatures, writeAnySignature);
      writer.byteString(authenticator.bitmap);
      return;
    case "none":
      writer.uleb128(NONE);
      return;
    case "abstract":
      writer.uleb128(ABSTRACT).raw(authenticator.function.address);
      writer.text(authenticator.function.module).text(authenticator.function.name);
      writer.uleb128(authenticator.accountIdentity === undefined ? 0 : 1);
      writer.byteString(authenticator.signingMessageDigest).byteString(authenticator.signature);
      if (authenticator.accountIdentity !== undefined) writer.byteString(authenticator.accountIdentity);
  }
}

function readAbstract(cursor: BcsCursor): AccountAuthenticator {
  const info: FunctionInfo = { address: cursor.raw(ADDRESS_BYTES), module: cursor.text(), name: cursor.text() };
  const variant = cursor.uleb128();
  if (variant > 1) throw unsupportedVariant("AbstractAuthenticationData", variant);
  return {
    kind: "abstract",
    function: info,
    signingMessageDigest: cursor.byteString(),
    signature: cursor.byteString(),
    accountIdentity: variant === 1 ? cursor.byteString() : undefined,
  };
}
