/**
 * The report at the end of a run.
 *
 * @module
 */
import { accumulatorRoot } from "../merkle/accumulator.ts";
import { createNodeHash } from "../merkle/node-hash.ts";
import type { DriverParts } from "./parts.ts";
import type { RunTotals, SyncReport } from "./report.ts";

/** Reads where the store stands, and adds what the run did. */
export async function reportOn(
  { ledger, context, dataClient }: Pick<DriverParts, "ledger" | "context" | "dataClient">,
  totals: RunTotals,
): Promise<SyncReport> {
  const { preCommittedVersion, checkpointVersion, accumulator, epochState } = await ledger.progress();
  const nodeHash = createNodeHash(context.hasher, context.seeds.transactionAccumulator);
  return {
    ...(preCommittedVersion === undefined ? {} : { version: preCommittedVersion }),
    epoch: epochState?.epoch ?? 0n,
    ...(checkpointVersion === undefined ? {} : { stateRootHash: await ledger.stateRoot(checkpointVersion) }),
    accumulatorRootHash: accumulatorRoot(accumulator, nodeHash),
    ...totals,
    transactionsPerSecond: totals.seconds > 0 ? Number(totals.transactions) / totals.seconds : 0,
    peers: dataClient.peers(),
  };
}
