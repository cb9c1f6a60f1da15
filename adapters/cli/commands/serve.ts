/**
 * `velor-sync serve`: the storage service over an existing store.
 *
 * @module
 */
import type { Command } from "commander";
import { openLedgerDirectory } from "../../sqlite/ledger-directory.ts";
import type { CommandContext, Runner } from "../command-runner.ts";
import type { Report } from "../output.ts";
import { addServeFlags, type ServeFlags, serveSettings, servingOptionsOf } from "../serve-options.ts";
import { startServing, stopServing } from "../serving.ts";
import { operatorSignal, untilAborted } from "../until-stopped.ts";

/** Adds `serve` to the program. */
export function addServeCommand(program: Command, run: Runner): void {
  const serving = program.command("serve")
    .description("serve a store over HTTP; works while another process writes to it")
    .optionsGroup("Serving:")
    .option("--store <dir>", "folder of the store");
  addServeFlags(serving).action(run((context, flags: ServeFlags) => serve(context, flags)));
}

async function serve({ platform, log }: CommandContext, flags: ServeFlags): Promise<Report> {
  const settings = await serveSettings(flags);
  const { reader, context } = await openLedgerDirectory(settings.store);
  const signal = operatorSignal();
  try {
    const serving = await startServing({ platform, reader, context, log, ...servingOptionsOf(settings) });
    const { url, metricsUrl: metrics } = serving;
    log.info("serving", { url, metrics, store: settings.store });
    await untilAborted(signal);
    return await stopServing(serving, log, settings.shutdownTimeoutMs);
  } finally {
    await reader.close();
  }
}
