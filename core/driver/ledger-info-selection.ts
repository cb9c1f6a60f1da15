/**
 * Which ledger info is stored with a chunk: the target, where the chunk reaches it, else none.
 *
 * Source: driver.md §1.13 (LI selection). Pure.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import type { ChainContext } from "../chain/hash.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { SyncError } from "../errors.ts";
import { accumulatorRoot } from "../merkle/accumulator.ts";
import { createNodeHash } from "../merkle/node-hash.ts";
import type { Verified } from "../trust/verified.ts";
import { verifyEpochBoundary } from "./epoch-boundary.ts";
import type { VerifiedOutputs } from "./verify-outputs.ts";

/**
 * Selects the ledger info to store with `outputs`, and checks where the epoch ends.
 *
 * @param outputs A verified chunk.
 * @param target The ledger info that it was proven in.
 * @returns `target` if the chunk ends at its version; `undefined` if it ends before, so that it is pre-committed only.
 * @throws {SyncError} `PROOF_MISMATCH` if the chunk reaches the target with another accumulator root.
 * @throws {SyncError} `EPOCH_MISMATCH` as {@link verifyEpochBoundary}.
 */
export function selectLedgerInfo(
  context: ChainContext,
  outputs: VerifiedOutputs,
  target: Verified<LedgerInfoWithSignatures>,
): Verified<LedgerInfoWithSignatures> | undefined {
  const { version, executedStateId, nextEpochState } = target.ledgerInfo.commitInfo;
  const reachesTarget = outputs.accumulator.leafCount === version + 1n;
  verifyEpochBoundary(outputs, reachesTarget ? nextEpochState : undefined, context.profile);
  if (!reachesTarget) return undefined;
  const nodeHash = createNodeHash(context.hasher, context.seeds.transactionAccumulator);
  if (equalBytes(accumulatorRoot(outputs.accumulator, nodeHash), executedStateId)) return target;
  throw new SyncError("PROOF_MISMATCH", `Cannot apply outputs: version ${version} is reached with another root`);
}
