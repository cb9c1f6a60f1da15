/**
 * Ledger infos: what validators sign about the ledger at one version.
 *
 * Source: formats §3.1, §6.2, §6.8. A decoded value is a view: the byte strings in it point into the bytes it was read
 * from, and `bytes` and `ledgerInfoBytes` are those exact bytes, so what is hashed, stored and served is what was received.
 * Pure: no I/O, no clock, no randomness.
 *
 * @module
 */
import { ADDRESS_BYTES } from "./address.ts";
import { type BcsCursor, type BcsWriter, decodeBcs, encodeBcs } from "./bcs.ts";
import { type EpochState, MAX_VALIDATORS, readEpochState, writeEpochState } from "./epoch-state.ts";
import { HASH_BYTES, ZERO_HASH } from "./hash.ts";
import type { ChainProfile, ValidatorScheme } from "./profile.ts";

/** Length of one validator's Ed25519 signature, in bytes. */
const ED25519_SIGNATURE_BYTES = 64;
/** Length of a BLS12-381 multi-signature (G2, compressed), in bytes. */
const BLS_SIGNATURE_BYTES = 96;
/** Longest bitmap of signers, in bytes. */
const MAX_SIGNERS_BYTES = MAX_VALIDATORS / 8;

/** A committed block, as a ledger info describes it. */
export interface BlockInfo {
  /** Epoch of the block. */
  readonly epoch: bigint;
  /** Consensus round of the block. */
  readonly round: bigint;
  /** 32-byte block id. */
  readonly id: Uint8Array;
  /** 32-byte root of the transaction accumulator after `version`. */
  readonly executedStateId: Uint8Array;
  /** Last version of the block. */
  readonly version: bigint;
  /** Time of the block by consensus, in microseconds since the Unix epoch. */
  readonly timestampUsecs: bigint;
  /** Who signs from the next version on; present exactly where this block ends its epoch. */
  readonly nextEpochState: EpochState | undefined;
}

/** What the validators sign. */
export interface LedgerInfo {
  /** The block up to which the ledger is committed. */
  readonly commitInfo: BlockInfo;
  /** 32 bytes that only consensus understands. */
  readonly consensusDataHash: Uint8Array;
}

/** One validator's own signature. */
export interface ValidatorSignature {
  /** 32-byte account address of the validator. */
  readonly address: Uint8Array;
  /** 64-byte Ed25519 signature. */
  readonly signature: Uint8Array;
}

/** Signatures over a ledger info, in the scheme of its chain. A claim until verified against an epoch state. */
export type LedgerInfoSignatures =
  | {
    readonly scheme: "bls12381";
    /** Bitmap over the validators' indexes: bit i is `signers[i >> 3] & (0x80 >> (i & 7))`. */
    readonly signers: Uint8Array;
    /** 96-byte multi-signature; absent where nobody signed (genesis). */
    readonly signature: Uint8Array | undefined;
  }
  | {
    readonly scheme: "ed25519";
    /** Strictly ascending by address. */
    readonly signatures: readonly ValidatorSignature[];
  };

/** A ledger info with its signatures, and the exact bytes of both. A claim until it is branded `Verified`. */
export interface LedgerInfoWithSignatures {
  /** The whole BCS value. */
  readonly bytes: Uint8Array;
  /** The part of `bytes` that is the ledger info: what is hashed and signed. */
  readonly ledgerInfoBytes: Uint8Array;
  /** View over `ledgerInfoBytes`. */
  readonly ledgerInfo: LedgerInfo;
  /** View over the rest of `bytes`. */
  readonly signatures: LedgerInfoSignatures;
}

/** Epoch of the version after this block: the next epoch state's where there is one, else the block's own. */
export function nextBlockEpoch(block: BlockInfo): bigint {
  return block.nextEpochState?.epoch ?? block.epoch;
}

/** Signatures of a ledger info that nobody signed, as at genesis. */
export function noSignatures(scheme: ValidatorScheme): LedgerInfoSignatures {
  return scheme === "bls12381"
    ? { scheme, signers: new Uint8Array(0), signature: undefined }
    : { scheme, signatures: [] };
}

/**
 * Reads a ledger info, without signatures.
 *
 * @throws {SyncError} `MALFORMED_BCS` if it is not canonical.
 */
function readLedgerInfo(cursor: BcsCursor, profile: ChainProfile): LedgerInfo {
  const commitInfo: BlockInfo = {
    epoch: cursor.u64(),
    round: cursor.u64(),
    id: cursor.raw(HASH_BYTES),
    executedStateId: cursor.raw(HASH_BYTES),
    version: cursor.u64(),
    timestampUsecs: cursor.u64(),
    nextEpochState: cursor.option(() => readEpochState(cursor, profile)),
  };
  return { commitInfo, consensusDataHash: cursor.raw(HASH_BYTES) };
}

