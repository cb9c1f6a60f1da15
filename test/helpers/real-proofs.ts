/**
 * The two real proofs of mainnet, taken apart. Each file holds several values back to back.
 *
 * @module
 */
import { concatBytes } from "../../core/bytes/bytes.ts";
import { BcsCursor } from "../../core/chain/bcs.ts";
import { HASH_BYTES } from "../../core/chain/hash.ts";
import { type EpochState, readValidators } from "../../core/chain/epoch-state.ts";
import { type LedgerInfoWithSignatures, readLedgerInfoWithSignatures } from "../../core/chain/ledger-info.ts";
import { APTOS_PROFILE } from "../../core/chain/profile.ts";
import { readTransactionInfo } from "../../core/chain/transaction-info.ts";
import type { StateReadClaim } from "../../core/light-client/verified-read.ts";
import { readEpochChangeProof } from "../../core/trust/epoch-change.ts";
import { realData } from "./real-data.ts";

/** `proofs/mainnet-epoch-7495.bcs` in two: what comes from a peer, and what is trusted as given. */
export interface RealEpochChange {
  /** BCS of the `EpochChangeProof`. */
  readonly proofBytes: Uint8Array;
  /** BCS of the `TrustedState`. */
  readonly trustedStateBytes: Uint8Array;
}

/** Reads and splits the real epoch change. */
export async function realEpochChange(): Promise<RealEpochChange> {
  const bytes = await realData("proofs/mainnet-epoch-7495.bcs");
  const cursor = new BcsCursor(bytes);
  readEpochChangeProof(cursor, APTOS_PROFILE);
  return { proofBytes: bytes.slice(0, cursor.offset), trustedStateBytes: bytes.slice(cursor.offset) };
}

/** `proofs/mainnet-inclusion-998167816.bcs` in three: a read with its proof, a ledger info, and who may sign that. */
export interface RealInclusion {
  readonly claim: StateReadClaim;
  readonly ledgerInfo: LedgerInfoWithSignatures;
  /** Trusted as given. */
  readonly epochState: EpochState;
}

/** Reads the real inclusion chain. */
export async function realInclusion(): Promise<RealInclusion> {
  const cursor = new BcsCursor(await realData("proofs/mainnet-inclusion-998167816.bcs"));
  const hash = () => cursor.raw(HASH_BYTES);
  const hashes = () => concatBytes(...cursor.sequence(hash, HASH_BYTES));
  const leaf = cursor.option(() => ({ key: hash(), valueHash: hash() }));
  const siblings = hashes();
  const keyHash = hash();
  const valueHash = hash();
  const infoSiblings = hashes();
  const infoStart = cursor.offset;
  readTransactionInfo(cursor);
  const transactionInfo = cursor.since(infoStart);
  const version = cursor.u64();
  const ledgerInfo = readLedgerInfoWithSignatures(cursor, APTOS_PROFILE);
  const validators = readValidators(cursor, APTOS_PROFILE);
  cursor.end();
  const stateProof = leaf === undefined ? { siblings } : { leaf, siblings };
  return {
    claim: { version, keyHash, valueHash, stateProof, transactionInfo, infoSiblings },
    ledgerInfo,
    epochState: { epoch: ledgerInfo.ledgerInfo.commitInfo.epoch, validators },
  };
}
