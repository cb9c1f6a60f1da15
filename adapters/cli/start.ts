/**
 * The demonstration behind `npm start`: builds a small chain, serves it, copies it over HTTP from its waypoint into a fresh
 * store, compares the roots, and then follows the live chain.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Command, CommanderError } from "commander";
import { equalBytes } from "../../core/bytes/bytes.ts";
import { type ChainContext, createChainContext } from "../../core/chain/hash.ts";
import { createNobleHasher } from "../../core/chain/noble-hasher.ts";
import { VELOR_PROFILE } from "../../core/chain/profile.ts";
import { SyncError } from "../../core/errors.ts";
import type { CommitNotifications } from "../../core/notifications/commit.ts";
import { createStorageServiceChannel } from "../../core/notifications/storage-service.ts";
import { formatWaypoint } from "../../core/trust/waypoint.ts";
import { buildDevnet, type BuiltDevnet } from "../devnet/ledger-builder.ts";
import { runLiveChain } from "../devnet/live-chain.ts";
import { createNodeSigner } from "../devnet/node-ed25519-signer.ts";
import { createLedgerDirectory, openLedgerDirectoryWriter } from "../sqlite/ledger-directory.ts";
import { createWebClock } from "../web/web-clock.ts";
import { failureReport, type Report, reportAsText } from "./output.ts";
import type { Platform } from "./platform.ts";
import { printable } from "./printable.ts";
import { createProgress } from "./progress.ts";
import { startServing } from "./serving.ts";
import { createStderrLog } from "./stderr-log.ts";
import { createHttpDriver, SYNC_PROGRESS_FORMAT, syncReport } from "./syncing.ts";
import { operatorSignal } from "./until-stopped.ts";

/** Small enough to build in a few seconds, large enough for several epochs and a validator set that changes. */
const CHAIN = { accounts: 500, blocks: 60, transactionsPerBlock: 20, epochBlocks: 20, validators: 4 };
const BLOCK_MS = 500;
const BUILD_PROGRESS_FORMAT = "build {bar} {percentage}% | block {value}/{total} | ETA {eta_formatted}";

interface StartOptions {
  readonly once: boolean;
  readonly signal: AbortSignal;
}

/**
 * Runs the demonstration.
 *
 * @param args What follows the program's name.
 * @returns The exit status: 0 done or stopped, 1 failed, 2 wrong usage.
 */
export async function runStart(args: readonly string[], platform: Platform): Promise<number> {
  const program = new Command("start")
    .description("Build a small local chain, serve it, copy and verify it over HTTP, then follow it live")
    .option("--once", "end after catching up instead of following the live chain")
    .allowExcessArguments(false)
    .showHelpAfterError()
    .exitOverride();
  try {
    program.parse([...args], { from: "user" });
    await demonstrate(platform, { once: program.opts<{ once?: true }>().once === true, signal: operatorSignal() });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`error: ${printable(failureReport(error).error.message)}\n`);
    return 1;
  }
}

async function demonstrate(platform: Platform, options: StartOptions): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "velor-start-"));
  const context = createChainContext(VELOR_PROFILE, createNobleHasher());
  try {
    say(`Building a chain of ${CHAIN.blocks} blocks in ${directory}`);
    const built = await build(context, join(directory, "chain"));
    try {
      await serveAndSync(platform, { ...options, context, built, copy: join(directory, "copy") });
    } finally {
      await built.ledger.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function build(context: ChainContext, store: string): Promise<BuiltDevnet> {
  const progress = createProgress(BUILD_PROGRESS_FORMAT);
  try {
    return await buildDevnet({
      context,
      signer: createNodeSigner(),
      ...CHAIN,
      genesisTimeMs: Date.now() - CHAIN.blocks * 1_000,
      ledger: ({ waypoint }) => createLedgerDirectory(store, { context, waypoint }),
      onProgress: ({ blocks, totalBlocks }) => progress.update(blocks, totalBlocks),
    });
  } finally {
    progress.stop();
  }
}

interface SyncingParts extends StartOptions {
  readonly context: ChainContext;
  readonly built: BuiltDevnet;
  readonly copy: string;
}

async function serveAndSync(platform: Platform, parts: SyncingParts): Promise<void> {
  const { context, built, signal } = parts;
  const log = createStderrLog("warn");
  const address = { hostname: "127.0.0.1", port: 0 };
  const commits = createStorageServiceChannel();
  const listener = await startServing({
    ...{ platform, context, address, log },
    reader: built.ledger,
    commits: commits.listener,
  });
  const ledger = await openLedgerDirectoryWriter(parts.copy, { context, waypoint: built.waypoint });
  const progress = createProgress(SYNC_PROGRESS_FORMAT);
  try {
    say(`Serving it at ${listener.url}; copying it from there, trusting only ${formatWaypoint(built.waypoint)}`);
    const driver = createHttpDriver({
      ...{ context, ledger, log, progress },
      peers: [listener.url],
      waypoint: built.waypoint,
    });
    const report = await driver.run({ signal });
    progress.stop();
    assertSameRoots(built, report);
    say(`Every byte verified; the roots agree.\n\n${reportAsText(syncReport(report))}\n`);
    if (parts.once) return;
    say("Following the live chain, a block every half second. Stop with Ctrl-C.");
    await follow(parts, driver, commits.sender);
  } finally {
    progress.stop();
    await ledger.close();
    await listener.close();
  }
}

function assertSameRoots(
  built: BuiltDevnet,
  copy: { readonly stateRootHash?: Uint8Array; readonly accumulatorRootHash: Uint8Array },
): void {
  const { stateRootHash } = copy;
  const isSame = stateRootHash !== undefined && equalBytes(stateRootHash, built.stateRootHash) &&
    equalBytes(copy.accumulatorRootHash, built.accumulatorRootHash);
  if (!isSame) throw new SyncError("STORAGE_CORRUPT", "Cannot vouch for the copy: its roots differ from the chain's");
}

async function follow(
  { built, signal }: SyncingParts,
  driver: ReturnType<typeof createHttpDriver>,
  notifications: CommitNotifications,
): Promise<void> {
  const chain = runLiveChain(built.devnet, { clock: createWebClock(), blockMs: BLOCK_MS, notifications }, signal);
  try {
    await driver.run({ follow: true, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await chain;
  }
  const version = driver.status()?.version;
  const report: Report = { stopped: true, version };
  say(`\n${reportAsText(report)}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
