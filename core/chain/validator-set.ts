/**
 * The validator set as the chain's own state holds it: the Move resource `0x1::stake::ValidatorSet`.
 *
 * Source: formats §3.2. Pure: no I/O, no clock, no randomness.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import { ADDRESS_BYTES } from "./address.ts";
import { type BcsCursor, type BcsWriter, decodeBcs, encodeBcs } from "./bcs.ts";
import type { EpochState } from "./epoch-state.ts";
import type { ChainProfile } from "./profile.ts";

/** The only consensus scheme that a validator set can name; the profile says which keys it means. */
const CONSENSUS_SCHEME = 0;

/** One validator, as the chain's state holds it. */
export interface ValidatorInfo {
  /** 32-byte account address. */
  readonly address: Uint8Array;
  /** Unsigned 64-bit weight of the validator's signature. */
  readonly votingPower: bigint;
  /** Consensus key: 48 bytes (BLS12-381) or 32 bytes (Ed25519). */
  readonly publicKey: Uint8Array;
  /** BCS of where other validators reach it; opaque here. */
  readonly networkAddresses: Uint8Array;
  /** BCS of where full nodes reach it; opaque here. */
  readonly fullnodeAddresses: Uint8Array;
  /** Position in the epoch state. Means nothing for a validator that is pending active. */
  readonly validatorIndex: bigint;
}

/** The resource `0x1::stake::ValidatorSet`. */
export interface ValidatorSet {
  /** Sign now and in the next epoch. */
  readonly active: readonly ValidatorInfo[];
  /** Leave with the next epoch, and sign until then. */
  readonly pendingInactive: readonly ValidatorInfo[];
  /** Join with the next epoch. */
  readonly pendingActive: readonly ValidatorInfo[];
  /** Unsigned 128-bit sum over those who sign now, by the chain's own account. */
  readonly totalVotingPower: bigint;
  /** Unsigned 128-bit sum over those who join, by the chain's own account. */
  readonly totalJoiningPower: bigint;
}

/**
 * Reads a validator set that takes up all of `bytes`. Byte strings of the result are views into `bytes`.
 *
 * @throws {SyncError} `MALFORMED_BCS` if it is not canonical, names another scheme, or holds a key of another length than
 *   the profile's.
 */
export function decodeValidatorSet(bytes: Uint8Array, profile: ChainProfile): ValidatorSet {
  return decodeBcs(bytes, (cursor) => {
    const scheme = cursor.u8();
    if (scheme !== CONSENSUS_SCHEME) {
      cursor.offset = 0;
      throw cursor.malformed(`a validator set has scheme ${CONSENSUS_SCHEME}, current value is ${scheme}`);
    }
    return {
      active: readValidatorInfos(cursor, profile),
      pendingInactive: readValidatorInfos(cursor, profile),
      pendingActive: readValidatorInfos(cursor, profile),
      totalVotingPower: cursor.u128(),
      totalJoiningPower: cursor.u128(),
    };
  });
}

/** BCS of a validator set. */
export function encodeValidatorSet(set: ValidatorSet): Uint8Array {
  return encodeBcs((writer) => {
    writer.u8(CONSENSUS_SCHEME);
    for (const list of [set.active, set.pendingInactive, set.pendingActive]) writer.sequence(list, writeValidatorInfo);
    writer.u128(set.totalVotingPower).u128(set.totalJoiningPower);
  });
}

/**
 * Who signs in `epoch`: the active and the leaving validators, by validator index.
 *
 * @param set The validator set as of the last version of the epoch before.
 * @throws {SyncError} `INVALID_SIGNERS` if the indexes are not exactly 0 to n − 1.
 */
export function epochStateOf(set: ValidatorSet, epoch: bigint): EpochState {
  const members = [...set.active, ...set.pendingInactive];
  members.sort((left, right) => (left.validatorIndex < right.validatorIndex ? -1 : 1));
  const validators = members.map(({ address, publicKey, votingPower, validatorIndex }, position) => {
    if (validatorIndex !== BigInt(position)) {
      throw new SyncError(
        "INVALID_SIGNERS",
        `Cannot order validators: index ${position} is expected, current value is ${validatorIndex}`,
        { detail: { position, validatorIndex } },
      );
    }
    return { address, publicKey, votingPower };
  });
  return { epoch, validators };
}

function readValidatorInfos(cursor: BcsCursor, profile: ChainProfile): ValidatorInfo[] {
  return cursor.sequence(() => ({
    address: cursor.raw(ADDRESS_BYTES),
    votingPower: cursor.u64(),
    publicKey: cursor.byteString(profile.publicKeyBytes),
    networkAddresses: cursor.byteString(),
    fullnodeAddresses: cursor.byteString(),
    validatorIndex: cursor.u64(),
  }), ADDRESS_BYTES + 8 + 1 + profile.publicKeyBytes + 2 + 8);
}

function writeValidatorInfo(writer: BcsWriter, info: ValidatorInfo): void {
  writer.raw(info.address).u64(info.votingPower).byteString(info.publicKey);
  writer.byteString(info.networkAddresses).byteString(info.fullnodeAddresses).u64(info.validatorIndex);
}
