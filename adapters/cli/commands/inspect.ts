/**
 * `velor-sync inspect`: what a store holds, while another process may be writing to it.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { accumulatorRoot } from "../../../core/merkle/accumulator.ts";
import { createNodeHash } from "../../../core/merkle/node-hash.ts";
import { openLedgerDirectory } from "../../sqlite/ledger-directory.ts";
import type { Runner } from "../command-runner.ts";
import { u64Value } from "../option-values.ts";
import type { Report } from "../output.ts";

interface InspectOptions {
  readonly store: string;
  readonly version?: bigint;
}

/** Adds `inspect` to the program. */
export function addInspectCommand(program: Command, run: Runner): void {
  program.command("inspect")
    .description("versions, epochs, roots and counts of a store; works while another process writes to it")
    .requiredOption("--store <dir>", "folder of the store")
    .addOption(new Option("--version <v>", "roots and counts as of this version").argParser(u64Value))
    .action(run((_context, options: InspectOptions) => inspect(options)));
}

async function inspect({ store, version }: InspectOptions): Promise<Report> {
  const { reader, context } = await openLedgerDirectory(store);
  try {
    const progress = await reader.progress();
    const accumulator = version === undefined ? progress.accumulator : await reader.accumulatorAt(version + 1n);
    const checkpoint = version === undefined ? progress.checkpointVersion : await reader.checkpointAtOrBelow(version);
    const nodeHash = createNodeHash(context.hasher, context.seeds.transactionAccumulator);
    return {
      committedVersion: progress.committedVersion,
      preCommittedVersion: progress.preCommittedVersion,
      epoch: progress.epochState?.epoch,
      stateRootHash: checkpoint === undefined ? undefined : await reader.stateRoot(checkpoint),
      accumulatorRootHash: accumulatorRoot(accumulator, nodeHash),
      firstVersion: progress.firstVersion,
      stateItems: checkpoint === undefined ? undefined : await reader.stateCount(checkpoint),
      checkpointVersion: checkpoint,
      profile: progress.profile,
    };
  } finally {
    await reader.close();
  }
}
