/**
 * Verifies that a quorum of an epoch's validators signed a ledger info.
 *
 * Source: formats §6.2, §6.3 (BLS12-381), architecture §2 rule 1 and formats §6.8 (Ed25519).
 *
 * @module
 */
import { concatBytes } from "../bytes/bytes.ts";
import { encodeHex } from "../bytes/hex.ts";
import type { ChainContext } from "../chain/hash.ts";
import type { EpochState, ValidatorConsensusInfo } from "../chain/epoch-state.ts";
import type { LedgerInfoSignatures, LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { Ed25519Signature, SignatureVerifier } from "../ports/signatures.ts";
import { markVerified, type Verified } from "./verified.ts";

/** How much of an epoch's voting power signed. Says nothing about whether the signatures hold. */
export interface SignerTally {
  /** Validators that signed. */
  readonly signers: number;
  /** Validators of the epoch. */
  readonly validators: number;
  /** Voting power of those that signed. */
  readonly votingPower: bigint;
  /** Least voting power that decides. */
  readonly quorumVotingPower: bigint;
}

/**
 * The least voting power that decides: floor(2 · total / 3) + 1, so any two quorums share an honest validator.
 *
 * For no validators this is 1, which nobody holds: an empty set decides nothing.
 */
export function quorumVotingPower(epochState: EpochState): bigint {
  let total = 0n;
  for (const { votingPower } of epochState.validators) total += votingPower;
  return (2n * total) / 3n + 1n;
}

/**
 * Counts who signed, by the signatures' own word.
 *
 * @throws {SyncError} `INVALID_SIGNERS` if the signers do not fit the validators of `epochState`.
 */
export function tallySigners(epochState: EpochState, signatures: LedgerInfoSignatures): SignerTally {
  return tallyOf(
    epochState,
    signatures.scheme === "bls12381"
      ? signersOfBitmap(epochState, signatures.signers)
      : signersOfMap(epochState, signatures.signatures.map(({ address }) => address)),
  );
}

/**
 * Verifies that a quorum of `epochState` signed `ledgerInfo`. Every signature must hold: one bad signature refuses all.
 *
 * Checks in this order: epoch, signers, voting power, signatures; only the last costs more than microseconds.
 *
 * @param epochState Trusted.
 * @param ledgerInfo A claim.
 * @returns `ledgerInfo` itself, branded.
 * @throws {SyncError} `EPOCH_MISMATCH` if `ledgerInfo` is of another epoch.
 * @throws {SyncError} `INVALID_SIGNERS` if the signers do not fit the validators.
 * @throws {SyncError} `INSUFFICIENT_VOTING_POWER` if the signers hold less than a quorum.
 * @throws {SyncError} `SIGNATURE_MISMATCH` if there is no signature, or one does not hold.
 */
export async function verifyLedgerInfo(
  context: ChainContext,
  epochState: EpochState,
  ledgerInfo: LedgerInfoWithSignatures,
  verifier: SignatureVerifier,
): Promise<Verified<LedgerInfoWithSignatures>> {
  const { epoch, version } = ledgerInfo.ledgerInfo.commitInfo;
  if (epoch !== epochState.epoch) {
    throw new SyncError(
      "EPOCH_MISMATCH",
      `Cannot verify ledger info: epoch ${epochState.epoch} is trusted, current value is ${epoch}`,
      { detail: { trusted: epochState.epoch, epoch, version } },
    );
  }
  const message = concatBytes(context.seeds.ledgerInfo, ledgerInfo.ledgerInfoBytes);
  const holds = ledgerInfo.signatures.scheme === "bls12381"
    ? await blsHolds(epochState, message, ledgerInfo.signatures, verifier)
    : await ed25519Holds(epochState, message, ledgerInfo.signatures, verifier);
  if (!holds) {
    throw new SyncError("SIGNATURE_MISMATCH", "Cannot verify ledger info: a signature does not hold", {
      detail: { epoch, version },
    });
  }
  return markVerified(ledgerInfo);
}

async function blsHolds(
  epochState: EpochState,
  message: Uint8Array,
  { signers, signature }: LedgerInfoSignatures & { scheme: "bls12381" },
  verifier: SignatureVerifier,
): Promise<boolean> {
  const members = signersOfBitmap(epochState, signers);
  assertQuorum(tallyOf(epochState, members));
  if (signature === undefined) return false;
  return await verifier.verifyBls12381(message, members.map(({ publicKey }) => publicKey), signature);
}

async function ed25519Holds(
  epochState: EpochState,
  message: Uint8Array,
  { signatures }: LedgerInfoSignatures & { scheme: "ed25519" },
  verifier: SignatureVerifier,
): Promise<boolean> {
  const members = signersOfMap(epochState, signatures.map(({ address }) => address));
  assertQuorum(tallyOf(epochState, members));
  const claims = members.map(({ publicKey }, i): Ed25519Signature => ({
    publicKey,
    signature: (signatures[i] as { signature: Uint8Array }).signature,
  }));
  return await verifier.verifyEd25519(message, claims);
}

/** The validators that a bitmap names. Its length must be exactly what the set needs, and no bit may lie beyond it. */
function signersOfBitmap({ validators }: EpochState, bitmap: Uint8Array): ValidatorConsensusInfo[] {
  const requiredBytes = Math.ceil(validators.length / 8);
  if (bitmap.length !== requiredBytes) {
    throw invalidSigners(
      `the bitmap of ${validators.length} validators has ${requiredBytes} bytes, current value is ${bitmap.length}`,
    );
  }
  const members: ValidatorConsensusInfo[] = [];
  for (let i = 0; i < 8 * bitmap.length; i++) {
    if (((bitmap[i >> 3] as number) & (0x80 >> (i & 7))) === 0) continue;
    const member = validators[i];
    if (member === undefined) {
      throw invalidSigners(`there are ${validators.length} validators, the bitmap names number ${i}`);
    }
    members.push(member);
  }
  return members;
}

/** The validators at `addresses`, in that order. The layout has refused repeated addresses already. */
function signersOfMap({ validators }: EpochState, addresses: readonly Uint8Array[]): ValidatorConsensusInfo[] {
  if (addresses.length > validators.length) {
    throw invalidSigners(`there are ${validators.length} validators and ${addresses.length} signatures`);
  }
  const memberByAddress = new Map(validators.map((validator) => [encodeHex(validator.address), validator]));
  return addresses.map((address) => {
    const member = memberByAddress.get(encodeHex(address));
    if (member === undefined) throw invalidSigners(`0x${encodeHex(address)} is not a validator of the epoch`);
    return member;
  });
}

function tallyOf(epochState: EpochState, members: readonly ValidatorConsensusInfo[]): SignerTally {
  let votingPower = 0n;
  for (const member of members) votingPower += member.votingPower;
  return {
    signers: members.length,
    validators: epochState.validators.length,
    votingPower,
    quorumVotingPower: quorumVotingPower(epochState),
  };
}

function assertQuorum({ votingPower, quorumVotingPower: quorum }: SignerTally): void {
  if (votingPower >= quorum) return;
  throw new SyncError(
    "INSUFFICIENT_VOTING_POWER",
    `Cannot verify ledger info: a quorum has voting power ${quorum}, current value is ${votingPower}`,
    { detail: { quorumVotingPower: quorum, votingPower } },
  );
}

function invalidSigners(reason: string): SyncError {
  return new SyncError("INVALID_SIGNERS", `Cannot verify ledger info: ${reason}`);
}
