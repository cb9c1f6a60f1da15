/**
 * The command line `velor-sync`.
 *
 * Exit status: 0 done, 1 refused or failed, 2 wrong usage. With `--json` stdout gets exactly one JSON document, also for
 * an error; without, stdout gets the result as text and stderr the error. Logs and progress always go to stderr.
 *
 * @module
 */
import process from "node:process";
import { Command, CommanderError, Option } from "commander";
import { SyncError } from "../../core/errors.ts";
import { createRunner } from "./command-runner.ts";
import { addDevnetCommands } from "./commands/devnet.ts";
import { addGenesisCommands } from "./commands/genesis.ts";
import { addInspectCommand } from "./commands/inspect.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addSyncCommand } from "./commands/sync.ts";
import { addTrustCommands } from "./commands/trust.ts";
import { failureReport } from "./output.ts";
import type { Platform } from "./platform.ts";
import { printable } from "./printable.ts";
import { LOG_LEVELS } from "./stderr-log.ts";

const EXIT_DONE = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/**
 * Runs one command line.
 *
 * @param args What follows the program's name.
 * @returns The exit status; never throws.
 */
export async function runCli(args: readonly string[], platform: Platform): Promise<number> {
  const json = args.includes("--json");
  try {
    await createProgram(platform, json).parseAsync([...args], { from: "user" });
    return EXIT_DONE;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, json);
    const failure = failureReport(error);
    const { code, fault, message } = failure.error;
    if (json) process.stdout.write(`${JSON.stringify(failure)}\n`);
    else process.stderr.write(`error: ${printable(message)} (${code}, fault: ${fault})\n`);
    return EXIT_FAILED;
  }
}

function reportUsage(error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return EXIT_DONE; // --help
  const failure = new SyncError("INVALID_ARGUMENT", error.message.replace(/^error: /, ""));
  if (json) process.stdout.write(`${JSON.stringify(failureReport(failure))}\n`);
  return EXIT_USAGE;
}

function createProgram(platform: Platform, json: boolean): Command {
  const program = new Command("velor-sync")
    .description("Copy, verify and serve a ledger of the Velor family over plain HTTP(S)")
    .option("--json", "print one JSON document on stdout and nothing else")
    .addOption(new Option("--log-level <level>", "what to log on stderr").choices(LOG_LEVELS).default("info"))
    .showHelpAfterError("(add --help for what it takes)")
    .configureOutput(json ? { writeErr: () => {} } : {})
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  const runner = createRunner(platform);
  addGenesisCommands(program, runner);
  addTrustCommands(program, runner);
  addDevnetCommands(program, runner);
  addServeCommand(program, runner);
  addSyncCommand(program, runner);
  addInspectCommand(program, runner);
  return program;
}
