/**
 * The command line's platform on Deno: `node:http` there too.
 *
 * `Deno.serve` takes a fifth more small requests a second, but nothing bounds how long a client may take for its headers, how
 * long it may keep an idle connection, how many connections there are, or how large headers are; a public server needs that.
 *
 * @module
 */
import type { Platform } from "../cli/platform.ts";
import { NODE_PLATFORM } from "../node/node-platform.ts";

/** The platform of Deno 2.9 and later. */
export const DENO_PLATFORM: Platform = NODE_PLATFORM;
