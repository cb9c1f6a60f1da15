/**
 * Validators' keys for a chain of our own, and signing with them: the one place that holds secret keys.
 *
 * Keys come from a seed by hashing, so the same arguments give the same chain. They guard nothing and must not be used for
 * anything of value.
 *
 * @module
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { getPublicKey, hashes, sign } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { sha3_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8Bytes } from "../../core/bytes/bytes.ts";
import { encodeBcs } from "../../core/chain/bcs.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import type { EpochState } from "../../core/chain/epoch-state.ts";
import {
  createLedgerInfoWithSignatures,
  encodeLedgerInfo,
  type LedgerInfo,
  type LedgerInfoSignatures,
  type LedgerInfoWithSignatures,
} from "../../core/chain/ledger-info.ts";
import type { ValidatorScheme } from "../../core/chain/profile.ts";
import { SyncError } from "../../core/errors.ts";
import { BLS_LEDGER_INFO_DST } from "../../core/trust/bls12381-noble.ts";

// The synchronous half of @noble/ed25519 takes its hash from here.
hashes.sha512 = sha512;

/** A validator's consensus key pair. */
export interface ValidatorKey {
  /** What the key is for. */
  readonly scheme: ValidatorScheme;
  /** 32 bytes: an Ed25519 seed, or a BLS12-381 scalar, big-endian. */
  readonly secretKey: Uint8Array;
  /** 32 bytes (Ed25519) or 48 bytes (BLS12-381). */
  readonly publicKey: Uint8Array;
}

/**
 * Derives the key of validator `index` of the chain with seed `seed`.
 *
 * @param seed Any unsigned 64-bit integer.
 * @param index ≥ 0.
 */
export function deriveValidatorKey(scheme: ValidatorScheme, seed: bigint, index: number): ValidatorKey {
  const secret = sha3_256(concatBytes(
    utf8Bytes(`velor devnet validator ${scheme}`),
    encodeBcs((writer) => writer.u64(seed).u64(BigInt(index))),
  ));
  if (scheme === "ed25519") return { scheme, secretKey: secret, publicKey: getPublicKey(secret) };
  const { Fn, BASE } = bls12_381.G1.Point;
  const scalar = Fn.create(bigEndian(secret));
  return { scheme, secretKey: Fn.toBytes(scalar), publicKey: BASE.multiply(scalar).toBytes() };
}

/** A validator that signs, and where it stands in the epoch state. */
export interface Signer {
  /** Index in the epoch state. */
  readonly index: number;
  /** Its key. */
  readonly key: ValidatorKey;
}

/**
 * Signs a ledger info.
 *
 * Does not check that the signers are a quorum or that their keys are those of `epochState`, so tests can also make what
 * verifiers must refuse.
 *
 * @param epochState The validators of the ledger info's epoch.
 * @param signers At least one, each index at most once.
 * @throws {SyncError} `INVALID_ARGUMENT` if there is no signer, one repeats, or one lies outside `epochState`.
 */
export function signLedgerInfo(
  context: ChainContext,
  ledgerInfo: LedgerInfo,
  epochState: EpochState,
  signers: readonly Signer[],
): LedgerInfoWithSignatures {
  const indexes = new Set(signers.map(({ index }) => index));
  const isKnown = signers.every(({ index }) => epochState.validators[index] !== undefined);
  if (signers.length === 0 || indexes.size !== signers.length || !isKnown) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      "Cannot sign ledger info: signers must be distinct validators of the epoch",
    );
  }
  const message = concatBytes(context.seeds.ledgerInfo, encodeLedgerInfo(ledgerInfo));
  const signatures = context.profile.validatorScheme === "bls12381"
    ? signBls12381(message, epochState, signers)
    : signEd25519(message, epochState, signers);
  return createLedgerInfoWithSignatures(ledgerInfo, signatures, context.profile);
}

/**
 * One multi-signature. All sign the same message, so the sum of their signatures is the signature of the sum of their keys:
 * one costly signature instead of one each.
 */
function signBls12381(message: Uint8Array, epochState: EpochState, signers: readonly Signer[]): LedgerInfoSignatures {
  const { Fn } = bls12_381.G1.Point;
  const bitmap = new Uint8Array(Math.ceil(epochState.validators.length / 8));
  let sum = 0n;
  for (const { index, key } of signers) {
    bitmap[index >> 3] = (bitmap[index >> 3] as number) | (0x80 >> (index & 7));
    sum = Fn.add(sum, Fn.fromBytes(key.secretKey));
  }
  const { longSignatures } = bls12_381;
  const signature = longSignatures.sign(longSignatures.hash(message, BLS_LEDGER_INFO_DST), Fn.toBytes(sum));
  return { scheme: "bls12381", signers: bitmap, signature: longSignatures.Signature.toBytes(signature) };
}

function signEd25519(message: Uint8Array, epochState: EpochState, signers: readonly Signer[]): LedgerInfoSignatures {
  const signatures = signers.map(({ index, key }) => ({
    address: (epochState.validators[index] as { address: Uint8Array }).address,
    signature: sign(message, key.secretKey),
  }));
  return { scheme: "ed25519", signatures };
}

function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}
