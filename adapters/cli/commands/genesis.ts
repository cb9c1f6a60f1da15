/**
 * `velor-sync genesis verify | import`: from a genesis file to its waypoint, and into a ledger store.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { createChainContext } from "../../../core/chain/hash.ts";
import { createNobleHasher } from "../../../core/chain/noble-hasher.ts";
import { importGenesis } from "../../../core/ledger/genesis-import.ts";
import { type VerifiedGenesis, verifyGenesis } from "../../../core/trust/genesis.ts";
import { formatWaypoint, type Waypoint } from "../../../core/trust/waypoint.ts";
import { createLedgerDirectory } from "../../sqlite/ledger-directory.ts";
import type { Runner } from "../command-runner.ts";
import { profileOf, profileOption, readInputFile, waypointValue } from "../option-values.ts";
import type { Report } from "../output.ts";

/** Largest genesis file accepted, in bytes. The largest known has 1.4 MB. */
const MAX_GENESIS_BYTES = 64 * 1024 * 1024;

interface GenesisOptions {
  readonly profile: string;
  readonly waypoint: Waypoint;
}

const waypointOption = () =>
  new Option("--waypoint <version:hash>", "the published waypoint of the network").argParser(waypointValue)
    .makeOptionMandatory();

/** Adds `genesis` and its commands to the program. */
export function addGenesisCommands(program: Command, run: Runner): void {
  const genesis = program.command("genesis").description("genesis files");
  genesis.command("verify")
    .description("recompute every hash of a genesis file and compare the result with the network's waypoint")
    .argument("<file>", "genesis.blob: the BCS genesis transaction")
    .addOption(waypointOption())
    .addOption(profileOption("aptos"))
    .action(run((_context, options: GenesisOptions, file: string) => verifyGenesisFile(file, options)));
  genesis.command("import")
    .description("create a ledger store that holds genesis")
    .argument("<file>", "genesis.blob: the BCS genesis transaction")
    .addOption(waypointOption())
    .requiredOption("--store <dir>", "folder of the new store")
    .addOption(profileOption("aptos"))
    .action(
      run((_context, options: GenesisOptions & { readonly store: string }, file: string) =>
        importGenesisFile(file, options)
      ),
    );
}

async function verifyGenesisFile(path: string, options: GenesisOptions): Promise<Report> {
  const context = createChainContext(profileOf(options), createNobleHasher());
  return genesisReport(verifyGenesis(context, await readInputFile(path, MAX_GENESIS_BYTES), options.waypoint));
}

async function importGenesisFile(path: string, options: GenesisOptions & { readonly store: string }): Promise<Report> {
  const context = createChainContext(profileOf(options), createNobleHasher());
  const genesis = verifyGenesis(context, await readInputFile(path, MAX_GENESIS_BYTES), options.waypoint);
  const ledger = await createLedgerDirectory(options.store, { context, waypoint: options.waypoint });
  try {
    await importGenesis(ledger, genesis);
  } finally {
    await ledger.close();
  }
  return genesisReport(genesis);
}

function genesisReport(genesis: VerifiedGenesis): Report {
  return {
    waypoint: formatWaypoint(genesis.waypoint),
    transactionHash: genesis.transactionHash,
    stateChangeHash: genesis.stateChangeHash,
    eventRootHash: genesis.eventRootHash,
    stateRootHash: genesis.stateRootHash,
    transactionInfoHash: genesis.transactionInfoHash,
    accumulatorRootHash: genesis.accumulatorRootHash,
    ledgerInfoHash: genesis.ledgerInfoHash,
    writeOps: genesis.writeOpCount,
    events: genesis.eventCount,
    validators: genesis.nextEpochState.validators.length,
    totalVotingPower: genesis.totalVotingPower,
    quorumVotingPower: genesis.quorumVotingPower,
    nextEpoch: genesis.nextEpochState.epoch,
  };
}
