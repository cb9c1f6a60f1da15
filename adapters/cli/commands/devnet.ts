/**
 * `velor-sync devnet build | run`: a deterministic local chain, and the same chain live.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { createChainContext } from "../../../core/chain/hash.ts";
import { createNobleHasher } from "../../../core/chain/noble-hasher.ts";
import type { LedgerWriter } from "../../../core/ledger/writer.ts";
import { createStorageServiceChannel } from "../../../core/notifications/storage-service.ts";
import { formatWaypoint } from "../../../core/trust/waypoint.ts";
import { continueDevnet, type Devnet } from "../../devnet/devnet.ts";
import { buildDevnet, type BuiltDevnet } from "../../devnet/ledger-builder.ts";
import { runLiveChain } from "../../devnet/live-chain.ts";
import { createNodeSigner } from "../../devnet/node-ed25519-signer.ts";
import { DEFAULT_DEVNET_PARAMETERS } from "../../devnet/parameters.ts";
import {
  createLedgerDirectory,
  openLedgerDirectoryWriter,
  readLedgerDirectory,
} from "../../sqlite/ledger-directory.ts";
import { createWebClock } from "../../web/web-clock.ts";
import type { CommandContext, Runner } from "../command-runner.ts";
import { profileOf, profileOption, u64Value, wholeNumber } from "../option-values.ts";
import type { Report } from "../output.ts";
import { createProgress } from "../progress.ts";
import {
  addServeFlags,
  type CompleteSettings,
  type ServeFlags,
  serveSettings,
  servingOptionsOf,
} from "../serve-options.ts";
import { startServing, stopServing } from "../serving.ts";
import { operatorSignal } from "../until-stopped.ts";

interface BuildOptions {
  readonly profile: string;
  readonly store: string;
  readonly accounts: number;
  readonly blocks: number;
  readonly transactionsPerBlock: number;
  readonly epochBlocks: number;
  readonly validators: number;
  readonly seed: bigint;
  readonly genesisTime: number;
}

interface RunOptions extends BuildOptions, ServeFlags {
  readonly store: string;
  readonly blockMs: number;
}

/** Largest count that an option takes: what a number holds exactly. The chain's own limits are lower. */
const MAX_COUNT = Number.MAX_SAFE_INTEGER;
const DEFAULT_BLOCKS = 100;
const DEFAULT_BLOCK_MS = 500;
const BUILD_PROGRESS_FORMAT =
  "build {bar} {percentage}% | block {value}/{total} | version {version} | ETA {eta_formatted}";

/** Adds `devnet` and its commands to the program. */
export function addDevnetCommands(program: Command, run: Runner): void {
  const devnet = program.command("devnet").description("a local chain for development and tests");
  withChainOptions(devnet.command("build"))
    .description("build a local chain into a new store: same arguments, same bytes")
    .addOption(countOption("--blocks <n>", "blocks to build", DEFAULT_BLOCKS))
    .action(run((_context, options: BuildOptions) => build(options)));
  const live = withChainOptions(devnet.command("run"))
    .description("a local chain that keeps producing blocks and serves them; goes on where the store was left")
    .addOption(countOption("--blocks <n>", "blocks to build before serving, in a new store", 0))
    .addOption(countOption("--block-ms <n>", "milliseconds between two blocks", DEFAULT_BLOCK_MS));
  addServeFlags(live).action(run((context, options: RunOptions) => runLive(context, options)));
}

function withChainOptions(command: Command): Command {
  const { accounts, transactionsPerBlock, epochBlocks, validators, seed, genesisTimeMs } = DEFAULT_DEVNET_PARAMETERS;
  return command
    .requiredOption("--store <dir>", "folder of the store")
    .addOption(countOption("--accounts <n>", "accounts to create and fund", accounts))
    .addOption(countOption("--transactions-per-block <n>", "transfers in each block", transactionsPerBlock))
    .addOption(countOption("--epoch-blocks <n>", "blocks in an epoch", epochBlocks))
    .addOption(countOption("--validators <n>", "validators of the first epoch", validators))
    .addOption(new Option("--seed <n>", "decides keys and transfers").argParser(u64Value).default(seed, String(seed)))
    .addOption(countOption("--genesis-time <ms>", "time of genesis, in milliseconds since 1970", genesisTimeMs))
    .addOption(profileOption("velor"));
}

