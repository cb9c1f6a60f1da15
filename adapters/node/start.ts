/**
 * The demonstration on Node.
 *
 * @module
 */
import process from "node:process";
import { runStart } from "../cli/start.ts";
import { NODE_PLATFORM } from "./node-platform.ts";

process.exitCode = await runStart(process.argv.slice(2), NODE_PLATFORM);
