/**
 * Transaction authenticators: how everyone involved vouches for a transaction.
 *
 * @module
 */
import {
  type AccountAuthenticator,
  readAccountAuthenticator,
  writeAccountAuthenticator,
} from "./account-authenticator.ts";
import { ADDRESS_BYTES } from "./address.ts";
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import {
  ED25519,
  type Ed25519Authenticator,
  MULTI_ED25519,
  readEd25519Authenticator,
  writeEd25519Authenticator,
} from "./ed25519-authenticator.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";

/** How everyone involved vouches for a transaction. */
export type TransactionAuthenticator =
  | Ed25519Authenticator
  | ({ readonly kind: "multiAgent" } & Signers)
  | ({
    readonly kind: "feePayer";
    /** 32-byte address of who pays. */
    readonly feePayer: Uint8Array;
    readonly feePayerAuthenticator: AccountAuthenticator;
  } & Signers)
  | { readonly kind: "singleSender"; readonly sender: AccountAuthenticator };

/** A sender and others who sign. */
interface Signers {
  readonly sender: AccountAuthenticator;
  /** 32-byte addresses. */
  readonly secondaryAddresses: readonly Uint8Array[];
  /** One for each secondary address. */
  readonly secondaries: readonly AccountAuthenticator[];
}

const MULTI_AGENT = 2;
const FEE_PAYER = 3;
const SINGLE_SENDER = 4;

/**
 * Reads a `TransactionAuthenticator`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know a variant in it.
 */
export function readTransactionAuthenticator(cursor: BcsCursor): TransactionAuthenticator {
  const variant = cursor.uleb128();
  switch (variant) {
    case ED25519:
    case MULTI_ED25519:
      return readEd25519Authenticator(cursor, variant);
    case MULTI_AGENT:
      return { kind: "multiAgent", ...readSigners(cursor) };
    case FEE_PAYER: {
      const signers = readSigners(cursor);
      const feePayer = cursor.raw(ADDRESS_BYTES);
      return { kind: "feePayer", ...signers, feePayer, feePayerAuthenticator: readAccountAuthenticator(cursor) };
    }
    case SINGLE_SENDER:
      return { kind: "singleSender", sender: readAccountAuthenticator(cursor) };
    default:
      throw unsupportedVariant("TransactionAuthenticator", variant);
  }
}

/** Writes a `TransactionAuthenticator`. */
export function writeTransactionAuthenticator(writer: BcsWriter, authenticator: TransactionAuthenticator): void {
  switch (authenticator.kind) {
    case "ed25519":
    case "multiEd25519":
      writeEd25519Authenticator(writer, authenticator);
      return;
    case "multiAgent":
      writeSigners(writer.uleb128(MULTI_AGENT), authenticator);
      return;
    case "feePayer":
      writeSigners(writer.uleb128(FEE_PAYER), authenticator);
      writer.raw(authenticator.feePayer);
      writeAccountAuthenticator(writer, authenticator.feePayerAuthenticator);
      return;
    case "singleSender":
      writeAccountAuthenticator(writer.uleb128(SINGLE_SENDER), authenticator.sender);
  }
}

function readSigners(cursor: BcsCursor): Signers {
  return {
    sender: readAccountAuthenticator(cursor),
    secondaryAddresses: cursor.sequence((inner) => inner.raw(ADDRESS_BYTES), ADDRESS_BYTES),
    secondaries: cursor.sequence(readAccountAuthenticator),
  };
}

function writeSigners(writer: BcsWriter, signers: Signers): void {
  writeAccountAuthenticator(writer, signers.sender);
  writer.sequence(signers.secondaryAddresses, (inner, address) => inner.raw(address));
  writer.sequence(signers.secondaries, writeAccountAuthenticator);
}
