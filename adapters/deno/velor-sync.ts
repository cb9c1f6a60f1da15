/**
 * `velor-sync` on Deno.
 *
 * @module
 */
import process from "node:process";
import { runCli } from "../cli/cli.ts";
import { DENO_PLATFORM } from "./deno-platform.ts";

process.exitCode = await runCli(process.argv.slice(2), DENO_PLATFORM);
