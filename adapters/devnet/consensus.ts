/**
 * The validators' agreement, acted by one process that holds all their keys: who proposes, who votes, who signs.
 *
 * @module
 */
import { equalBytes } from "../../core/bytes/bytes.ts";
import { encodeHex } from "../../core/bytes/hex.ts";
import { encodeBcs } from "../../core/chain/bcs.ts";
import type { BlockMetadata } from "../../core/chain/block-metadata.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import type { EpochState } from "../../core/chain/epoch-state.ts";
import type { LedgerInfoWithSignatures } from "../../core/chain/ledger-info.ts";
import { SyncError } from "../../core/errors.ts";
import { quorumVotingPower } from "../../core/trust/validator-verifier.ts";
import { type Accounts, deriveSecret } from "./accounts.ts";
import type { DevnetParameters } from "./parameters.ts";
import { createSeededRandom, type SeededRandom } from "./seeded-random.ts";
import type { ValidatorKeyring } from "./validator-keyring.ts";
import { type Signer, signLedgerInfo } from "./validator-keys.ts";
import { poolIndexes } from "./validator-operations.ts";

const NO_SEED = new Uint8Array(0);
/** In one of so many blocks a validator failed to propose before. */
const FAILED_PROPOSAL_EVERY = 8;
/** One in so many validators is silent, as long as a quorum speaks. */
const SILENT_EVERY = 4;

/** Agrees on blocks. The same inputs give the same bytes. */
export interface Consensus {
  /**
   * Describes the block that follows another.
   *
   * @param proposal.parent Ledger info of the block before.
   * @param proposal.epochState The validators of the block's epoch.
   */
  propose(proposal: {
    readonly parent: LedgerInfoWithSignatures;
    readonly epochState: EpochState;
    readonly timestampUsecs: bigint;
  }): BlockMetadata;
  /**
   * The ledger info of an executed block, signed by a quorum but not always by all.
   *
   * @param block.metadata What was proposed.
   * @param block.epochState The validators of the block's epoch.
   * @param block.executedStateId 32-byte root of the transaction accumulator after the block.
   * @param block.version Last version of the block.
   * @param block.nextEpochState Present where the block ends its epoch.
   */
  certify(block: {
    readonly metadata: BlockMetadata;
    readonly epochState: EpochState;
    readonly executedStateId: Uint8Array;
    readonly version: bigint;
    readonly nextEpochState: EpochState | undefined;
  }): LedgerInfoWithSignatures;
}

/** Creates the consensus of a devnet. */
export function createConsensus({ context, parameters, accounts, keyring }: {
  readonly context: ChainContext;
  readonly parameters: DevnetParameters;
  readonly accounts: Accounts;
  readonly keyring: ValidatorKeyring;
}): Consensus {
  const pools = poolIndexes(parameters, accounts);
  const randomOf = (name: string) => createSeededRandom(deriveSecret(context, parameters.seed, name));
  return {
    propose({ parent, epochState, timestampUsecs }) {
      const { commitInfo } = parent.ledgerInfo;
      const isFirst = commitInfo.epoch !== epochState.epoch;
      const random = randomOf(`proposal ${commitInfo.version}`);
      const failedProposerIndices = random.below(FAILED_PROPOSAL_EVERY) === 0
        ? [random.below(epochState.validators.length)]
        : [];
      const round = (isFirst ? 0n : commitInfo.round) + 1n + BigInt(failedProposerIndices.length);
      const proposer = epochState.validators[random.below(epochState.validators.length)]?.address ?? NO_SEED;
      const previousBlockVotes = isFirst
        ? new Uint8Array(Math.ceil(epochState.validators.length / 8))
        : votersOf(parent, epochState);
      const fields = { epoch: epochState.epoch, round, proposer, previousBlockVotes, failedProposerIndices };
      const id = context.hasher.hash(NO_SEED, blockPreimage(commitInfo.id, round, timestampUsecs));
      return { ...fields, id, timestampUsecs };
    },
    certify({ metadata, epochState, executedStateId, version, nextEpochState }) {
      const { id, epoch, round, timestampUsecs } = metadata;
      const ledgerInfo = {
        commitInfo: { epoch, round, id, executedStateId, version, timestampUsecs, nextEpochState },
        consensusDataHash: context.hasher.hash(NO_SEED, id),
      };
      const signers = chooseSigners(randomOf(`signers ${version}`), epochState).map((index): Signer => {
        const { address, publicKey } = validatorAt(epochState, index);
        const pool = pools.get(encodeHex(address));
        if (pool === undefined) throw new SyncError("INVALID_ARGUMENT", "Cannot sign: the chain has another seed");
        return { index, key: keyring.key(pool, keyring.generationOf(pool, publicKey)) };
      });
      return signLedgerInfo(context, ledgerInfo, epochState, signers);
    },
  };
}

/** Indexes of validators that sign: all but some silent ones, never less than a quorum. Ascending. */
function chooseSigners(random: SeededRandom, epochState: EpochState): number[] {
  const quorum = quorumVotingPower(epochState);
  let power = epochState.validators.reduce((total, { votingPower }) => total + votingPower, 0n);
  return epochState.validators.flatMap(({ votingPower }, index) => {
    const isSilent = random.below(SILENT_EVERY) === 0 && power - votingPower >= quorum;
    if (!isSilent) return [index];
    power -= votingPower;
    return [];
  });
}

/** Bitmap of the validators that signed `parent`. */
function votersOf({ signatures }: LedgerInfoWithSignatures, { validators }: EpochState): Uint8Array {
  if (signatures.scheme === "bls12381") return signatures.signers.slice();
  const bitmap = new Uint8Array(Math.ceil(validators.length / 8));
  validators.forEach(({ address }, index) => {
    const voted = signatures.signatures.some((signature) => equalBytes(signature.address, address));
    if (voted) bitmap[index >> 3] = (bitmap[index >> 3] ?? 0) | (0x80 >> (index & 7));
  });
  return bitmap;
}

function blockPreimage(parentId: Uint8Array, round: bigint, timestampUsecs: bigint): Uint8Array {
  return encodeBcs((writer) => writer.text("devnet block").raw(parentId).u64(round).u64(timestampUsecs));
}

function validatorAt({ validators }: EpochState, index: number) {
  const validator = validators[index];
  if (validator === undefined) throw new SyncError("INVALID_ARGUMENT", `Cannot sign: there is no validator ${index}`);
  return validator;
}