/**
 * Reads a ledger info with its signatures. Checks layout only: lengths, order of the signers, no repetition.
 *
 * @throws {SyncError} `MALFORMED_BCS` if it is not canonical, or not of the profile's signature scheme.
 */
export function readLedgerInfoWithSignatures(cursor: BcsCursor, profile: ChainProfile): LedgerInfoWithSignatures {
  const start = cursor.offset;
  cursor.variant(1, "LedgerInfoWithSignatures");
  const infoStart = cursor.offset;
  const ledgerInfo = readLedgerInfo(cursor, profile);
  const ledgerInfoBytes = cursor.since(infoStart);
  const signatures = readSignatures(cursor, profile.validatorScheme);
  return { bytes: cursor.since(start), ledgerInfoBytes, ledgerInfo, signatures };
}

/** As {@link readLedgerInfoWithSignatures}, of bytes that hold it and nothing else. `bytes` is kept as a view. */
export function decodeLedgerInfoWithSignatures(bytes: Uint8Array, profile: ChainProfile): LedgerInfoWithSignatures {
  return decodeBcs(bytes, (cursor) => readLedgerInfoWithSignatures(cursor, profile));
}

/** BCS of a ledger info: what is hashed and signed. */
export function encodeLedgerInfo({ commitInfo, consensusDataHash }: LedgerInfo): Uint8Array {
  return encodeBcs((writer) => {
    writer.u64(commitInfo.epoch).u64(commitInfo.round).raw(commitInfo.id).raw(commitInfo.executedStateId);
    writer.u64(commitInfo.version).u64(commitInfo.timestampUsecs).option(commitInfo.nextEpochState, writeEpochState);
    writer.raw(consensusDataHash);
  });
}

/**
 * Joins a ledger info and its signatures, and encodes both. Signatures may come in any order; they are sorted.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if one address signs twice.
 */
export function createLedgerInfoWithSignatures(
  ledgerInfo: LedgerInfo,
  signatures: LedgerInfoSignatures,
  profile: ChainProfile,
): LedgerInfoWithSignatures {
  const bytes = encodeBcs((writer) => {
    writer.uleb128(0).raw(encodeLedgerInfo(ledgerInfo));
    writeSignatures(writer, signatures);
  });
  return decodeLedgerInfoWithSignatures(bytes, profile);
}

/**
 * The ledger info of genesis, which nobody signs: only a waypoint can vouch for it (formats §6.7).
 *
 * @param executedStateId 32-byte root of the accumulator that holds the genesis transaction alone.
 * @param nextEpochState The first validators, of epoch 1.
 */
export function genesisLedgerInfo(
  executedStateId: Uint8Array,
  nextEpochState: EpochState,
  profile: ChainProfile,
): LedgerInfoWithSignatures {
  const commitInfo: BlockInfo = {
    epoch: 0n,
    round: 0n,
    id: ZERO_HASH,
    executedStateId,
    version: 0n,
    timestampUsecs: 0n,
    nextEpochState,
  };
  const ledgerInfo = { commitInfo, consensusDataHash: ZERO_HASH };
  return createLedgerInfoWithSignatures(ledgerInfo, noSignatures(profile.validatorScheme), profile);
}

function readSignatures(cursor: BcsCursor, scheme: ValidatorScheme): LedgerInfoSignatures {
  if (scheme === "bls12381") {
    const start = cursor.offset;
    const signers = cursor.byteString();
    if (signers.length > MAX_SIGNERS_BYTES) {
      cursor.offset = start;
      throw cursor.malformed(`a bitmap has at most ${MAX_SIGNERS_BYTES} bytes, current value is ${signers.length}`);
    }
    return { scheme, signers, signature: cursor.option(() => cursor.byteString(BLS_SIGNATURE_BYTES)) };
  }
  const entries = cursor.map(() => cursor.raw(ADDRESS_BYTES), () => cursor.byteString(ED25519_SIGNATURE_BYTES));
  return { scheme, signatures: entries.map(([address, signature]) => ({ address, signature })) };
}

function writeSignatures(writer: BcsWriter, signatures: LedgerInfoSignatures): void {
  if (signatures.scheme === "bls12381") {
    writer.byteString(signatures.signers).option(signatures.signature, (_, signature) => writer.byteString(signature));
    return;
  }
  writer.map(signatures.signatures.map(({ address, signature }) => [
    address,
    encodeBcs((value) => value.byteString(signature)),
  ]));
}
