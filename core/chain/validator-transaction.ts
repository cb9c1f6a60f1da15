/**
 * Validator transactions: what validators agreed on outside of consensus.
 *
 * @module
 */
import { ADDRESS_BYTES } from "./address.ts";
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";

/** What validators agreed on outside of consensus. */
export type ValidatorTransaction =
  | {
    readonly kind: "dkgResult";
    readonly epoch: bigint;
    /** 32-byte address. */
    readonly author: Uint8Array;
    readonly transcript: Uint8Array;
  }
  | {
    readonly kind: "observedJwkUpdate";
    readonly issuer: Uint8Array;
    readonly version: bigint;
    readonly keys: readonly PackedValue[];
    /** Bitmap over the validators' indexes. */
    readonly signers: Uint8Array;
    /** 96-byte multi-signature; absent where nobody signed. */
    readonly signature?: Uint8Array | undefined;
  };

/** A value with the name of its type. */
interface PackedValue {
  readonly typeName: string;
  readonly data: Uint8Array;
}

const DKG_RESULT = 0;
const OBSERVED_JWK_UPDATE = 1;
const MULTI_SIGNATURE_BYTES = 96;

/**
 * Reads a `ValidatorTransaction`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know its variant.
 */
export function readValidatorTransaction(cursor: BcsCursor): ValidatorTransaction {
  const variant = cursor.uleb128();
  switch (variant) {
    case DKG_RESULT:
      return {
        kind: "dkgResult",
        epoch: cursor.u64(),
        author: cursor.raw(ADDRESS_BYTES),
        transcript: cursor.byteString(),
      };
    case OBSERVED_JWK_UPDATE:
      return {
        kind: "observedJwkUpdate",
        issuer: cursor.byteString(),
        version: cursor.u64(),
        keys: cursor.sequence((inner) => ({ typeName: inner.text(), data: inner.byteString() }), 2),
        signers: cursor.byteString(),
        signature: cursor.option((inner) => inner.byteString(MULTI_SIGNATURE_BYTES)),
      };
    default:
      throw unsupportedVariant("ValidatorTransaction", variant);
  }
}

/** Writes a `ValidatorTransaction`. */
export function writeValidatorTransaction(writer: BcsWriter, transaction: ValidatorTransaction): void {
  if (transaction.kind === "dkgResult") {
    writer.uleb128(DKG_RESULT).u64(transaction.epoch).raw(transaction.author).byteString(transaction.transcript);
    return;
  }
  writer.uleb128(OBSERVED_JWK_UPDATE).byteString(transaction.issuer).u64(transaction.version);
  writer.sequence(transaction.keys, (inner, { typeName, data }) => inner.text(typeName).byteString(data));
  writer.byteString(transaction.signers);
  writer.option(transaction.signature, (inner, signature) => inner.byteString(signature));
}
