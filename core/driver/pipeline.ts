/**
 * One list of outputs from claim to commit: verify, find the epoch's end, stage the state, compare its root, commit.
 *
 * Source: driver.md §1.12–1.13, in one pass: there is no prefetch yet to overlap with.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { type ChainContext, HASH_BYTES } from "../chain/hash.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import type { LedgerProgress } from "../ledger/reader.ts";
import type { LedgerWriter, StagedState } from "../ledger/writer.ts";
import type { Verified } from "../trust/verified.ts";
import type { TransactionOutputListWithProof } from "../wire/response-types.ts";
import { selectLedgerInfo } from "./ledger-info-selection.ts";
import { type VerifiedOutputs, verifyOutputs } from "./verify-outputs.ts";

/** What to apply. */
export interface OutputsToApply {
  /** A claim of a peer. */
  readonly outputs: TransactionOutputListWithProof;
  /** What its proof must lead to. */
  readonly ledgerInfo: Verified<LedgerInfoWithSignatures>;
  /** Where the ledger stands; what the last commit returned. */
  readonly progress: LedgerProgress;
}

/**
 * Applies a list of outputs. Nothing is written unless all of it is right.
 *
 * @returns The progress after the commit.
 * @throws {SyncError} A fault of the peer (see {@link verifyOutputs}, {@link selectLedgerInfo}) if the claim is wrong.
 * @throws {SyncError} `STORAGE_CORRUPT` if proven write sets lead to another state than the chain's: then the store, or
 *   this program, is wrong.
 */
export async function applyOutputs(
  context: ChainContext,
  ledger: LedgerWriter,
  { outputs, ledgerInfo, progress }: OutputsToApply,
): Promise<LedgerProgress> {
  const verified = verifyOutputs(context, { outputs, ledgerInfo, accumulator: progress.accumulator });
  const selected = selectLedgerInfo(context, verified, ledgerInfo);
  const state = await stageState(ledger, verified);
  return await ledger.commit({
    chunk: verified.chunk,
    ...(state === undefined ? {} : { state }),
    ...(selected === undefined ? {} : { ledgerInfo: selected }),
  });
}

/** The state at the chunk's last checkpoint, with the root that its info demands; `undefined` if it has no checkpoint. */
async function stageState(ledger: LedgerWriter, { chunk, fields }: VerifiedOutputs): Promise<StagedState | undefined> {
  const index = fields.hasStateCheckpoint.lastIndexOf(1);
  if (index < 0) return undefined;
  const version = chunk.firstVersion + BigInt(index);
  const staged = await ledger.stageState({ version, writeSets: [chunk.writeSets] });
  const expected = fields.stateCheckpointHashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  if (equalBytes(staged.rootHash, expected)) return staged;
  throw new SyncError("STORAGE_CORRUPT", `Cannot commit outputs: the state at version ${version} has another root`, {
    detail: { version },
  });
}
