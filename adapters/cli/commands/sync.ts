/**
 * `velor-sync sync`: copies a ledger from peers that nobody needs to trust.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { type ChainContext, createChainContext } from "../../../core/chain/hash.ts";
import { createNobleHasher } from "../../../core/chain/noble-hasher.ts";
import type { Driver } from "../../../core/driver/driver.ts";
import type { LedgerWriter } from "../../../core/ledger/writer.ts";
import type { Waypoint } from "../../../core/trust/waypoint.ts";
import { openLedgerDirectoryWriter, readLedgerDirectory } from "../../sqlite/ledger-directory.ts";
import type { CommandContext, Runner } from "../command-runner.ts";
import { peerUrlValue, profileOf, profileOption, u64Value, waypointValue } from "../option-values.ts";
import type { Report } from "../output.ts";
import { createProgress } from "../progress.ts";
import { createHttpDriver, SYNC_PROGRESS_FORMAT, syncReport } from "../syncing.ts";
import { operatorSignal } from "../until-stopped.ts";

interface SyncOptions {
  readonly profile: string;
  readonly peer: readonly string[];
  readonly waypoint: Waypoint;
  readonly store: string;
  readonly follow?: true;
  readonly untilVersion?: bigint;
}

/** Adds `sync` to the program. */
export function addSyncCommand(program: Command, run: Runner): void {
  program.command("sync")
    .description("copy a ledger from peers, verifying every byte from the waypoint on; goes on where it was stopped")
    .addOption(
      new Option("--peer <url>", "base URL of a storage service; repeat it for more").argParser(peerUrlValue)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        "--waypoint <version:hash>",
        "what to trust: the waypoint of genesis; later, also one that the chain must pass",
      ).argParser(waypointValue)
        .makeOptionMandatory(),
    )
    .requiredOption("--store <dir>", "folder of the store; created if it is not there")
    .addOption(new Option("--mode <mode>", "how state is brought up to date").choices(["outputs"]).default("outputs"))
    .option("--follow", "stay at the head until stopped")
    .addOption(new Option("--until-version <v>", "end at this version at the latest").argParser(u64Value))
    .addOption(profileOption("velor"))
    .action(run((context, options: SyncOptions) => sync(context, options)));
}

async function sync({ log }: CommandContext, options: SyncOptions): Promise<Report> {
  const context = createChainContext(profileOf(options), createNobleHasher());
  const ledger = await openStore(context, options);
  const progress = createProgress(SYNC_PROGRESS_FORMAT);
  try {
    const { peer: peers, waypoint } = options;
    const driver = createHttpDriver({ context, ledger, peers, waypoint, log, progress });
    return await runUntilStopped(driver, options);
  } finally {
    progress.stop();
    await ledger.close();
  }
}

/** Opens the store, or creates it. A later waypoint than its own is the driver's to check, as the chain passes it. */
async function openStore(context: ChainContext, { store, waypoint }: SyncOptions): Promise<LedgerWriter> {
  const own = (await readLedgerDirectory(store))?.waypoint;
  const isLater = own !== undefined && waypoint.version > own.version;
  return await openLedgerDirectoryWriter(store, { context, waypoint: isLater ? own : waypoint });
}

/** Runs the driver; what was committed when the operator stops it stays, and that is a success. */
async function runUntilStopped(driver: Driver, { follow, untilVersion }: SyncOptions): Promise<Report> {
  const signal = operatorSignal();
  try {
    const range = untilVersion === undefined ? {} : { untilVersion };
    return syncReport(await driver.run({ follow: follow === true, signal, ...range }));
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    const status = driver.status();
    return { version: status?.version, epoch: status?.epoch, transactions: status?.transactions, stopped: true };
  }
}
