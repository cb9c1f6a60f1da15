/**
 * The demonstration on Deno.
 *
 * @module
 */
import process from "node:process";
import { runStart } from "../cli/start.ts";
import { DENO_PLATFORM } from "./deno-platform.ts";

process.exitCode = await runStart(process.argv.slice(2), DENO_PLATFORM);
