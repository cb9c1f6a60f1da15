/**
 * `velor-sync serve`: the storage service over an existing store.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { openLedgerDirectory } from "../../sqlite/ledger-directory.ts";
import type { CommandContext, Runner } from "../command-runner.ts";
import { listenAddressValue } from "../option-values.ts";
import type { Report } from "../output.ts";
import type { ListenAddress } from "../platform.ts";
import { startServing } from "../serving.ts";
import { operatorSignal, untilAborted } from "../until-stopped.ts";

interface ServeOptions {
  readonly store: string;
  readonly listen: ListenAddress;
  readonly requestLog?: string;
}

/** Adds `serve` to the program. */
export function addServeCommand(program: Command, run: Runner): void {
  program.command("serve")
    .description("serve a store over HTTP; works while another process writes to it")
    .requiredOption("--store <dir>", "folder of the store")
    .addOption(
      new Option("--listen <host:port>", "where to listen; port 0 lets the system choose")
        .argParser(listenAddressValue).makeOptionMandatory(),
    )
    .option("--request-log <file>", "append a line for each request to this file")
    .action(run((context, options: ServeOptions) => serve(context, options)));
}

async function serve({ platform, log }: CommandContext, options: ServeOptions): Promise<Report> {
  const { reader, context } = await openLedgerDirectory(options.store);
  const signal = operatorSignal();
  try {
    const listener = await startServing({
      platform,
      reader,
      context,
      address: options.listen,
      log,
      ...(options.requestLog === undefined ? {} : { requestLogFile: options.requestLog }),
    });
    log.info("serving", { url: listener.url, store: options.store });
    await untilAborted(signal);
    await listener.close();
    return { url: listener.url, stopped: true };
  } finally {
    await reader.close();
  }
}
