#!/usr/bin/env node
/**
 * `velor-sync` on Node.
 *
 * @module
 */
import process from "node:process";
import { runCli } from "../cli/cli.ts";
import { NODE_PLATFORM } from "./node-platform.ts";

process.exitCode = await runCli(process.argv.slice(2), NODE_PLATFORM);
