/**
 * Epoch states: the validators who sign the ledger infos of an epoch. A ledger info that ends an epoch announces the next.
 *
 * Source: formats §3.1, §6.2. A decoded value is a view of the bytes that it was read from. Pure.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { ADDRESS_BYTES } from "./address.ts";
import { type BcsCursor, type BcsWriter, encodeBcs } from "./bcs.ts";
import type { ChainProfile } from "./profile.ts";

/** Most members of a validator set: a bitmap of signers has at most 8,192 bytes (formats §6.2). */
export const MAX_VALIDATORS = 65_536;

/** One validator as the consensus of an epoch knows it. */
export interface ValidatorConsensusInfo {
  /** 32-byte account address. */
  readonly address: Uint8Array;
  /** 48 bytes (BLS12-381, G1 compressed) or 32 bytes (Ed25519). Not checked to be a point until it is used. */
  readonly publicKey: Uint8Array;
  /** Unsigned 64-bit weight of the validator's signature. */
  readonly votingPower: bigint;
}

/** Who may sign the ledger infos of one epoch. */
export interface EpochState {
  /** The epoch whose ledger infos these validators sign. */
  readonly epoch: bigint;
  /** In the order of their indexes, to which the bitmap of signers refers. */
  readonly validators: readonly ValidatorConsensusInfo[];
}

/**
 * Reads an epoch state.
 *
 * @throws {SyncError} `MALFORMED_BCS` if it is not canonical, or a public key has another length than the profile's.
 */
export function readEpochState(cursor: BcsCursor, profile: ChainProfile): EpochState {
  const epoch = cursor.u64();
  return { epoch, validators: readValidators(cursor, profile) };
}

/**
 * Reads a list of validators in the order of their indexes.
 *
 * @throws {SyncError} `MALFORMED_BCS` if it is not canonical, a public key has another length than the profile's, or there
 *   are more than 65,536 validators.
 */
export function readValidators(cursor: BcsCursor, profile: ChainProfile): ValidatorConsensusInfo[] {
  const { publicKeyBytes } = profile;
  const start = cursor.offset;
  const validators = cursor.sequence(
    () => ({
      address: cursor.raw(ADDRESS_BYTES),
      publicKey: cursor.byteString(publicKeyBytes),
      votingPower: cursor.u64(),
    }),
    ADDRESS_BYTES + 1 + publicKeyBytes + 8,
  );
  if (validators.length > MAX_VALIDATORS) {
    cursor.offset = start;
    throw cursor.malformed(
      `a validator set has at most ${MAX_VALIDATORS} members, current value is ${validators.length}`,
    );
  }
  return validators;
}

/** Writes an epoch state. */
export function writeEpochState(writer: BcsWriter, epochState: EpochState): void {
  writer.u64(epochState.epoch).sequence(epochState.validators, (_, { address, publicKey, votingPower }) => {
    writer.raw(address).byteString(publicKey).u64(votingPower);
  });
}

/** Tells whether two epoch states are the same: epoch, validators and their order. */
export function equalEpochStates(left: EpochState, right: EpochState): boolean {
  return equalBytes(encoded(left), encoded(right));
}

function encoded(epochState: EpochState): Uint8Array {
  return encodeBcs((writer) => writeEpochState(writer, epochState));
}
