/**
 * What differs between the chains of the family. Everything else is shared code.
 *
 * @module
 */
import { SyncError } from "../errors.ts";

/** How validators sign ledger infos. */
export type ValidatorScheme = "bls12381" | "ed25519";

/** Name of a profile, as on the command line and in a store's metadata. */
export type ProfileName = "aptos" | "velor";

/** The differences between the chains of the family. A network within a profile is known by its genesis waypoint. */
export interface ChainProfile {
  readonly name: ProfileName;
  /** Prefix of every hash seed: `seed(T) = SHA3-256(seedPrefix ‖ T)`. */
  readonly seedPrefix: string;
  /** How validators sign: one BLS12-381 multi-signature, or one Ed25519 signature each. */
  readonly validatorScheme: ValidatorScheme;
  /** Length of a validator's public key: 48 (BLS12-381, G1 compressed) or 32 (Ed25519). */
  readonly publicKeyBytes: 48 | 32;
}

/** Aptos and the networks that kept its formats: BLS12-381 multi-signatures. */
export const APTOS_PROFILE: ChainProfile = {
  name: "aptos",
  seedPrefix: "APTOS::",
  validatorScheme: "bls12381",
  publicKeyBytes: 48,
};

/** Velor: the same ledger with its own seeds and Ed25519 multi-signatures. */
export const VELOR_PROFILE: ChainProfile = {
  name: "velor",
  seedPrefix: "VELOR::",
  validatorScheme: "ed25519",
  publicKeyBytes: 32,
};

/**
 * The profile called `name`.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if there is none.
 */
export function profileByName(name: string): ChainProfile {
  if (name === APTOS_PROFILE.name) return APTOS_PROFILE;
  if (name === VELOR_PROFILE.name) return VELOR_PROFILE;
  throw new SyncError("INVALID_ARGUMENT", `Cannot use profile "${name}": known are aptos and velor`);
}
