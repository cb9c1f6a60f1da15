/**
 * Runs one command: hands it what it needs, prints what it reports.
 *
 * @module
 */
import process from "node:process";
import type { Command } from "commander";
import type { Log } from "../../core/ports/log.ts";
import { type Report, reportAsJson, reportAsText } from "./output.ts";
import type { Platform } from "./platform.ts";
import { createStderrLog, type LogLevel } from "./stderr-log.ts";

/** What every command is given besides its own operands and options. */
export interface CommandContext {
  readonly platform: Platform;
  readonly log: Log;
  /** Whether stdout is for a program. */
  readonly json: boolean;
}

/** Options that all commands have. */
interface GlobalOptions {
  readonly json?: true;
  readonly logLevel: LogLevel;
}

/**
 * One command: operands and options in, report out.
 *
 * @typeParam Operands Values of the operands, in order.
 * @typeParam Options Values of the command's own options, by camelCase name.
 */
type CommandAction<Operands extends unknown[], Options> = (
  context: CommandContext,
  options: Options,
  ...operands: Operands
) => Promise<Report>;

/** Makes commander's action handler of a command. */
export type Runner = <Operands extends unknown[], Options>(
  action: CommandAction<Operands, Options>,
) => (...parsed: unknown[]) => Promise<void>;

/** Creates the runner for one runtime. */
export function createRunner(platform: Platform): Runner {
  return <Operands extends unknown[], Options>(action: CommandAction<Operands, Options>) => async (...parsed) => {
    // Commander passes the operands, then the options, then the command itself.
    const command = parsed.at(-1) as Command;
    const operands = parsed.slice(0, -2) as Operands;
    const options = command.optsWithGlobals<Options & GlobalOptions>();
    const json = options.json === true;
    const report = await action({ platform, log: createStderrLog(options.logLevel), json }, options, ...operands);
    process.stdout.write(`${(json ? reportAsJson : reportAsText)(report)}\n`);
  };
}
