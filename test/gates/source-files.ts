/**
 * Which files the gates look at: globs over the zones, never lists, so that a new module cannot escape.
 *
 * @module
 */

import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folders that hold source, in the order in which they may depend on each other. */
export const ZONES = ["core", "adapters", "worker", "test"] as const;

/** Folders whose global names are neither those of Node nor of Deno: checked by their own tsconfig alone. */
const OTHER_PLATFORMS = [
  "adapters/browser/",
  "adapters/cloudflare/",
  "test/adapters/cloudflare/",
  "test/browser/page/",
];

/** Every TypeScript file of some zones, relative to `root`, sorted; declaration files left out. */
export function sourceFiles(root: string, zones: readonly string[] = ZONES): string[] {
  return globSync(zones.map((zone) => `${zone}/**/*.ts`), { cwd: root, exclude: ["**/node_modules"] })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !file.endsWith(".d.ts"))
    .sort();
}

/** The files that Deno type-checks. */
export function denoFiles(root: string): string[] {
  return sourceFiles(root, ["core", "adapters", "test"])
    .filter((file) => !OTHER_PLATFORMS.some((folder) => file.startsWith(folder)));
}

/** The modules whose exports must be documented: everything that is not a test. */
export function documentedFiles(root: string): string[] {
  return sourceFiles(root, ["core", "adapters", "worker"]);
}

/**
 * The modules that have examples, as far as Deno can run them. Only those: Deno also runs the module itself, and a program
 * would start.
 */
export function exampleFiles(root: string): string[] {
  return denoFiles(root)
    .filter((file) => !file.startsWith("test/") && readFileSync(join(root, file), "utf8").includes("* ```ts"));
}

/** The tsconfig of every zone that has source: `core/tsconfig.json`, `adapters/cloudflare/tsconfig.json`, … */
export function tsconfigs(root: string): string[] {
  return globSync(ZONES.map((zone) => `${zone}/**/tsconfig.json`), { cwd: root, exclude: ["**/node_modules"] })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => sourceFiles(root, [file.slice(0, file.lastIndexOf("/"))]).length > 0)
    .sort();
}

/** The zones that are there already. */
export function presentZones(root: string): string[] {
  return ZONES.filter((zone) => existsSync(join(root, zone)));
}