function countOption(flags: string, description: string, fallback: number): Option {
  return new Option(flags, description).argParser(wholeNumber(0, MAX_COUNT)).default(fallback);
}

async function build(options: BuildOptions): Promise<Report> {
  const { ledger, ...built } = await buildChain(options);
  // The epoch of the next version, as `sync` and `inspect` report it.
  const { epochState } = await ledger.progress();
  await ledger.close();
  return {
    waypoint: formatWaypoint(built.waypoint),
    version: built.version,
    epoch: epochState?.epoch ?? built.epoch,
    stateRootHash: built.stateRootHash,
    accumulatorRootHash: built.accumulatorRootHash,
    seed: built.seed,
  };
}

async function buildChain(options: BuildOptions, signal?: AbortSignal): Promise<BuiltDevnet> {
  const { store, genesisTime, seed, accounts, blocks, transactionsPerBlock, epochBlocks, validators } = options;
  const context = createChainContext(profileOf(options), createNobleHasher());
  const progress = createProgress(BUILD_PROGRESS_FORMAT);
  let ledger: LedgerWriter | undefined;
  try {
    return await buildDevnet({
      context,
      signer: createNodeSigner(),
      ...{ seed, accounts, blocks, transactionsPerBlock, epochBlocks, validators, genesisTimeMs: genesisTime },
      ledger: async ({ waypoint }) => ledger = await createLedgerDirectory(store, { context, waypoint }),
      onProgress: (state) => progress.update(state.blocks, state.totalBlocks, { version: state.version.toString() }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    await ledger?.close();
    throw error;
  } finally {
    progress.stop();
  }
}

async function runLive(command: CommandContext, options: RunOptions): Promise<Report> {
  const settings = await serveSettings(options);
  const signal = operatorSignal();
  const { devnet, ledger } = await openChain(options, signal);
  try {
    await serveLive(command, { options, settings, devnet, ledger }, signal);
    const { committedVersion } = await ledger.progress();
    return { waypoint: formatWaypoint(devnet.waypoint), version: committedVersion, stopped: true };
  } finally {
    await ledger.close();
  }
}

interface LiveParts {
  readonly options: RunOptions;
  readonly settings: CompleteSettings;
  readonly devnet: Devnet;
  readonly ledger: LedgerWriter;
}

/** Serves the chain and makes it longer, until stopped. */
async function serveLive(
  { platform, log }: CommandContext,
  { options, settings, devnet, ledger }: LiveParts,
  signal: AbortSignal,
): Promise<void> {
  const commits = createStorageServiceChannel();
  const serving = await startServing({
    ...{ platform, reader: ledger, log, commits: commits.listener },
    context: createChainContext(profileOf(options), createNobleHasher()),
    ...servingOptionsOf(settings),
  });
  const { url, metricsUrl: metrics } = serving;
  log.info("serving", { url, metrics, waypoint: formatWaypoint(devnet.waypoint) });
  try {
    await runLiveChain(devnet, {
      clock: createWebClock(),
      blockMs: options.blockMs,
      notifications: commits.sender,
      onBlock: ({ number, firstVersion, count }) => log.debug("block", { number, firstVersion, count }),
    }, signal);
  } catch (error) {
    // The operator wanted nothing stopped: no signal came that another one could be the second of.
    await serving.close(settings.shutdownTimeoutMs);
    throw error;
  }
  await stopServing(serving, log, settings.shutdownTimeoutMs);
}

/** The chain of an existing store, or a new one. */
async function openChain(
  options: RunOptions,
  signal: AbortSignal,
): Promise<{ readonly devnet: Devnet; readonly ledger: LedgerWriter }> {
  const record = await readLedgerDirectory(options.store);
  if (record === undefined) return await buildChain(options, signal);
  const context = createChainContext(profileOf(options), createNobleHasher());
  const ledger = await openLedgerDirectoryWriter(options.store, { context, waypoint: record.waypoint });
  try {
    return { devnet: await continueDevnet({ context, signer: createNodeSigner() }, ledger), ledger };
  } catch (error) {
    await ledger.close();
    throw error;
  }
}
