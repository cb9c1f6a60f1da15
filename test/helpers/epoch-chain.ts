/**
 * A small chain of epochs with real signatures, in either scheme, for tests of the trust chain.
 *
 * @module
 */
import { deriveValidatorKey, type Signer, signLedgerInfo } from "../../adapters/devnet/validator-keys.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import type { EpochState } from "../../core/chain/epoch-state.ts";
import { genesisLedgerInfo, type LedgerInfo, type LedgerInfoWithSignatures } from "../../core/chain/ledger-info.ts";

/** Versions of one epoch; epoch e ends at version 100·e. */
const VERSIONS_PER_EPOCH = 100n;

/** A chain of epochs 0 to n − 1, all of them ended. */
export interface EpochChain {
  /** `endings[e]` ends epoch e; `endings[0]` is genesis. */
  readonly endings: readonly LedgerInfoWithSignatures[];
  /** Validators of epoch e, from 1 to n. */
  epochState(epoch: number): EpochState;
  /** An unsigned ledger info in epoch e. */
  ledgerInfo(epoch: number, version: bigint): LedgerInfo;
  /** Signs with the validators of the epoch at `indexes`; with all of them if absent. */
  sign(ledgerInfo: LedgerInfo, indexes?: readonly number[]): LedgerInfoWithSignatures;
}

/**
 * Makes a chain. Validator k of epoch e has key number k + e, so every epoch one leaves and one joins.
 *
 * @param options.epochs Number of epochs, at least 1.
 * @param options.powers Voting power of each validator. @default {[10n, 20n, 30n, 40n]}
 */
export function makeEpochChain(
  context: ChainContext,
  options: { readonly epochs: number; readonly powers?: readonly bigint[] },
): EpochChain {
  const powers = options.powers ?? [10n, 20n, 30n, 40n];
  const { validatorScheme } = context.profile;
  const keys = Array.from(
    { length: powers.length + options.epochs },
    (_, index) => deriveValidatorKey(validatorScheme, 7n, index),
  );
  const keyOf = (epoch: number, index: number) => keys[(epoch + index) % keys.length] as (typeof keys)[number];
  const epochState = (epoch: number): EpochState => ({
    epoch: BigInt(epoch),
    validators: powers.map((votingPower, index) => {
      const { publicKey } = keyOf(epoch, index);
      return { address: fill(epoch * 16 + index + 1), publicKey, votingPower };
    }),
  });
  const ledgerInfo = (epoch: number, version: bigint): LedgerInfo => ({
    commitInfo: {
      epoch: BigInt(epoch),
      round: version * 2n,
      id: fill(0xb1),
      executedStateId: fill(Number(version % 251n)),
      version,
      timestampUsecs: version * 1_000_000n,
      nextEpochState: undefined,
    },
    consensusDataHash: fill(0xc0),
  });
  const sign = (info: LedgerInfo, indexes: readonly number[] = powers.map((_, index) => index)) => {
    const epoch = Number(info.commitInfo.epoch);
    const signers = indexes.map((index): Signer => ({ index, key: keyOf(epoch, index) }));
    return signLedgerInfo(context, info, epochState(epoch), signers);
  };
  const endings = Array.from({ length: options.epochs }, (_, epoch) => {
    const nextEpochState = epochState(epoch + 1);
    if (epoch === 0) return genesisLedgerInfo(fill(0x11), nextEpochState, context.profile);
    const info = ledgerInfo(epoch, BigInt(epoch) * VERSIONS_PER_EPOCH);
    return sign({ ...info, commitInfo: { ...info.commitInfo, nextEpochState } });
  });
  return { endings, epochState, ledgerInfo, sign };
}

/** 32 bytes of one value. */
export function fill(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}
